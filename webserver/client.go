package webserver

import (
	"net/http"
	"net/netip"
	"strings"

	"tinycdn/geoip/inet"
	"tinycdn/webserver/hosts"
	"tinycdn/webserver/page"
)

// read reads a request, and who it is from, as far as proxies that we trust can tell: from which address, and whether
// over TLS. Secure says whether the connection is.
func (s *Server) read(r *http.Request, secure bool, q *page.Request) {
	q.Read(r)
	q.Secure = secure
	if secure {
		q.Named = namedBy(r)
	}
	if len(s.config.Trusted) > 0 {
		c := clientOf(client{q.Client, secure}, r.Header, s.config.Trusted)
		q.Client, q.Secure, q.Vouched = c.addr, c.https, c.addr != q.Client
	}
	q.Port = s.ownPort(q)
}

// ownPort is the port that a client names, if it is ours and not the usual one. Any other is his invention, or a mapping
// between him and us; who remembers our answers may not tell it apart.
func (s *Server) ownPort(q *page.Request) string {
	own := s.plainPort
	if q.Secure {
		own = s.tlsPort
	}
	if own == "" || hosts.Port(q.Host) != own {
		return ""
	}
	return own
}

// isAdmin says whether the client may purge pages and read counters by the address that he comes from. What comes by way of a proxy that we do not trust may
// be from anybody.
func (s *Server) isAdmin(q *page.Request) bool {
	return inet.Contains(s.config.Admin, q.Client) && (q.Vouched || !q.IsForwarded())
}

// client is who asks, and how, as far as those who pass the question on can be trusted.
type client struct {
	addr  netip.Addr // plain; invalid: unknown
	https bool       // asked over HTTPS
}

// clientOf finds the client of a request: its peer, or where that is a trusted proxy, the last address that the
// proxies name and that is not one of them. Everything before it may be an invention of the client.
//
// X-Forwarded-For goes before Forwarded (RFC 7239): most proxies add to the former and pass the latter on, as it
// came from the client. The host is never taken from such fields: caches in front of us do not know them.
func clientOf(peer client, h http.Header, trusted []netip.Prefix) client {
	c := peer
	hops := hops{nodes: backwards{lines: h["X-Forwarded-For"]}, protocols: backwards{lines: h["X-Forwarded-Proto"]}}
	if hops.forwarded = len(hops.nodes.lines) == 0; hops.forwarded {
		hops.nodes.lines = h["Forwarded"]
	}
	for inet.Contains(trusted, c.addr) {
		node, protocol, ok := hops.next()
		if !ok {
			return c
		}
		addr, ok := parseNode(node)
		if !ok {
			return c // RFC 7239, 6: "unknown", or a name that the proxy made up
		}
		c.addr = addr
		if protocol != "" {
			c.https = isSecure(protocol)
		}
	}
	return c
}

func isSecure(protocol string) bool {
	return strings.EqualFold(protocol, "https") || strings.EqualFold(protocol, "wss")
}
