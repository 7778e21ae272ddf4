package cluster

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

func TestSilenceIsThatNothingIsHeard(t *testing.T) {
	t.Parallel()
	refused := errors.New("connection refused")
	// after gives the answer to a question once it has been waited for, unless whoever asks has given up.
	after := func(ctx context.Context, wait time.Duration, err error) error {
		select {
		case <-time.After(wait):
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for name, c := range map[string]struct {
		hello func(ctx context.Context, since time.Duration) error
		want  time.Duration // 0: it is never taken for silent
	}{
		"quick":                   {func(context.Context, time.Duration) error { return nil }, 0},
		"every answer takes 19 s": {func(ctx context.Context, _ time.Duration) error { return after(ctx, 19*time.Second, nil) }, 0},
		"refuses": {func(context.Context, time.Duration) error {
			return &channel.Refused{Status: http.StatusTooManyRequests}
		}, 0},
		"no handshake succeeds at first": {func(ctx context.Context, since time.Duration) error {
			if since < 25*time.Second {
				return after(ctx, 4*time.Second, refused)
			}
			return nil
		}, 0},
		"two of three fail": {func(ctx context.Context, since time.Duration) error {
			if int(since/time.Second)%3 != 0 {
				return after(ctx, 3*time.Second, refused)
			}
			return nil
		}, 0},
		"stopped":         {func(ctx context.Context, _ time.Duration) error { return after(ctx, time.Hour, nil) }, stallTime},
		"nobody is there": {func(context.Context, time.Duration) error { return refused }, stallTime},
		"stops after 45 s": {func(ctx context.Context, since time.Duration) error {
			if since < 45*time.Second {
				return nil
			}
			return after(ctx, time.Hour, nil)
		}, 40*time.Second + stallTime}, // it was heard every ten seconds
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				ctx, done := context.WithTimeout(t.Context(), 10*time.Minute)
				defer done()
				err := untilSilent(ctx, func(ctx context.Context) error { return c.hello(ctx, time.Since(begin)) })
				switch took := time.Since(begin); {
				case c.want == 0 && (!errors.Is(err, context.DeadlineExceeded) || took != 10*time.Minute):
					t.Errorf("after %v: %v", took, err)
				case c.want > 0 && (!errors.Is(err, errSilent) || took != c.want):
					t.Errorf("after %v: %v, want it after %v", took, err, c.want)
				}
			})
		})
	}
}

// piped is some POPs that are reached by pipes, in which time can pass as fast as it likes. They have a generation that nobody has committed
// to.
type piped struct {
	*Publisher
	pops map[string]*testPOP
	list *manifest.Signed
	stop func()
}

// beforePipes is what cannot be made where the time is another one.
func beforePipes(t *testing.T, names ...string) *piped {
	t.Helper()
	owner := roster.NewKey()
	members := &roster.Roster{Version: 1, Owner: owner.Public()}
	w := &piped{Publisher: &Publisher{Key: owner, Members: members}, pops: map[string]*testPOP{}}
	for i, name := range names {
		p := newTestPOP(t, name, owner.Public())
		p.listener.Close()
		w.pops[name] = p
		members.POPs = append(members.POPs, roster.POP{Name: name, Key: p.key.Public(), Addresses: []netip.AddrPort{netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), 443)}})
	}
	list, source := nextBy(t, owner, "owner", &manifest.Signed{}, map[string]string{"tinycdn.toml": "one"})
	w.list = list
	for _, p := range w.pops {
		p.has(t, list, source)
		if err := p.TakeRoster(members.Marshal(owner)); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// lay lays the pipes.
func (w *piped) lay(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	w.clients = map[string]*channel.Client{}
	for _, pop := range w.Members.POPs {
		p := w.pops[pop.Name]
		handler := p.Handler()
		if p.wrap != nil {
			handler = p.wrap(handler)
		}
		server, err := channel.NewServer(p.key, p.Known, handler)
		if err != nil {
			t.Fatal(err)
		}
		work.Go(func() { server.Serve(ctx) })
		w.clients[pop.Name] = channel.NewClientOver(func(context.Context, string) (net.Conn, error) {
			near, far := net.Pipe()
			work.Go(func() {
				if secure := tls.Server(far, server.Config()); secure.HandshakeContext(ctx) == nil {
					server.Take(secure)
				} else {
					far.Close()
				}
			})
			return near, nil
		}, w.Key, pop)
	}
	w.stop = func() { w.Close(); stop(); work.Wait() }
}

// slowly has a POP answer some paths only after a while.
func (p *testPOP) slowly(waits map[string]time.Duration) {
	p.wrap = func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body) // before that nobody sees that the other side has hung up
			r.Body = io.NopCloser(bytes.NewReader(body))
			select {
			case <-time.After(waits[r.URL.Path]):
				h.ServeHTTP(w, r)
			case <-r.Context().Done():
			}
		})
	}
}

