package conns

import (
	"fmt"
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
	if got := g.Counts(); got.Shed != 2 || got.Admitted != 5 || got.Open != 3 {
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
	for range cap(protocols) {
		release <- true
		if got := <-protocols; got != "HTTP/2.0" {
			t.Errorf("got %s", got)
		}
	}
	waitFor(t, "it to be idle", func() bool { return g.Counts().Idle == 1 })
}

func TestGuestsOfOtherDoorsShareThePlaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := New(Config{Clients: 2})
		closed := ""
		entry := func(name, addr string) *Entry {
			time.Sleep(time.Second)
			return g.Admit(netip.MustParseAddr(addr), func(busy bool) { closed += fmt.Sprint(name, " ", busy, ", ") }, nil)
		}
		a, b := entry("a", "2001:db8::1"), entry("b", "2001:db8::2")
		a.Begin()
		a.Begin()
		a.End()
		a.moved.Add(1000)
		c := entry("c", "2001:db8::3") // for b, which has no request
		c.Begin()
		d := entry("d", "2001:db8::4") // for c, whose request has moved nothing
		a.End()
		d.Begin()
		d.moved.Add(1000)
		entry("e", "2001:db8::5") // for a, which is idle again
		if want := "b false, c true, a false, "; closed != want {
			t.Errorf("closed %q, want %q", closed, want)
		}
		for _, left := range []*Entry{a, b, c, c} {
			left.Leave()
		}
		if got, want := g.Counts(), (Counts{Open: 2, Idle: 1, Admitted: 5, Shed: 3}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

func TestAddressesAreCountedBySubscriber(t *testing.T) {
	t.Parallel()
	g := New(Config{PerAddress: 1, Trusted: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	for _, from := range []struct {
		addr string
		room bool
	}{
		{"2001:db8::1", true}, {"2001:db8::ffff:0:1", false}, {"2001:db8:0:1::1", true},
		{"198.51.100.1", true}, {"198.51.100.2", true}, {"198.51.100.1", false},
		{"192.0.2.1", true}, {"192.0.2.1", true},
		{"::ffff:198.51.100.3", true}, {"::ffff:198.51.100.2", false}, {"::ffff:192.0.2.1", true}, // as sockets for both families say it
	} {
		before := g.Counts().Shed
		g.Admit(netip.MustParseAddr(from.addr), func(bool) {}, nil)
		if room := g.Counts().Shed == before; room != from.room {
			t.Errorf("%s: room for one more %v, want %v", from.addr, room, from.room)
		}
	}
	if len(g.buckets) != 5 {
		t.Errorf("%d buckets, want 5: %v", len(g.buckets), g.buckets)
	}
}

func TestBooksAreEmptyWhenAllHaveLeft(t *testing.T) {
	t.Parallel()
	g := New(Config{Clients: 1, PerAddress: 1})
	for i, addr := range []string{"192.0.2.1", "192.0.2.1", "192.0.2.2", "2001:db8::1"} {
		entry := g.Admit(netip.MustParseAddr(addr), func(bool) {}, nil)
		if i%2 == 0 {
			entry.Begin()
		}
	}
	g.shedOne()
	if c := g.Counts(); c.Open != 0 || c.Idle != 0 || len(g.buckets) != 0 {
		t.Errorf("%+v and buckets %v remain", c, g.buckets)
	}
	g.shedOne() // of nobody
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
			g.Admit(netip.MustParseAddr("192.0.2.1"), func(bool) { shed++ }, nil)
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
