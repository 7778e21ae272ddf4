package webserver

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"tinycdn/geoip/inet"
)

// bind opens the sockets, for HTTPS only where certificates are configured. One that cannot be opened costs nothing but itself:
// it is tried again while the server serves.
func (s *Server) bind() {
	plain := s.bindSide("web.listen", s.config.Listen, s.plain)
	s.plainPort = portInURL(plain, "80")
	if s.secure == nil {
		return
	}
	secure := s.bindSide("web.tls_listen", s.config.TLSListen, s.secure)
	s.tlsPort = portInURL(secure, "443")
	if !s.config.HTTP3 || len(secure) == 0 {
		return
	}
	for _, address := range secure {
		s.try("web.http3", address, func() error { return s.bindQUIC(address) })
	}
	s.altSvc = fmt.Sprintf(`h3=":%s"; ma=86400`, portOf(secure[0]))
}

// bindSide opens the sockets of a key, and gives their addresses: those that were bound know their ports.
func (s *Server) bindSide(key string, addresses []string, side *side) []string {
	addresses = slices.Clone(addresses)
	for i, address := range addresses {
		s.try(key, address, func() error {
			l, away, err := inet.ListenTCP(net.ListenConfig{}, "tcp", address)
			if err != nil {
				return err
			}
			if away {
				s.log.Warn("this machine does not have the address "+inet.Of(l.Addr()).String(), key, address, "effect", "there are pages once it is there")
			}
			addresses[i] = l.Addr().String()
			admitted := s.conns.Listener(l)
			side.listeners = append(side.listeners, admitted)
			side.bound.Store(true)
			s.begin(func() error { return side.fast.Serve(admitted) })
			return nil
		})
	}
	return addresses
}

// bindQUIC opens the socket of an address over UDP.
func (s *Server) bindQUIC(address string) error {
	q, err := s.listenQUIC(address)
	if err == nil {
		s.quic = append(s.quic, q)
		s.begin(q.serve)
	}
	return err
}

// try binds now, or else later.
func (s *Server) try(key, address string, bind func() error) {
	err := bind()
	if err == nil {
		return
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	s.log.Warn(fmt.Sprintf("%s: cannot listen on %s: %v", key, address, inet.BindError(err, "web server")), "effect", "no pages there; it is tried again")
	s.unbound.Add(func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if err := bind(); err != nil {
			return err
		}
		s.log.Info("listening at last", key, address)
		return nil
	})
}

// begin has what was bound served from now on, or from Serve on.
func (s *Server) begin(serve func() error) {
	if s.serving == nil {
		s.waiting = append(s.waiting, serve)
	} else {
		s.serving(serve)
	}
}

// portInURL is the port of the first address as it stands in a URL: ":8443", or "" for the usual one.
func portInURL(addresses []string, usual string) string {
	if len(addresses) == 0 || portOf(addresses[0]) == usual {
		return ""
	}
	return ":" + portOf(addresses[0])
}

func portOf(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }

// Addrs are the addresses that are listened on: for HTTP, and for HTTPS.
func (s *Server) Addrs() (plain, secure []netip.AddrPort) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.secure != nil {
		secure = s.secure.addrs()
	}
	return s.plain.addrs(), secure
}

// AllBound is closed when no address is left that could not be bound yet.
func (s *Server) AllBound() <-chan struct{} { return s.unbound.None() }

// Close gives the sockets back, for a server that is not to serve after all.
func (s *Server) Close() {
	for _, side := range s.sides() {
		side.closeListeners()
	}
	for _, q := range s.quic {
		q.close()
	}
}
