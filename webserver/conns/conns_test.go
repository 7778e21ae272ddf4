package conns

import (
	"bufio"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestIdlestConnectionMakesWay(t *testing.T) {
	t.Parallel()
	g := New(Config{Clients: 3})
	addr := serve(t, g, sayAddress)
	a, b := visit(t, addr, "127.0.0.1"), visit(t, addr, "127.0.0.2")
	a.mustBeServed()
	b.mustBeServed()
	waitFor(t, "both to be idle", func() bool { return g.Counts().Idle == 2 })
	silent := visit(t, addr, "127.0.0.3")
	waitFor(t, "the third to be in", func() bool { return g.Counts().Open == 3 })
	a.mustBeServed()
	waitFor(t, "all to be idle", func() bool { return g.Counts().Idle == 3 })

	visit(t, addr, "127.0.0.4").mustBeServed()
	b.mustBeClosed()
	waitFor(t, "all to be idle", func() bool { return g.Counts().Idle == 3 })
	visit(t, addr, "127.0.0.5").mustBeServed()
	silent.mustBeClosed()
	a.mustBeServed()
	if got := g.Counts(); got.Shed != 2 || got.Refused != 0 || got.Admitted != 5 || got.Open != 3 {
		t.Errorf("got %+v", got)
	}
}

func TestAddressWithTooManyConnectionsLosesItsOwn(t *testing.T) {
	t.Parallel()
	g := New(Config{PerAddress: 2})
	addr := serve(t, g, sayAddress)
	other := visit(t, addr, "127.0.0.2")
	other.mustBeServed()
	first := visit(t, addr, "127.0.0.1")
	first.mustBeServed()
	for range 2 {
		waitFor(t, "all to be idle", func() bool { c := g.Counts(); return c.Idle == c.Open })
		visit(t, addr, "127.0.0.1").mustBeServed()
	}
	first.mustBeClosed()
	other.mustBeServed()
}

func TestBusyConnectionsKeepTheirPlaces(t *testing.T) {
	t.Parallel()
	release := make(chan bool)
	g := New(Config{Clients: 2})
	addr := serve(t, g, func(w http.ResponseWriter, r *http.Request) { <-release; sayAddress(w, r) })
	answers := make(chan string, 2)
	for _, from := range []string{"127.0.0.1", "127.0.0.2"} {
		v := visit(t, addr, from)
		go func() { _, body := v.asks(""); answers <- body }()
	}
	waitFor(t, "both to be busy", func() bool { c := g.Counts(); return c.Open == 2 && c.Idle == 0 })
	if c, err := dial(addr, "127.0.0.3"); err == nil { // it may be reset sooner than it is open
		(&client{t, c, bufio.NewReader(c)}).mustBeClosed()
		c.Close()
	}
	close(release)
	for range 2 {
		if body := <-answers; body == "" {
			t.Error("a busy connection was closed")
		}
	}
	if got := g.Counts(); got.Refused != 1 || got.Shed != 0 {
		t.Errorf("got %+v, want one refused and none shed", got)
	}
}

func TestBusyIsAConnectionWithStreams(t *testing.T) {
	t.Parallel()
	release := make(chan bool)
	g := New(Config{Clients: 1})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-release }))
	server.Listener = g.Listener(server.Listener)
	server.Config.ConnState = g.ConnState
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	protocols := make(chan string, 2)
	for range cap(protocols) {
		go func() {
			response, err := server.Client().Get(server.URL)
			if err != nil {
				protocols <- err.Error()
				return
			}
			response.Body.Close()
			protocols <- response.Proto
		}()
		waitFor(t, "it to be busy", func() bool { c := g.Counts(); return c.Open == 1 && c.Idle == 0 })
	}
	if g.Admit(netip.MustParseAddr("192.0.2.1"), nil) != nil {
		t.Error("a busy connection lost its place")
	}
	for range cap(protocols) {
		release <- true
		if got := <-protocols; got != "HTTP/2.0" {
			t.Errorf("got %s", got)
		}
	}
	waitFor(t, "it to be idle", func() bool { return g.Counts().Idle == 1 })
	if g.Admit(netip.MustParseAddr("192.0.2.1"), func() error { return nil }) == nil {
		t.Error("an idle connection kept its place")
	}
}

