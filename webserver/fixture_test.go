package webserver

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tinycdn/webserver/page"
)

// scripted is a site whose answers are a function of all of a request.
type scripted struct {
	answer func(r *http.Request) page.Answer
	errors map[int]*page.Page
	health error
}

func (s *scripted) Answer(q *page.Request) page.Answer {
	if q.HTTP == nil {
		return page.Answer{}
	}
	return s.answer(q.HTTP)
}
func (s *scripted) Error(status int) *page.Page { return s.errors[status] }
func (s *scripted) Health() error               { return s.health }

// always is a site that has one page, whatever is asked.
func always(p *page.Page) *scripted {
	return &scripted{answer: func(*http.Request) page.Answer { return page.Ready(p) }}
}

// whole serves a site on every host.
func whole(site Site) VirtualHost {
	return VirtualHost{Name: "site", Hosts: []string{"*"}, Parts: only(site)}
}

// only is a site that is one for all its paths.
func only(site Site) []Part { return []Part{{Name: "site", Pattern: rest, Site: site}} }

// newServer makes a server that listens nowhere.
func newServer(t testing.TB, c Config, sites ...VirtualHost) *Server {
	t.Helper()
	s := Listen(c, nil, slog.New(slog.DiscardHandler))
	t.Cleanup(s.Close)
	s.Publish(sites)
	return s
}

// request makes one as it comes from the network: "GET /path", with the lines of its header.
func request(line string, header ...string) *http.Request {
	method, target, _ := strings.Cut(line, " ")
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr = "192.0.2.7:1234"
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Add(name, value)
	}
	return r
}

// ask sends a request straight to the server.
func (s *Server) ask(r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

// text is a page of so many bytes that no coding was made of yet.
func text(size int) *page.Page {
	random := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("<!doctype html>\n")
	for b.Len() < size {
		fmt.Fprintf(&b, "<p>%s %x</p>\n", []string{"point", "of", "presence"}[random.IntN(3)], random.IntN(1<<16))
	}
	return page.New(page.Response{
		Status:   http.StatusOK,
		Header:   []page.Field{{Name: "Content-Type", Value: "text/html; charset=utf-8"}, {Name: "Cache-Control", Value: "public, max-age=60"}},
		Modified: lastTuesday,
		Body:     []byte(b.String()[:size]),
	})
}

var (
	lastTuesday = time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)
	loopback    = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
)

// sink is a response writer that costs next to nothing.
type sink struct {
	header http.Header
	status int
	sent   int
}

func newSink() *sink { return &sink{header: make(http.Header, 32)} }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(b []byte) (int, error) { s.sent += len(b); return len(b), nil }

// running runs something in the background until the test ends.
func running(t testing.TB, run func(context.Context)) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-done
	})
}

// patience is how long a test waits for what must happen. Nothing waits so long unless it fails.
const patience = time.Minute

// until waits for what must come true.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
	}
}
