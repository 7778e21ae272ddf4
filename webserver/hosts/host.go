// Package hosts reads what a request is for: which host, which path, and where a site sends that.
package hosts

import (
	"net/netip"
	"strings"
)

// Plain gives a Host field (RFC 9110, 7.2) in lower case, without its port and without a dot at its end. It says
// whether it is one: letters, digits, hyphens, dots and underscores, or an address.
func Plain(field string) (host string, ok bool) {
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
	host = strings.TrimSuffix(host, ".")
	if len(host) > 253 || strings.Contains("."+host+".", "..") { // RFC 1035, 3.1: only the root's label is empty
		return "", false
	}
	for i := range len(host) {
		switch c := host[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_':
		default:
			return "", false
		}
	}
	return strings.ToLower(host), true // of ASCII: a Kelvin sign becomes a k, too
}

// Port is the port of a Host field, with its colon; "" if it names none.
func Port(field string) string {
	if colon := strings.LastIndexByte(field, ':'); colon >= 0 && colon+1 < len(field) && field[len(field)-1] != ']' {
		return field[colon:]
	}
	return ""
}

// isPort: an empty one is allowed (RFC 3986, 3.2.3).
func isPort(text string) bool { return len(text) <= 5 && strings.Trim(text, "0123456789") == "" }
