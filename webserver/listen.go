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

// bind opens the sockets. One that cannot be opened costs nothing but itself: it is tried again while the server serves.
func (s *Server) bind() {
	s.plainPort = s.bindSide("web.listen", s.config.Listen, s.plain, "80")
	s.tlsPort = portInURL(s.config.TLSListen, "443")
	switch {
	case s.secure == nil || s.config.TLSLater && s.config.Peers == nil:
	case s.certs.Store().Wanted(), s.config.Peers != nil:
		s.bindTLS()
	default:
		s.listenTLS() // else with the first certificate: nobody misses it yet, and somebody else may have a use for the port
	}
}

// bindTLS opens the sockets for HTTPS.
func (s *Server) bindTLS() {
	s.tlsBegun = true
	s.tlsPort = s.bindSide("web.tls_listen", s.config.TLSListen, s.secure, "443")
	if s.config.HTTP3 {
		for _, address := range s.secure.addresses {
			s.try("web.http3", address, func() error { return s.bindQUIC(address) })
		}
	}
	s.sayHTTP3()
}

// ListenTLS is for the first certificate of a server at work: it opens the sockets for HTTPS, if they are not open yet. Sites that
// are published from now on say what there is. The error is one that an operator can act on.
func (s *Server) ListenTLS() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.listenTLS()
}

func (s *Server) listenTLS() error {
	if s.secure == nil || s.tlsBegun || s.ended {
		return nil
	}
	var all []net.Listener
	var quic []*quicListener
	for _, address := range s.config.TLSListen {
		l, away, err := s.config.Inherited.ListenTCP(net.ListenConfig{}, "tcp", address)
		if err == nil {
			s.warnAway("web.tls_listen", address, l, away)
			if all = append(all, l); s.config.HTTP3 {
				var q *quicListener
				if q, err = s.listenQUIC(l.Addr().String()); err == nil {
					quic = append(quic, q)
				}
			}
		}
		if err != nil { // all or none: half of it would go unnoticed
			for _, l := range all {
				l.Close()
			}
			for _, q := range quic {
				q.close()
			}
			return fmt.Errorf("web.tls_listen: cannot listen on %s: %w", address, inet.BindError(err, "web server"))
		}
	}
	s.tlsBegun = true
	for _, l := range all {
		s.secure.addresses = append(s.secure.addresses, l.Addr().String())
	}
	if s.tlsPort == ":0" { // else it is known, and may be read already
		s.tlsPort = portInURL(s.secure.addresses, "443")
	}
	for _, l := range all {
		s.admit(s.secure, l)
	}
	for _, q := range quic {
		s.quic = append(s.quic, q)
		s.begin(q.serve)
	}
	s.sayHTTP3()
	return nil
}

// sayHTTP3 has the sites say where there is HTTP/3, if there is.
func (s *Server) sayHTTP3() {
	if s.config.HTTP3 && len(s.secure.addresses) > 0 {
		s.altSvc = fmt.Sprintf(`h3=":%s"; ma=86400`, portOf(s.secure.addresses[0]))
	}
}

// bindSide opens the sockets of a key, and gives the port of the first as it stands in a URL.
func (s *Server) bindSide(key string, addresses []string, side *side, usual string) string {
	side.addresses = slices.Clone(addresses)
	for i, address := range addresses {
		s.try(key, address, func() error {
			l, away, err := s.config.Inherited.ListenTCP(net.ListenConfig{}, "tcp", address)
			if err != nil {
				return err
			}
			s.warnAway(key, address, l, away)
			side.addresses[i] = l.Addr().String() // what was bound knows its port
			s.admit(side, l)
			return nil
		})
	}
	return portInURL(side.addresses, usual)
}

func (s *Server) warnAway(key, address string, l net.Listener, away bool) {
	if away {
		s.log.Warn("this machine does not have the address "+inet.Of(l.Addr()).String(), key, address, "effect", "there are pages once it is there")
	}
}

// admit has what is bound served.
func (s *Server) admit(side *side, l net.Listener) {
	admitted := s.conns.Listener(l)
	side.listeners = append(side.listeners, admitted)
	side.bound.Store(true)
	side.accepting.Add(1)
	s.begin(func() error {
		defer side.accepting.Done()
		return side.fast.Serve(admitted)
	})
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
