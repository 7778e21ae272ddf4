package webserver

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"tinycdn/webserver/gate"
	"tinycdn/webserver/hosts"
	"tinycdn/webserver/page"
)

// read reads a request, and who it is from, as far as proxies that we trust can tell: from which address, and whether
// over TLS. Secure says whether the connection is.
func (s *Server) read(r *http.Request, secure bool, q *page.Request) {
	*q = page.RequestOf(r)
	q.Secure = secure
	if len(s.config.Trusted) == 0 || !contains(s.config.Trusted, q.Client) {
		return
	}
	c := gate.ClientOf(r, secure, s.config.Trusted)
	q.Vouched = q.Vouched || c.Addr != q.Client
	q.Client, q.Secure = c.Addr, c.HTTPS
}

// isAdmin says whether the visitor may purge pages and read counters. What comes by way of a proxy that we do not
// trust may be from anybody.
func (s *Server) isAdmin(q *page.Request) bool {
	return q.Vouched && contains(s.config.Admin, q.Client)
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

// redirectsTo443 says whether HTTP leads to HTTPS: only while there is a certificate to speak it with.
func (s *Server) redirectsTo443() bool {
	return s.config.HTTPSRedirect && len(s.secure) > 0 && !s.certs.Store().Empty()
}

// httpsPort is where HTTPS is for a visitor who came over HTTP, as far as it has to stand in a URL. If he names another
// port than ours, a container or a router in front of us maps ports, and outside of it they are the standard ones.
func (s *Server) httpsPort(host string) string {
	if strings.TrimSuffix(hosts.Port(host), ":80") == s.plainPort {
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
