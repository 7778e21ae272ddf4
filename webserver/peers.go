package webserver

import (
	"crypto/tls"
	"net/netip"
	"slices"
)

// Peers are who else comes to the port for HTTPS: they say so by ALPN (RFC 7301), and speak something of their own.
type Peers struct {
	Protocol string                // that they name
	TLS      *tls.Config           // for their handshakes, of which Protocol must come
	Take     func(*tls.Conn)       // serves a connection whose handshake is over; it does not wait
	From     func(netip.Addr) bool // whether an address is one of theirs, which no limit on connections keeps out
}

// letIn has handshakes of peers be as they want them.
func (p *Peers) letIn(c *tls.Config) {
	if p == nil {
		return
	}
	c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if slices.Contains(hello.SupportedProtos, p.Protocol) {
			return p.TLS, nil
		}
		return nil, nil // as everybody's
	}
}

// take gives a peer's connection away, and says whether it was one. Its place is a visitor's again.
func (s *Server) take(secure *tls.Conn) bool {
	if s.config.Peers == nil || secure.ConnectionState().NegotiatedProtocol != s.config.Peers.Protocol {
		return false
	}
	s.conns.Release(secure)
	s.config.Peers.Take(secure)
	return true
}

// from says whether an address is a peer's; nil: there are none.
func (p *Peers) from() func(netip.Addr) bool {
	if p == nil {
		return nil
	}
	return p.From
}
