package webserver

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"syscall"
)

// bind opens the sockets, for HTTPS only where certificates are configured.
func (s *Server) bind() error {
	for _, address := range s.config.Listen {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return bindError("web.listen", address, err)
		}
		s.plain = append(s.plain, s.conns.Listener(l))
		if port := l.Addr().(*net.TCPAddr).Port; len(s.plain) == 1 && port != 80 {
			s.plainPort = ":" + strconv.Itoa(port)
		}
	}
	if s.certs == nil {
		return nil
	}
	for _, address := range s.config.TLSListen {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return bindError("web.tls_listen", address, err)
		}
		s.secure = append(s.secure, s.conns.Listener(l))
		port := l.Addr().(*net.TCPAddr).Port
		if len(s.secure) == 1 && port != 443 {
			s.tlsPort = ":" + strconv.Itoa(port)
		}
		if s.config.HTTP3 {
			q, err := s.listenQUIC(l.Addr().String())
			if err != nil {
				return bindError("web.http3", address, err)
			}
			s.quic = append(s.quic, q)
			if s.altSvc == "" {
				s.altSvc = fmt.Sprintf(`h3=":%d"; ma=86400`, port)
			}
		}
	}
	return nil
}

func bindError(key, address string, err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return fmt.Errorf("%s: cannot listen on %s: %w", key, address, explain(err))
}

// explain says what an operator can do about err.
func explain(err error) error {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return err
	}
	switch errno {
	case syscall.EACCES, syscall.EPERM:
		return fmt.Errorf("%w (ports below 1024 are for root, or for a program with: setcap cap_net_bind_service=+ep FILE)", errno)
	case syscall.EADDRINUSE:
		return fmt.Errorf("%w (is another web server running, or is it listed twice? see: ss -lntup)", errno)
	case syscall.EADDRNOTAVAIL:
		return fmt.Errorf("%w (this machine does not have it; see: ip address)", errno)
	}
	return errno
}

// Addrs are the addresses that are listened on: for HTTP, and for HTTPS.
func (s *Server) Addrs() (plain, secure []netip.AddrPort) {
	for _, l := range s.plain {
		plain = append(plain, l.Addr().(*net.TCPAddr).AddrPort())
	}
	for _, l := range s.secure {
		secure = append(secure, l.Addr().(*net.TCPAddr).AddrPort())
	}
	return plain, secure
}

// Close gives the sockets back, for a server that is not to serve after all.
func (s *Server) Close() {
	s.closeListeners()
	for _, q := range s.quic {
		q.close()
	}
}

func (s *Server) closeListeners() {
	for _, l := range slices.Concat(s.plain, s.secure) {
		l.Close()
	}
}