// TestAPOPMayTakeItsTimeToLoad if it is heard from time to time: meanwhile the promises of the others are kept young.
func TestAPOPMayTakeItsTimeToLoad(t *testing.T) {
	t.Parallel()
	w := beforePipes(t, three...)
	w.pops["syd"].loading = func() { time.Sleep(10 * time.Minute) }
	w.pops["syd"].slowly(map[string]time.Duration{"/v1/hello": 19 * time.Second})
	w.pops["fra"].slowly(map[string]time.Duration{"/v1/prepare": 12 * time.Second})
	synctest.Test(t, func(t *testing.T) {
		w.lay(t)
		defer w.stop()
		begin, out := time.Now(), Outcome{Wrong: map[string]error{}}
		said, err := w.agree(t.Context(), w.list, nil, begin, &out)
		if err != nil || len(out.Wrong) > 0 {
			t.Fatalf("after %v: %v, %+v", time.Since(begin), err, out)
		}
		if w.announce(t.Context(), said, begin, &out); len(out.Live) != 3 || len(out.Wrong) > 0 {
			t.Errorf("%+v", out)
		}
		if took := time.Since(begin); took < 10*time.Minute || took > 11*time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}

// TestAPOPThatSaysNothingIsNotWaitedFor though it has taken the question.
func TestAPOPThatSaysNothingIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	for name, names := range map[string][]string{"one of three": three, "one of two": three[1:]} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := beforePipes(t, names...)
			w.pops["syd"].slowly(map[string]time.Duration{"/v1/hello": time.Hour, "/v1/prepare": time.Hour, "/v1/withdraw": time.Hour})
			synctest.Test(t, func(t *testing.T) {
				w.lay(t)
				defer w.stop()
				begin, out := time.Now(), Outcome{Wrong: map[string]error{}}
				_, err := w.agree(t.Context(), w.list, nil, begin, &out)
				if len(out.Wrong) != 1 || !errors.Is(out.Wrong["syd"], errSilent) {
					t.Errorf("%+v", out)
				}
				if took := time.Since(begin); len(names) == 3 && (err != nil || took != stallTime) || len(names) == 2 && (err != ErrNoMajority || took != stallTime+askTime) {
					t.Errorf("after %v: %v", took, err)
				}
			})
		})
	}
}

// TestAMajorityIsWaitedFor for longer than the others: without them nobody knows what is live.
func TestAMajorityIsWaitedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		waits map[string]time.Duration
		took  time.Duration
		wrong map[string]string
	}{
		"one is stopped":      {map[string]time.Duration{"syd": time.Hour}, askTime, map[string]string{"syd": "it does not answer within 10s"}},
		"all are busy":        {map[string]time.Duration{"nyc": 12 * time.Second, "fra": 14 * time.Second, "syd": 16 * time.Second}, 14 * time.Second, map[string]string{"syd": "it does not answer within 10s"}},
		"most are stopped":    {map[string]time.Duration{"fra": time.Hour, "syd": time.Hour}, stallTime, map[string]string{"fra": "it does not answer within 30s", "syd": "it does not answer within 30s"}},
		"none takes its time": {nil, 0, map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := beforePipes(t, three...)
			for name, wait := range c.waits {
				w.pops[name].slowly(map[string]time.Duration{"/v1/status": wait})
			}
			synctest.Test(t, func(t *testing.T) {
				w.lay(t)
				defer w.stop()
				begin := time.Now()
				found, wrong := w.Status(t.Context())
				took, said := time.Since(begin), map[string]string{}
				for name, err := range wrong {
					said[name] = err.Error()
				}
				if took != c.took || !reflect.DeepEqual(said, c.wrong) || len(found)+len(wrong) != 3 {
					t.Errorf("after %v: %q, want %q after %v", took, said, c.wrong, c.took)
				}
			})
		})
	}
}
