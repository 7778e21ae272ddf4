package webserver

import (
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"tinycdn/webserver/gate"
)

// visitor says who asks, as far as proxies that we trust can tell: from which address, whether over TLS, and whether
// that address is the visitor's own beyond doubt. What comes by way of a proxy that we do not trust may be from anybody.
func (s *Server) visitor(r *http.Request) (client netip.Addr, secure, direct bool) {
	c := gate.ClientOf(r, s.config.Trusted)
	direct = r.Header["X-Forwarded-For"] == nil && r.Header["Forwarded"] == nil && r.Header["Via"] == nil
	if !direct && len(s.config.Trusted) > 0 {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if direct = err == nil && contains(s.config.Trusted, peer.Addr()) && peer.Addr().Unmap() != c.Addr; direct {
			r.RemoteAddr = netip.AddrPortFrom(c.Addr, 0).String() // for who reads it after us
		}
	}
	return c.Addr, c.HTTPS, direct
}

type secureKey struct{}

// IsSecure says whether the visitor speaks TLS, with us or with a proxy that we trust.
func IsSecure(r *http.Request) bool {
	return r.TLS != nil || r.Context().Value(secureKey{}) != nil
}

// redirectsTo443 says whether HTTP leads to HTTPS: only while there is a certificate to speak it with.
func (s *Server) redirectsTo443() bool {
	return s.config.HTTPSRedirect && len(s.secure) > 0 && len(s.certs.Store().Expiries()) > 0
}

func (s *Server) scheme(v *visit) string {
	if v.secure {
		return "https://"
	}
	return "http://"
}

// port is that of the listener which the visitor came to, as far as it has to stand in a URL.
func (s *Server) port(v *visit) string {
	if v.secure {
		return s.tlsPort
	}
	return s.plainPort
}

// certificates says until when each certificate holds, by the first name in it.
func (s *Server) certificates(now time.Time) map[string]certificate {
	if s.certs == nil {
		return nil
	}
	all := map[string]certificate{}
	for i, c := range s.certs.Store().Expiries() {
		name := strconv.Itoa(i + 1)
		if len(c.Names) > 0 {
			name = c.Names[0]
		}
		all[name] = certificate{OK: now.Before(c.Until), Until: c.Until.UTC().Format(time.RFC3339), Left: int(c.Until.Sub(now).Seconds())}
	}
	return all
}
