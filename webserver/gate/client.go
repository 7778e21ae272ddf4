package gate

import (
	"net/http"
	"net/netip"
	"strings"
)

// Client is who asks, and how, as far as those who pass the question on can be trusted.
type Client struct {
	Addr  netip.Addr // invalid: unknown
	HTTPS bool       // asked over HTTPS
}

// ClientOf finds the client of a request: its peer, or where that is a trusted proxy, the last address that the
// proxies name and that is not one of them. Everything before it may be an invention of the client.
//
// X-Forwarded-For goes before Forwarded (RFC 7239): most proxies add to the former and pass the latter on, as it
// came from the client. The host is never taken from such fields: caches in front of us do not know them.
func ClientOf(r *http.Request, secure bool, trusted []netip.Prefix) Client {
	c := Client{HTTPS: secure}
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	c.Addr = plain(peer.Addr())
	if len(trusted) == 0 || !trusts(trusted, c.Addr) {
		return c
	}
	if lines := r.Header["X-Forwarded-For"]; len(lines) > 0 {
		return c.behind(backwards{lines: lines}, backwards{lines: r.Header["X-Forwarded-Proto"]}, trusted)
	}
	return c.forwarded(backwards{lines: r.Header["Forwarded"]}, trusted)
}

// behind follows X-Forwarded-For. The protocols are those of the same hops, counted from this server; often there
// is only one, by the first proxy.
func (c Client) behind(hops, protocols backwards, trusted []netip.Prefix) Client {
	for {
		hop, ok := hops.next()
		if !ok {
			return c
		}
		addr, ok := parseNode(hop)
		if !ok {
			return c
		}
		c.Addr = addr
		if protocol, ok := protocols.next(); ok {
			c.HTTPS = isSecure(protocol)
		}
		if !trusts(trusted, addr) {
			return c
		}
	}
}

// forwarded follows Forwarded, where a hop has its address and its protocol in one element.
func (c Client) forwarded(hops backwards, trusted []netip.Prefix) Client {
	for {
		hop, ok := hops.next()
		if !ok {
			return c
		}
		node, protocol := parseElement(hop)
		addr, ok := parseNode(node)
		if !ok {
			return c // RFC 7239, 6: "unknown", or a name that the proxy made up
		}
		c.Addr = addr
		if protocol != "" {
			c.HTTPS = isSecure(protocol)
		}
		if !trusts(trusted, addr) {
			return c
		}
	}
}

func isSecure(protocol string) bool {
	return strings.EqualFold(protocol, "https") || strings.EqualFold(protocol, "wss")
}

// plain is an address without what differs between sockets: one for both families maps IPv4.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
