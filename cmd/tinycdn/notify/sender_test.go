package notify

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// clock is one that goes on when somebody waits, and at no other time.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	waits []time.Duration
}

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) wait(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.waits = append(c.waits, d)
	return ctx.Err()
}

// webhook is a server whose answers a test gives.
type webhook struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
}

func newWebhook(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) *webhook {
	t.Helper()
	h := &webhook{}
	h.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h.mu.Lock()
		h.bodies = append(h.bodies, string(body))
		n := len(h.bodies)
		h.mu.Unlock()
		answer(n, w, r)
	}))
	h.Server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	t.Cleanup(h.Close)
	return h
}

func (h *webhook) got() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.bodies
}

func (h *webhook) target(t *testing.T) Target {
	t.Helper()
	target, err := Parse(h.URL + "/secret")
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// sender trusts the webhook, waits for nothing, and logs into said.
func (h *webhook) sender() (s *Sender, c *clock, said *strings.Builder) {
	c, said = &clock{now: time.Date(2026, 11, 29, 14, 0, 0, 0, time.UTC)}, &strings.Builder{}
	s = &Sender{Log: slog.New(slog.NewTextHandler(said, nil)), Wait: c.wait, Now: c.time, client: newClient()}
	s.client.Transport.(*http.Transport).TLSClientConfig = h.Client().Transport.(*http.Transport).TLSClientConfig
	return s, c, said
}

func TestAMessageIsTriedFiveTimesInTenMinutes(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(n int, w http.ResponseWriter, r *http.Request){
		"it answers 500 Internal Server Error": func(_ int, w http.ResponseWriter, _ *http.Request) { http.Error(w, "secret", 500) },
		"it answers 302 Found, and is not followed": func(_ int, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere-secret", http.StatusFound)
		},
		"EOF": func(int, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"nothing for 300ms": func(_ int, _ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			panic(http.ErrAbortHandler)
		},
		"server response headers exceeded": func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newWebhook(t, answer)
			s, c, said := h.sender()
			if strings.HasPrefix(name, "nothing") {
				s.client.Timeout = 300 * time.Millisecond
			}
			s.Send(t.Context(), Message{Title: "one"}, h.target(t))
			s.Close()
			if got := len(h.got()); got != 5 && s.client.Timeout == tryTime {
				t.Errorf("%d tries", got)
			}
			if got := fmt.Sprint(c.waits); got != "[10s 30s 2m0s 7m0s]" {
				t.Errorf("pauses of %s", got)
			}
			if got := s.Trouble(h.target(t)); !strings.Contains(got, name) || !strings.HasSuffix(got, "(1 lost)") {
				t.Errorf("status says %q", got)
			}
			if strings.Count(said.String(), "\n") != 1 || !strings.Contains(said.String(), "a webhook takes no messages") {
				t.Errorf("it is not told once:\n%s", said)
			}
			if strings.Contains(said.String()+s.Trouble(h.target(t)), "secret") {
				t.Errorf("a secret is told:\n%s%s", said, s.Trouble(h.target(t)))
			}
		})
	}
}

func TestMessagesArriveInTheirOrder(t *testing.T) {
	t.Parallel()
	h := newWebhook(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		if n <= 2 {
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	s, _, said := h.sender()
	target := h.target(t)
	s.Send(t.Context(), Message{Title: "down"}, target)
	s.Send(t.Context(), Message{Title: "up"}, target)
	s.Close()
	if got := fmt.Sprintf("%q", h.got()); got != `["down\n" "down\n" "down\n" "up\n"]` {
		t.Errorf("got %s", got)
	}
	if s.Trouble(h.target(t)) != "" || !strings.Contains(said.String(), "a webhook takes messages again") {
		t.Errorf("%q\n%s", s.Trouble(h.target(t)), said)
	}
}

// The next message goes out as the settings have it by then.
func TestAWebhookIsWrittenForAsItIsByNow(t *testing.T) {
	t.Parallel()
	h := newWebhook(t, func(int, http.ResponseWriter, *http.Request) {})
	s, _, _ := h.sender()
	for _, format := range []string{"plain+", "slack+"} {
		target, err := Parse(format + h.URL)
		if err != nil {
			t.Fatal(err)
		}
		s.Send(t.Context(), Message{Title: "one"}, target)
		s.Close()
	}
	if got := fmt.Sprintf("%q", h.got()); got != `["one\n" "{\"text\":\"one\\n\"}"]` {
		t.Errorf("got %s", got)
	}
}

// What waits behind messages that nobody takes is bounded in number and in time.
func TestAWebhookThatIsGoneCostsNoMoreThanThat(t *testing.T) {
	t.Parallel()
	dead := newWebhook(t, func(int, http.ResponseWriter, *http.Request) {})
	target := dead.target(t)
	dead.Close()
	well := newWebhook(t, func(int, http.ResponseWriter, *http.Request) {})
	s, c, _ := well.sender()
	for i := range 3 * mostWaiting {
		s.Send(t.Context(), Message{Title: fmt.Sprint(i)}, target, well.target(t))
	}
	s.Close()
	if got := s.Trouble(target, well.target(t), target); !strings.HasSuffix(got, fmt.Sprintf("(%d lost)", 3*mostWaiting)) || strings.Contains(got, ";") {
		t.Error(got)
	}
	if got := s.Trouble(well.target(t)); got != "" {
		t.Errorf("a webhook that nobody wants any more is told of: %s", got)
	}
	if spent := c.time().Sub(time.Date(2026, 11, 29, 14, 0, 0, 0, time.UTC)); spent > 2*mostTime {
		t.Errorf("after %v it is still tried to send what was old then", spent)
	}
	if got := well.got(); len(got) == 0 || got[0] != "0\n" {
		t.Errorf("another one's messages: %q", got)
	}
}

func TestABodyThatNeverEndsHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	h := newWebhook(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			fmt.Fprint(w, "x")
			w.(http.Flusher).Flush()
			select {
			case <-time.After(10 * time.Millisecond):
			case <-r.Context().Done():
			}
		}
	})
	s, c, _ := h.sender()
	s.client.Timeout = 100 * time.Millisecond
	s.Send(t.Context(), Message{Title: "one"}, h.target(t))
	s.Close()
	if s.Trouble(h.target(t)) != "" || len(c.waits) > 0 || len(h.got()) != 1 {
		t.Errorf("%q, %v, %d tries", s.Trouble(h.target(t)), c.waits, len(h.got()))
	}
}

func TestTheEndWaitsForNoWebhook(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	h := newWebhook(t, func(_ int, _ http.ResponseWriter, r *http.Request) {
		stop()
		<-r.Context().Done()
	})
	s, _, said := h.sender()
	s.Send(ctx, Message{Title: "one"}, h.target(t))
	s.Send(ctx, Message{Title: "two"}, h.target(t))
	s.Close()
	if said.Len() > 0 {
		t.Errorf("that it ends is told as a fault:\n%s", said)
	}
}
