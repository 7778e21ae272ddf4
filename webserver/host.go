package webserver

import (
	"net/netip"
	"strings"
)

// plainHost gives a Host field (RFC 9110, 7.2) in lower case, without its port and without a dot at its end. It says
// whether it is one: letters, digits, hyphens, dots and underscores, or an address.
func plainHost(field string) (host string, ok bool) {
	host = field
	if colon := strings.LastIndexByte(host, ':'); colon >= 0 && !strings.HasSuffix(host, "]") {
		if !isPort(host[colon+1:]) {
			return "", false
		}
		host = host[:colon]
	}
	if inner, found := strings.CutPrefix(host, "["); found {
		inner, found = strings.CutSuffix(inner, "]")
		address, err := netip.ParseAddr(inner)
		if !found || err != nil || !address.Is6() || address.Zone() != "" {
			return "", false
		}
		return "[" + address.String() + "]", true
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "" || len(host) > 253 {
		return "", false
	}
	for i := range len(host) {
		switch c := host[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '.', c == '_':
		default:
			return "", false
		}
	}
	return host, true
}

// isPort: an empty one is allowed (RFC 3986, 3.2.3).
func isPort(text string) bool {
	if len(text) > 5 {
		return false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
