package webserver

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"

	"tinycdn/geoip/inet"
	"tinycdn/webserver/page"
)

// certificate is for tls.Config. If it gives none, the handshake ends with the alert unrecognized_name (RFC 6066, 3).
func (s *Server) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	return s.certs.Store().Pick(hello, s.servesAnyHost()), nil
}

// servesAnyHost says whether there is a site for every host that no site names.
func (s *Server) servesAnyHost() bool { return s.router.Load().other != nil }

// misdirects says whether a request came over a connection whose certificate is not for its host, while another one is (RFC
// 9110, 7.4). Over one whose certificate is for both, browsers ask for several hosts (RFC 9113, 9.1.1). A proxy that we trust
// may ask for all hosts over a connection of its own.
func (s *Server) misdirects(q *page.Request, host string) bool {
	if q.Named == "" || q.Named == host || !s.certs.Store().Misdirects(q.Named, host) {
		return false
	}
	return !q.Vouched && !inet.Contains(s.config.Trusted, q.Client)
}

type namedKey struct{}

// rememberNamed is for connections over TLS that net/http does not know for such: those that h1 has begun.
func rememberNamed(ctx context.Context, c net.Conn) context.Context {
	upper, ok := c.(interface{ NetConn() net.Conn })
	if !ok {
		return ctx
	}
	secure, ok := upper.NetConn().(*tls.Conn)
	if !ok {
		return ctx
	}
	return context.WithValue(ctx, namedKey{}, page.NamedBy(secure.ConnectionState().ServerName, c.LocalAddr()))
}

// namedBy is what the client of a request named when it began TLS with us.
func namedBy(r *http.Request) string {
	if r.TLS != nil {
		if r.TLS.ServerName != "" {
			return r.TLS.ServerName
		}
		local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		return page.NamedBy("", local)
	}
	named, _ := r.Context().Value(namedKey{}).(string)
	return named
}
