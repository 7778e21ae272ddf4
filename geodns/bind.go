package geodns

import (
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

// bind opens the sockets of all of Config.Listen. What cannot be bound now is tried again while the server serves, if there is
// anything to serve until then.
func (s *Server) bind() error {
	var failures []error
	for _, listen := range s.config.Listen {
		addrs, err := parseListen(listen)
		if err != nil {
			return err
		}
		if err := s.bindAll(listen, addrs); err != nil {
			err = fmt.Errorf("listen on %s: %w", listen, inet.BindError(err, "nameserver"))
			failures = append(failures, err)
			s.unbound.Add(func() error { return s.bindLater(listen, addrs) })
		}
	}
	if len(s.listeners) == 0 {
		return errors.Join(failures...)
	}
	for _, err := range failures {
		s.log.Warn(err.Error(), "effect", "it is tried again; the other addresses are answered on")
	}
	return nil
}

// bindLater is bindAll, once the server serves.
func (s *Server) bindLater(listen string, addrs []netip.AddrPort) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.bindAll(listen, addrs); err != nil {
		return err
	}
	s.log.Info("listening at last", "address", listen)
	s.serveNew()
	return nil
}

// bindAll opens the sockets of one entry of Config.Listen, or none.
func (s *Server) bindAll(listen string, addrs []netip.AddrPort) error {
	var bound []*listener
	for _, addr := range addrs {
		if len(bound) > 0 { // with port 0 both families get the same one
			addr = netip.AddrPortFrom(addr.Addr(), bound[0].addr().Port())
		}
		l, err := s.bindAddr(addr)
		switch {
		case err == nil:
			bound = append(bound, l)
		case len(addrs) > 1 && addr.Addr().Is6() && lacksIPv6(err):
			s.log.Info("no IPv6 on this machine", "listen", listen)
		default:
			for _, l := range bound {
				l.close()
			}
			return err
		}
	}
	s.listeners = append(s.listeners, bound...)
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
func (s *Server) bindAddr(addr netip.AddrPort) (*listener, error) {
	for try := 1; ; try++ {
		tcp, away, err := s.listenTCP(addr)
		if err != nil {
			return nil, err
		}
		l := &listener{tcp: tcp}
		if l.udp, err = s.listenUDP(l.addr()); err == nil {
			if away {
				s.log.Warn("this machine does not have the address "+addr.Addr().String(), "listen", addr, "effect", "it is answered on once it is there")
			}
			for _, conn := range l.udp {
				l.loops = append(l.loops, s.newLoop(conn, len(l.udp)))
			}
			return l, nil
		}
		tcp.Close()
		if addr.Port() != 0 || try == portTries || !errors.Is(err, syscall.EADDRINUSE) {
			return nil, err
		}
	}
}

func (s *Server) listenUDP(addr netip.AddrPort) ([]mmsg.Conn, error) {
	if fds := s.config.Inherited.Take("udp", addr.String()); len(fds) > 0 {
		return mmsg.Inherit(fds)
	}
	return mmsg.Listen(addr, s.config.Loops)
}

func (s *Server) listenTCP(addr netip.AddrPort) (l *net.TCPListener, away bool, err error) {
	network := "tcp4"
	if addr.Addr().Is6() {
		network = "tcp6" // takes no IPv4
	}
	config := net.ListenConfig{
		KeepAlive: -1, // none: IdleTime ends what is dead
		Control:   setNotSentLowat,
	}
	config.SetMultipathTCP(false) // nothing here gains by it, and its connections inherit no options
	return s.config.Inherited.ListenTCP(config, network, addr.String())
}

func lacksIPv6(err error) bool {
	return errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EADDRNOTAVAIL)
}
