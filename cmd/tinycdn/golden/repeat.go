package golden

import (
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

// dig is the line that asks the same. dig puts a cookie in as well, and asks over TCP again what is too long.
func dig(q Question, at netip.AddrPort, network string) string {
	words := []string{"dig", "@" + at.Addr().String()}
	if at.Port() != 53 {
		words = append(words, "-p", fmt.Sprint(at.Port()))
	}
	if network == "tcp" {
		words = append(words, "+tcp")
	}
	if q.From.IsValid() {
		words = append(words, "+subnet="+q.From.String())
	}
	name := plain(q.Name)
	if !strings.Contains(name, ".") || strings.ContainsAny(name[:1], "-+@") { // dig would take it for something else
		words = append(words, "-q")
	}
	return strings.Join(append(words, quoted(name), dns.Type(q.Type).String()), " ")
}

// curl is the line that gets the same page at an address.
func (p *Page) curl(at netip.Addr) string {
	to := net.JoinHostPort(at.String(), p.port())
	return fmt.Sprintf("curl -sSi --connect-to %s %s", quoted("::"+to), quoted(p.URL.String()))
}

// port is the one that the URL says.
func (p *Page) port() string {
	switch {
	case p.URL.Port() != "":
		return p.URL.Port()
	case p.URL.Scheme == "https":
		return "443"
	}
	return "80"
}

// quoted is a word for a shell.
func quoted(word string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@%+,=", r)
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !safe(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