func TestGuestsOfOtherDoorsShareThePlaces(t *testing.T) {
	t.Parallel()
	g := New(Config{Clients: 2})
	closed := ""
	entry := func(name, addr string) *Entry {
		return g.Admit(netip.MustParseAddr(addr), func() error { closed += name; return nil })
	}
	a, b := entry("a", "2001:db8::1"), entry("b", "2001:db8::2")
	a.Begin()
	a.Begin()
	a.End()
	c := entry("c", "2001:db8::3")
	if c == nil || closed != "b" {
		t.Fatalf("closed %q, want b, which has no request", closed)
	}
	c.Begin()
	if entry("d", "2001:db8::4") != nil {
		t.Error("a third entry has a place beside two that are busy")
	}
	a.End()
	if entry("e", "2001:db8::5") == nil || closed != "ba" {
		t.Errorf("closed %q, want ba", closed)
	}
	for _, left := range []*Entry{a, b, c, c} {
		left.Leave()
	}
	if got, want := g.Counts(), (Counts{Open: 1, Idle: 1, Admitted: 4, Shed: 2, Refused: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAddressesAreCountedBySubscriber(t *testing.T) {
	t.Parallel()
	g := New(Config{PerAddress: 1, Trusted: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	for _, from := range []struct {
		addr string
		ok   bool
	}{
		{"2001:db8::1", true}, {"2001:db8::ffff:0:1", false}, {"2001:db8:0:1::1", true},
		{"198.51.100.1", true}, {"198.51.100.2", true}, {"198.51.100.1", false},
		{"192.0.2.1", true}, {"192.0.2.1", true},
		{"::ffff:198.51.100.3", true}, {"::ffff:198.51.100.2", false}, {"::ffff:192.0.2.1", true}, // as sockets for both families say it
	} {
		entry := g.Admit(netip.MustParseAddr(from.addr), func() error { return nil })
		if (entry != nil) != from.ok {
			t.Errorf("%s: admitted %v, want %v", from.addr, entry != nil, from.ok)
		}
		if entry != nil {
			entry.Begin() // so that it cannot be shed
		}
	}
	if len(g.buckets) != 5 {
		t.Errorf("%d buckets, want 5: %v", len(g.buckets), g.buckets)
	}
}

func TestBooksAreEmptyWhenAllHaveLeft(t *testing.T) {
	t.Parallel()
	g := New(Config{Clients: 1, PerAddress: 1})
	for _, addr := range []string{"192.0.2.1", "192.0.2.1", "192.0.2.2", "2001:db8::1"} {
		entry := g.Admit(netip.MustParseAddr(addr), func() error { return nil })
		entry.Begin()
		if g.Admit(netip.MustParseAddr("198.51.100.9"), nil) != nil {
			t.Fatal("a busy entry was shed")
		}
		entry.End()
	}
	g.shedIdlest()
	if c := g.Counts(); c.Open != 0 || c.Idle != 0 || len(g.buckets) != 0 {
		t.Errorf("%+v and buckets %v remain", c, g.buckets)
	}
	g.shedIdlest() // of nobody
}

// failing is a listener without descriptors for a while.
type failing struct {
	net.Listener
	errors chan error
}

func (l failing) Accept() (net.Conn, error) {
	err, more := <-l.errors
	if !more {
		return nil, net.ErrClosed
	}
	return nil, err
}
func (l failing) Addr() net.Addr { return &net.TCPAddr{} }

func TestFailuresToAcceptEndNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var text strings.Builder
		g := New(Config{Log: slog.New(slog.NewTextHandler(&text, nil))})
		shed := 0
		for range 3 {
			g.Admit(netip.MustParseAddr("192.0.2.1"), func() error { shed++; return nil })
		}
		l := failing{errors: make(chan error, 40)}
		for range cap(l.errors) {
			l.errors <- &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
		}
		close(l.errors)
		began := time.Now()
		if _, err := g.Listener(l).Accept(); err != net.ErrClosed {
			t.Errorf("got %v, want the end of the listener", err)
		}
		if took := time.Since(began); took < 20*time.Second || took > 40*time.Second {
			t.Errorf("40 failures took %v, want about one second each", took)
		}
		if shed != 3 {
			t.Errorf("%d connections gave their descriptors back, want 3", shed)
		}
		if lines := strings.Count(text.String(), "\n"); lines != 1 {
			t.Errorf("want one line in the log, got %q", text.String())
		}
	})
}
