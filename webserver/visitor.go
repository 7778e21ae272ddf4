package webserver

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"tinycdn/webserver/gate"
)

// visitor says who asks, as far as proxies that we trust can tell: from which address, whether over TLS, and whether
// it was such a proxy that said so.
func (s *Server) visitor(r *http.Request) (client netip.Addr, secure, vouched bool) {
	c := gate.ClientOf(r, s.config.Trusted)
	if len(s.config.Trusted) > 0 {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if vouched = err == nil && contains(s.config.Trusted, peer.Addr()) && peer.Addr().Unmap().WithZone("") != c.Addr; vouched {
			r.RemoteAddr = netip.AddrPortFrom(c.Addr, 0).String() // for who reads it after us
		}
	}
	return c.Addr, c.HTTPS, vouched
}

// isAdmin says whether the visitor may purge pages and read counters. What comes by way of a proxy that we do not
// trust may be from anybody.
func (s *Server) isAdmin(r *http.Request, v *visit) bool {
	return contains(s.config.Admin, v.client) && (v.vouched || !forwarded(r.Header))
}

func forwarded(h http.Header) bool {
	return h["X-Forwarded-For"] != nil || h["Forwarded"] != nil || h["Via"] != nil || h["X-Real-Ip"] != nil
}

func contains(list []netip.Prefix, address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	for _, p := range list {
		if p.Contains(address) {
			return true
		}
	}
	return false
}

type secureKey struct{}

// IsSecure says whether the visitor speaks TLS, with us or with a proxy that we trust.
func IsSecure(r *http.Request) bool {
	return r.TLS != nil || r.Context().Value(secureKey{}) != nil
}

// redirectsTo443 says whether HTTP leads to HTTPS: only while there is a certificate to speak it with.
func (s *Server) redirectsTo443() bool {
	return s.config.HTTPSRedirect && len(s.secure) > 0 && !s.certs.Store().Empty()
}

func (s *Server) scheme(v *visit) string {
	if v.secure {
		return "https://"
	}
	return "http://"
}

// httpsPort is where HTTPS is for a visitor who came over HTTP, as far as it has to stand in a URL. If he names another
// port than ours, a container or a router in front of us maps ports, and outside of it they are the standard ones.
func (s *Server) httpsPort(r *http.Request) string {
	if strings.TrimSuffix(portOf(r.Host), ":80") == s.plainPort {
		return s.tlsPort
	}
	return ""
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
