package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
)

// ordering is a host's side of certificates.
type ordering struct {
	mu      sync.Mutex
	version Version
	bundle  string
	shown   map[string][]Proof // by POP
	numbers map[string]uint64  // the same
	token   string
}

func (o *ordering) host(p *testPOP) {
	o.shown, o.numbers = map[string][]Proof{}, map[string]uint64{}
	o.bundle = "none"
	p.host.Orders = Orders{
		Version: func() (Version, bool) {
			o.mu.Lock()
			defer o.mu.Unlock()
			return o.version, true
		},
		Bundle: func() []byte {
			o.mu.Lock()
			defer o.mu.Unlock()
			return fmt.Appendf(nil, "%d %s", o.version.Counter, o.bundle)
		},
		Take: func(text []byte) {
			o.mu.Lock()
			defer o.mu.Unlock()
			fmt.Sscan(string(text), &o.version.Counter, &o.bundle)
		},
		Show: func(by string, n uint64, list []Proof) error {
			o.mu.Lock()
			defer o.mu.Unlock()
			if n >= o.numbers[by] { // else it was overtaken
				o.shown[by], o.numbers[by] = list, n
			}
			return nil
		},
		Token: func(token string) string {
			o.mu.Lock()
			defer o.mu.Unlock()
			known, text, _ := strings.Cut(o.token, "=")
			if known != token {
				return ""
			}
			return text
		},
	}
	p.host.Report = func() Report {
		o.mu.Lock()
		defer o.mu.Unlock()
		return Report{Orders: &OrdersReport{Bundle: o.version}}
	}
}

func (o *ordering) has(bundle string) func() bool {
	return func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		return o.bundle == bundle
	}
}

func (o *ordering) shows(by string, values ...string) func() bool {
	return func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		var have []string
		for _, one := range o.shown[by] {
			have = append(have, one.Value)
		}
		return slices.Equal(have, values)
	}
}

// orderers are POPs that order together.
func orderers(t *testing.T, names ...string) (c *testCluster, hosts map[string]*ordering, cut *atomic.Pointer[string]) {
	t.Helper()
	hosts, cut = map[string]*ordering{}, new(atomic.Pointer[string])
	cut.Store(new(string))
	c = newClusterOf(t, func(p *testPOP) {
		hosts[p.name] = &ordering{}
		hosts[p.name].host(p)
		p.wrap = func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if p.name == *cut.Load() {
					panic(http.ErrAbortHandler)
				}
				h.ServeHTTP(w, r)
			})
		}
	}, names...)
	return c, hosts, cut
}

func TestWhatIsKnownOfCertificatesIsEverywhere(t *testing.T) {
	t.Parallel()
	c, hosts, _ := orderers(t, "nyc", "fra", "syd")
	learn := func(version uint64, bundle string) {
		o := hosts["nyc"]
		o.mu.Lock()
		o.version.Counter, o.bundle = version, bundle
		o.mu.Unlock()
		c.pops[0].SayAtOnce()
	}
	syd := c.pops[2]
	learn(1, "one")
	for _, name := range []string{"fra", "syd"} {
		await(t, name+" has it", hosts[name].has("one"))
	}
	syd.stop()
	learn(2, "two")
	await(t, "fra has the next", hosts["fra"].has("two"))
	c.pops[0].stop() // and who has ordered it is gone when syd returns
	var err error
	if syd.listener, err = net.Listen("tcp", syd.listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	syd.run(t)
	await(t, "syd has asked another for it", hosts["syd"].has("two"))
}

// lines are those of a log.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), what)
}

