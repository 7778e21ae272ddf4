package geodns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"

	"tinycdn/geodns/mmsg"
	"tinycdn/geoip/inet"
)

// portTries is how often a free port is asked of the kernel, which may be free for one protocol only.
const portTries = 20

// bind opens the sockets of one entry of Config.Listen.
func (s *Server) bind(listen string) error {
	addrs, err := parseListen(listen)
	if err != nil {
		return err
	}
	bothFamilies := len(addrs) > 1
	for i, addr := range addrs {
		if i > 0 { // with port 0 both families get the same one
			addr = netip.AddrPortFrom(addr.Addr(), s.Addrs()[len(s.tcp)-1].Port())
		}
		err := s.bindAddr(addr)
		if bothFamilies && addr.Addr().Is6() && lacksIPv6(err) {
			s.log.Info("no IPv6 on this machine", "listen", listen)
			continue
		}
		if err != nil {
			return fmt.Errorf("listen on %s: %w", listen, inet.BindError(err, "nameserver"))
		}
	}
	return nil
}

// parseListen gives the addresses that listen means, IPv4 first.
func parseListen(listen string) ([]netip.AddrPort, error) {
	if strings.HasPrefix(listen, ":") {
		v4, err := netip.ParseAddrPort("0.0.0.0" + listen)
		if err == nil {
			return []netip.AddrPort{v4, netip.AddrPortFrom(netip.IPv6Unspecified(), v4.Port())}, nil
		}
	}
	addr, err := netip.ParseAddrPort(listen)
	if err != nil {
		return nil, fmt.Errorf(`listen on %q: not an address with a port; write "192.0.2.1:53", "[2001:db8::1]:53" or ":53"`, listen)
	}
	return []netip.AddrPort{netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())}, nil
}

// bindAddr opens the listener and the UDP sockets of addr. The listener comes first: it cannot share its port, so
// it finds out a second server, beside which the UDP sockets would go unnoticed.
func (s *Server) bindAddr(addr netip.AddrPort) error {
	for try := 1; ; try++ {
		l, err := listenTCP(addr)
		if err != nil {
			return err
		}
		udp, err := mmsg.Listen(l.Addr().(*net.TCPAddr).AddrPort(), s.config.Loops)
		if err == nil {
			s.tcp = append(s.tcp, l)
			s.udp = append(s.udp, udp...)
			return nil
		}
		l.Close()
		if addr.Port() != 0 || try == portTries || !errors.Is(err, syscall.EADDRINUSE) {
			return err
		}
	}
}

func listenTCP(addr netip.AddrPort) (*net.TCPListener, error) {
	network := "tcp4"
	if addr.Addr().Is6() {
		network = "tcp6" // takes no IPv4
	}
	config := net.ListenConfig{
		KeepAlive: -1, // none: IdleTime ends what is dead
		Control:   setNotSentLowat,
	}
	config.SetMultipathTCP(false) // nothing here gains by it, and its connections inherit no options
	l, err := config.Listen(context.Background(), network, addr.String())
	if err != nil {
		return nil, err
	}
	return l.(*net.TCPListener), nil
}

func lacksIPv6(err error) bool {
	return errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EADDRNOTAVAIL)
}
