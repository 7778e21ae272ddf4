package webserver

import (
	"cmp"
	"net/netip"
	"strings"

	"tinycdn/geoip/inet"
)

// hops are those that a request went through, the last one first. X-Forwarded-For has the protocols beside it, often only
// one, by the first proxy; Forwarded has them in its elements.
type hops struct {
	nodes, protocols backwards
	forwarded        bool
}

// next gives from whom the next hop had the request, and by what protocol; "": it does not say.
func (h *hops) next() (node, protocol string, ok bool) {
	node, ok = h.nodes.next()
	if h.forwarded {
		node, protocol = parseElement(node)
	} else if said, found := h.protocols.next(); found {
		protocol = cmp.Or(said, "http") // it is there, and empty
	}
	return node, protocol, ok
}

// backwards reads the elements of a list field from its end: there stands what a proxy of ours added. So nothing that
// a client sends before it, such as a quote without an end, can change how that is read.
type backwards struct {
	lines []string // still to read
	line  string   // what is left of the one being read
	open  bool     // line has another element
}

// next gives the last element that has not been read, without the space around it.
func (b *backwards) next() (element string, ok bool) {
	if !b.open {
		n := len(b.lines) - 1
		if n < 0 {
			return "", false
		}
		b.lines, b.line = b.lines[:n], b.lines[n]
	}
	b.line, element, b.open = cutLast(b.line, ',')
	return element, true
}

// cutLast cuts s at the last separator outside quotes. Without one, it is all in after.
func cutLast(s string, separator byte) (before, after string, found bool) {
	quoted := false
	for i := len(s) - 1; i >= 0; i-- {
		switch {
		case s[i] == '"' && (i == 0 || s[i-1] != '\\'):
			quoted = !quoted
		case s[i] == separator && !quoted:
			return s[:i], strings.Trim(s[i+1:], " \t"), true
		}
	}
	return "", strings.Trim(s, " \t"), false
}

// parseElement gives two parameters of an element of Forwarded (RFC 7239, 4): for whom it was forwarded, and by what
// protocol it had come.
func parseElement(element string) (node, protocol string) {
	for more := true; more; {
		var pair string
		element, pair, more = cutLast(element, ';')
		name, value, _ := strings.Cut(pair, "=")
		value = unquote(value)
		switch {
		case strings.EqualFold(name, "for"):
			if node != "" {
				return "", "" // RFC 7239, 4: each parameter once
			}
			node = value
		case strings.EqualFold(name, "proto"):
			protocol = value
		}
	}
	return node, protocol
}

// unquote takes the quotes away. No address has anything in it that would be escaped.
func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// parseNode reads an address, with or without a port (RFC 7239, 6). X-Forwarded-For has IPv6 without brackets too.
func parseNode(s string) (netip.Addr, bool) {
	if inside, ok := strings.CutPrefix(s, "["); ok {
		var port string
		if s, port, ok = strings.Cut(inside, "]"); !ok || port != "" && port[0] != ':' {
			return netip.Addr{}, false
		}
	} else if host, _, ok := strings.Cut(s, ":"); ok && strings.Contains(host, ".") && strings.Count(s, ":") == 1 {
		s = host
	}
	addr, err := netip.ParseAddr(s)
	return inet.Plain(addr), err == nil
}
