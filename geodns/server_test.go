package geodns

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"tinycdn/geodns/mmsg"
)

func udpAsks(t *testing.T, addr string, i int) {
	t.Helper()
	conn, err := net.Dial("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := conn.Write(query(i, 40)); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 100)
	n, err := conn.Read(got)
	if err != nil || string(got[:n]) != string(response(i, 40)) {
		t.Fatalf("%s: got %x, %v; want %x", addr, got[:n], err, response(i, 40))
	}
}

func TestEveryLocalAddressIsServedOnOnePort(t *testing.T) {
	t.Parallel()
	n := start(t, Config{Listen: []string{":0"}})
	addrs := n.Addrs()
	if len(addrs) != 2 || addrs[0].Port() != addrs[1].Port() || !addrs[0].Addr().Is4() || !addrs[1].Addr().Is6() {
		t.Fatalf("got %v, want an IPv4 and an IPv6 address with one port", addrs)
	}
	for i, host := range []string{"127.0.0.1", "127.0.0.2", "::1"} {
		addr := netip.AddrPortFrom(netip.MustParseAddr(host), addrs[0].Port()).String()
		udpAsks(t, addr, i)
		dial(t, addr).asks(i)
	}
}

func TestSeveralAddressesAreServed(t *testing.T) {
	t.Parallel()
	n := start(t, Config{Listen: []string{"127.0.0.1:0", "127.0.0.2:0", "[::1]:0"}})
	for i, addr := range n.Addrs() {
		udpAsks(t, addr.String(), i)
		dial(t, addr.String()).asks(i)
	}
}

func TestPortsAreFreeAgainAfterAFailedListen(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.5:0") // an address of its own: nobody takes its port meanwhile
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	if _, err := Listen(Config{Listen: []string{addr, "bad"}}, newEcho, slog.New(slog.DiscardHandler)); err == nil {
		t.Fatal("no error")
	}
	udpAsks(t, start(t, Config{Listen: []string{addr}}).addr, 1)
}

func TestStopIsPrompt(t *testing.T) {
	t.Parallel()
	n := start(t, Config{Listen: []string{"127.0.0.4:0"}}) // an address of its own: nobody takes its port afterwards
	idle, begun := dial(t, n.addr), dial(t, n.addr)
	idle.asks(1)
	begun.send([]byte{0})
	dialStuck(t, n.addr)
	began := time.Now()
	n.stop()
	if took := time.Since(began); took > stopGrace+patience/2 {
		t.Errorf("Serve returned after %v", took)
	}
	idle.expectEnd()
	begun.expectEnd()
	if _, err := net.Dial("tcp", n.addr); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("afterwards: got %v, want %v", err, syscall.ECONNREFUSED)
	}
}

// Not parallel: it counts the goroutines and the files of the whole process.
func TestNothingIsLeftBehind(t *testing.T) {
	start(t, Config{}).stop() // the first server has the runtime open files of its own
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	n := start(t, Config{Listen: []string{":0", "127.0.0.3:0"}})
	for i := range 20 {
		c := dial(t, n.Addrs()[i%2].String())
		c.asks(i)
		defer c.Close()
		udpAsks(t, n.Addrs()[2].String(), i)
	}
	n.stop()
	if got := openFiles(t) - 20; got != files { // the clients' own
		t.Errorf("got %d open files, want %d", got, files)
	}
	eventually(t, "the goroutines have ended", func() bool { return runtime.NumGoroutine() <= goroutines })
}

func openFiles(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(open)
}

// broken is a mmsg.Conn that fails so many times.
type broken struct {
	mmsg.Conn
	times int
	tries int
}

func (b *broken) Receive() ([]mmsg.Packet, error) {
	if b.tries++; b.tries > b.times {
		return nil, net.ErrClosed
	}
	return nil, syscall.ENOMEM
}

func (b *broken) LocalAddr() netip.AddrPort { return netip.AddrPort{} }

func TestFailingSocketIsTriedAgainForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &Server{log: slog.New(slog.DiscardHandler)}
		began := time.Now()
		s.serveUDP(&broken{times: 10_000}, &Loop{answer: echo{}})
		if took, since := time.Since(began), s.FailingSince(); took < time.Hour || !since.Equal(began) {
			t.Errorf("after %v it fails since %v, want since %v", took, since, began)
		}
		time.Sleep(pause + 1)
		if since := s.FailingSince(); !since.IsZero() {
			t.Errorf("it fails since %v, but all is well", since)
		}
		s.serveUDP(&broken{times: 1}, &Loop{answer: echo{}})
		if since := s.FailingSince(); time.Since(since) > time.Second {
			t.Errorf("it fails again since %v", since)
		}
	})
}
