// Package golden asks every POP, over DNS and for pages, what a file of tests says, and tells where something else comes.
package golden

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// POPs are what a file of tests may name: the addresses of each, by its name.
type POPs map[string][]netip.Addr

// Suite is a file of tests.
type Suite struct {
	Path  string
	Tests []*Test
}

// Test is one question, or one page, and what must come. What is nil may be anything.
type Test struct {
	Line int // where it stands

	Question
	POP    []string // those whose addresses are in the answer
	Answer []dns.RR // of the type asked for, in any order; empty, not nil: none
	Rcode  int
	Scope  *int
	TTL    *uint32 // seconds

	Page *Page // nil: it is a question

	note string // behind the question, where there is no line to say where it is from
}

// Question is what is asked over DNS.
type Question struct {
	Name  string // with its final dot
	Type  uint16
	Class uint16
	From  netip.Prefix // sent as client subnet (RFC 7871); zero: none is
}

// String is how people say it: "www.example.org A from 81.2.69.0/24".
func (q Question) String() string {
	text := plain(q.Name) + " " + dns.Type(q.Type).String()
	if q.From.IsValid() {
		text += " from " + short(q.From)
	}
	return text
}

func (t *Test) String() string {
	if t.Page != nil {
		return t.Page.URL.String()
	}
	return t.Question.String() + t.note
}

// Place is an address of a POP.
type Place struct {
	POP     string         `json:"pop"` // "": the configuration does not know whose it is
	Address netip.AddrPort `json:"address"`
}

func (p Place) String() string {
	if p.POP == "" {
		return p.Address.String()
	}
	return p.POP + " " + p.Address.Addr().String()
}

// plain is a name without its final dot.
func plain(name string) string {
	if name == "." {
		return name
	}
	return strings.TrimSuffix(name, ".")
}

// short writes a whole address without its length.
func short(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// of names the POPs that have an address.
func (p POPs) of(a netip.Addr) (names []string) {
	for name, addresses := range p {
		if slices.Contains(addresses, a) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
