package geodns

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"tinycdn/geodns/mmsg"
	"tinycdn/geoip/inet"
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

func TestListenErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	taken := start(t, Config{}).addr
	udpOnly, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udpOnly.Close()
	for listen, want := range map[string]string{
		"127.0.0.1":                  `listen on "127.0.0.1": not an address with a port; write "192.0.2.1:53", "[2001:db8::1]:53" or ":53"`,
		"localhost:53":               `listen on "localhost:53": not an address with a port`,
		":dns":                       `listen on ":dns": not an address with a port`,
		taken:                        "listen on " + taken + ": address already in use (is another nameserver running",
		udpOnly.LocalAddr().String(): "address already in use (is another nameserver running",
		"192.0.2.1:0":                "listen on 192.0.2.1:0: cannot assign requested address (this machine does not have it",
	} {
		_, err := Listen(Config{Listen: []string{"127.0.0.1:0", listen}}, newEcho, slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", listen, err, want)
		}
	}
	denied := inet.BindError(os.NewSyscallError("bind", syscall.EACCES), "nameserver").Error()
	if want := "setcap cap_net_bind_service"; !strings.Contains(denied, want) {
		t.Errorf("got %s, want %s in it", denied, want)
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
	if err := n.stop(); err != nil {
		t.Error(err)
	}
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
	if err := start(t, Config{}).stop(); err != nil { // the first server has the runtime open files of its own
		t.Fatal(err)
	}
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	n := start(t, Config{Listen: []string{":0", "127.0.0.3:0"}})
	for i := range 20 {
		c := dial(t, n.Addrs()[i%2].String())
		c.asks(i)
		defer c.Close()
		udpAsks(t, n.Addrs()[2].String(), i)
	}
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
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

func TestFailingSocketIsTriedAgainButNotForEver(t *testing.T) {
	t.Parallel()
	for times, want := range map[int]error{3: nil, 1000: syscall.ENOMEM} {
		synctest.Test(t, func(t *testing.T) {
			s := &Server{log: slog.New(slog.DiscardHandler)}
			conn := &broken{times: times}
			began := time.Now()
			if err := s.serveUDP(conn, &Loop{answer: echo}); !errors.Is(err, want) {
				t.Errorf("%d failures: got %v, want %v", times, err, want)
			}
			if took := time.Since(began); want != nil && took < 5*time.Second {
				t.Errorf("gave up after %v", took)
			}
		})
	}
}
