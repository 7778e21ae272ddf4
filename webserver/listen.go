package webserver

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"tinycdn/geoip/inet"
)

// bind opens the sockets, for HTTPS only where certificates are configured.
func (s *Server) bind() (err error) {
	s.plain, s.plainPort, err = s.listen("web.listen", s.config.Listen, 80)
	if err != nil || s.certs == nil {
		return err
	}
	s.secure, s.tlsPort, err = s.listen("web.tls_listen", s.config.TLSListen, 443)
	if err != nil || !s.config.HTTP3 {
		return err
	}
	for i, l := range s.secure {
		address := l.Addr().(*net.TCPAddr)
		q, err := s.listenQUIC(address.String())
		if err != nil {
			return bindError("web.http3", s.config.TLSListen[i], err)
		}
		s.quic = append(s.quic, q)
		if i == 0 {
			s.altSvc = fmt.Sprintf(`h3=":%d"; ma=86400`, address.Port)
		}
	}
	return nil
}

// listen opens the sockets of a key. The port is that of the first as it stands in a URL: ":8443", or "" for the usual one.
func (s *Server) listen(key string, addresses []string, usual int) (all []net.Listener, port string, err error) {
	for i, address := range addresses {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return all, "", bindError(key, address, err)
		}
		all = append(all, s.conns.Listener(l))
		if n := l.Addr().(*net.TCPAddr).Port; i == 0 && n != usual {
			port = ":" + strconv.Itoa(n)
		}
	}
	return all, port, nil
}

func bindError(key, address string, err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return fmt.Errorf("%s: cannot listen on %s: %w", key, address, inet.BindError(err, "web server"))
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