// More certificates than POPs tell each other are told of in the log, once: else the one would have them, and the others nothing new.
func TestTooManyCertificatesAreTold(t *testing.T) {
	t.Parallel()
	log, o := new(lines), map[string]*ordering{}
	c := newClusterOf(t, func(p *testPOP) {
		o[p.name] = new(ordering)
		o[p.name].host(p)
		if p.name == "fra" {
			p.Member.log = slog.New(slog.NewTextHandler(log, nil))
		}
	}, "nyc", "fra")
	for i, size := range []int{maxBundle, maxBundle, 10} {
		o["nyc"].mu.Lock()
		o["nyc"].version.Counter, o["nyc"].bundle = uint64(i+1), strings.Repeat("x", size)
		o["nyc"].mu.Unlock()
		c.pops[0].SayAtOnce()
		if size == maxBundle {
			await(t, "fra tells of it", func() bool { return log.count("what another POP knows of certificates is not taken over") > 0 })
		}
	}
	await(t, "fra takes what is smaller", o["fra"].has(strings.Repeat("x", 10)))
	if n := log.count("is not taken over"); n != 1 || log.count("room for a thousand certificates") != 1 {
		t.Errorf("it is told %d times: %s", n, log.text.String())
	}
}

// Keys are in it: neither a publisher nor its owner gets it, nor may they say what nameservers show.
func TestOnlyPOPsHearOfOrders(t *testing.T) {
	t.Parallel()
	c, _, _ := orderers(t, "nyc")
	client := channel.NewClient(c.owner, c.members.POPs[0])
	defer client.Close()
	for path, question := range map[string]any{"/v1/acme": Version{}, "/v1/challenge": proofs{}, "/v1/token": "token"} {
		var refused *channel.Refused
		if err := client.Call(t.Context(), path, question, nil); !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestProofsAreShownEverywhere(t *testing.T) {
	t.Parallel()
	c, hosts, cut := orderers(t, "nyc", "fra", "syd")
	nyc := c.pops[0]
	list := []Proof{{"_acme-challenge.example.org", "a"}}
	cut.Store(new("syd"))
	nyc.ShowProofs(list)
	await(t, "fra shows it", hosts["fra"].shows("nyc", "a"))
	nyc.ShowProofs(append(list, Proof{"_acme-challenge.example.org", "b"}))
	await(t, "fra shows both, and does not wait for syd", hosts["fra"].shows("nyc", "a", "b"))
	cut.Store(new(string))
	await(t, "syd shows them once it is back", hosts["syd"].shows("nyc", "a", "b"))

	fra := c.pops[1] // is started anew, and has forgotten them
	fra.stop()
	var err error
	if fra.listener, err = net.Listen("tcp", fra.listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	hosts["fra"].mu.Lock()
	clear(hosts["fra"].shown)
	hosts["fra"].mu.Unlock()
	fra.Member.mu.Lock()
	fra.mine.Started = fra.mine.Started.Add(time.Second)
	fra.Member.mu.Unlock()
	fra.run(t)
	await(t, "fra shows them again", hosts["fra"].shows("nyc", "a", "b"))

	nyc.ShowProofs(nil)
	for _, name := range []string{"fra", "syd"} {
		await(t, name+" shows none", hosts[name].shows("nyc"))
	}
}

func TestTokensAreAskedOfTheOthers(t *testing.T) {
	t.Parallel()
	c, hosts, cut := orderers(t, "nyc", "fra", "syd")
	hosts["nyc"].token = "token=proof"
	cut.Store(new("syd")) // who is away keeps nobody waiting
	ctx, done := context.WithTimeout(t.Context(), 10*time.Second)
	defer done()
	if got := c.pops[1].AskToken(ctx, "token"); got != "proof" {
		t.Errorf("got %q", got)
	}
	c.pops[1].stop()
	standIn := c.pops[1].standIn(t)
	defer standIn.listener.Close()
	if got := standIn.AskToken(ctx, "token"); got != "proof" {
		t.Errorf("who stands in is told %q", got)
	}
	hosts["nyc"].token = ""
	if got := c.pops[1].AskToken(ctx, "token"); got != "" {
		t.Errorf("got %q", got)
	}
}
