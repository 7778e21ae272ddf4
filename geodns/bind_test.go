package geodns

import (
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"tinycdn/geoip/inet"
	"tinycdn/zones/diag/diagtest"
)

// taken is an address at which nobody else can listen until it is closed, over TCP or over UDP.
func taken(t *testing.T, network string) (address string, taker io.Closer) {
	t.Helper()
	if network == "udp" {
		conn, err := net.ListenPacket("udp", "127.0.0.7:0")
		if err != nil {
			t.Fatal(err)
		}
		return conn.LocalAddr().String(), conn
	}
	l, err := net.Listen("tcp", "127.0.0.7:0")
	if err != nil {
		t.Fatal(err)
	}
	return l.Addr().String(), l
}

func TestListenErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	overTCP, tcp := taken(t, "tcp")
	defer tcp.Close()
	overUDP, udp := taken(t, "udp")
	defer udp.Close()
	for listen, want := range map[string]string{
		"127.0.0.1":            `listen on "127.0.0.1": not an address with a port; write "192.0.2.1:53", "[2001:db8::1]:53" or ":53"`,
		"localhost:53":         `listen on "localhost:53": not an address with a port`,
		":dns":                 `listen on ":dns": not an address with a port`,
		overTCP:                "listen on " + overTCP + ": address already in use (is another nameserver running",
		overUDP:                "listen on " + overUDP + ": address already in use (is another nameserver running",
		"[fe80::1%no-such]:53": "listen on [fe80::1%no-such]:53: invalid argument (is the interface there?",
	} {
		_, err := Listen(Config{Listen: []string{listen}}, newEcho, slog.New(slog.DiscardHandler))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", listen, err, want)
		}
	}
	denied := inet.BindError(os.NewSyscallError("bind", syscall.EACCES), "nameserver").Error()
	if want := "setcap cap_net_bind_service"; !strings.Contains(denied, want) {
		t.Errorf("got %s, want %s in it", denied, want)
	}
}

func TestAddressThatIsTakenIsTriedAgain(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"tcp", "udp"} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			address, taker := taken(t, network)
			log := new(diagtest.Log)
			n := startLogged(t, Config{Listen: []string{"127.0.0.1:0", address}}, log)
			udpAsks(t, n.addr, 1)
			if want := "level=WARN msg=\"listen on " + address + ": address already in use"; !strings.Contains(log.String(), want) {
				t.Errorf("%s is not in the log:\n%s", want, log.String())
			}
			select {
			case <-n.AllBound():
				t.Error("all is bound, it says")
			default:
			}
			taker.Close()
			<-n.AllBound()
			udpAsks(t, address, 2)
			dial(t, address).asks(3)
			if want := "msg=\"listening at last\" address=" + address; !strings.Contains(log.String(), want) {
				t.Errorf("%s is not in the log:\n%s", want, log.String())
			}
			if got := len(n.Addrs()); got != 2 {
				t.Errorf("got %d addresses, want 2", got)
			}
		})
	}
}

// An address that is nobody's here may be somebody's later. Where the system does not allow to bind it before, it is tried
// again.
func TestAddressThatIsAwayKeepsNothingFromStarting(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"203.0.113.77", "2001:db8:ffff::77"} {
		log := new(diagtest.Log)
		n := startLogged(t, Config{Listen: []string{"127.0.0.1:0", net.JoinHostPort(address, "0")}}, log)
		udpAsks(t, n.addr, 1)
		if !strings.Contains(log.String(), address) || !strings.Contains(log.String(), "this machine does not have") {
			t.Errorf("%s is not in the log:\n%s", address, log.String())
		}
		if got := len(n.Addrs()); runtime.GOOS == "linux" && got != 2 {
			t.Errorf("%s: got %d addresses, want 2", address, got)
		}
	}
}

// Each link-local address of this machine is answered on, also at the sockets of all addresses; and one that may come later
// is bound.
func TestLinkLocalAddressesHaveAZone(t *testing.T) {
	t.Parallel()
	interfaces, err := net.Interfaces()
	if err != nil || len(interfaces) == 0 {
		t.Fatal(interfaces, err)
	}
	away := netip.MustParseAddr("fe80::77").WithZone(interfaces[0].Name)
	n, err := Listen(patient(Config{Listen: []string{"127.0.0.1:0", netip.AddrPortFrom(away, 0).String()}}), newEcho, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if runtime.GOOS == "linux" && n.Addrs()[1].Addr() != away {
		t.Errorf("got %v, want %v", n.Addrs(), away)
	}
	for _, i := range interfaces {
		addrs, err := i.Addrs()
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range addrs {
			prefix, err := netip.ParsePrefix(a.String())
			if err != nil || !prefix.Addr().Is6() || !prefix.Addr().IsLinkLocalUnicast() {
				continue
			}
			address := prefix.Addr().WithZone(i.Name)
			one := start(t, Config{Listen: []string{netip.AddrPortFrom(address, 0).String()}})
			udpAsks(t, one.addr, 1)
			dial(t, one.addr).asks(2)
			all := start(t, Config{Listen: []string{"[::]:0"}}).Addrs()[0].Port()
			udpAsks(t, netip.AddrPortFrom(address, all).String(), 3)
		}
	}
}
