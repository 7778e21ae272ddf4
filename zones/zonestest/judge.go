package zonestest

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/zones/steer"
)

// Judge compares a reply to the question for name and typ, asked by a client that no database places, with what the
// oracle says.
func (f *Fixture) Judge(t testing.TB, got *dns.Msg, name string, typ uint16, do bool) {
	t.Helper()
	want := f.Oracle.answer(strings.ToLower(name), typ, do)
	at := fmt.Sprintf("%s %s", name, dns.Type(typ))
	if got == nil {
		t.Fatalf("%s: silence", at)
	}
	if got.Rcode != want.rcode || got.Authoritative != want.aa || got.Truncated {
		t.Errorf("%s: got %s aa=%v tc=%v, want %s aa=%v", at, dns.RcodeToString[got.Rcode], got.Authoritative, got.Truncated, dns.RcodeToString[want.rcode], want.aa)
	}
	if want.geo != "" {
		f.judgeGeo(t, got, &want, typ)
		return
	}
	Compare(t, at+": answer", got.Answer, want.answer)
	Compare(t, at+": authority", got.Ns, want.authority)
	f.judgeAdditional(t, at, got.Extra, want.glue)
}

// judgeAdditional holds that the glue is there, and that whatever else is in Additional are addresses as the zones have them.
func (f *Fixture) judgeAdditional(t testing.TB, at string, got, glue []dns.RR) {
	t.Helper()
	extra := texts(got)
	for _, g := range texts(glue) {
		if !slices.Contains(extra, g) {
			t.Errorf("%s: no glue %s in %q", at, g, extra)
		}
	}
	for i, rr := range got {
		h := rr.Header()
		if h.Rrtype == dns.TypeOPT {
			continue
		}
		owner := strings.ToLower(h.Name)
		z := f.Oracle.enclosing(owner)
		if z == nil {
			t.Errorf("%s: additional %v", at, rr)
			continue
		}
		if slices.Contains(extra[:i], extra[i]) {
			t.Errorf("%s: additional %v twice", at, rr)
		}
		known := append(texts(z.find(owner, h.Rrtype)), texts(f.parentOf(z).find(owner, h.Rrtype))...)
		if !slices.Contains(known, extra[i]) {
			t.Errorf("%s: additional %v, which the zone does not have", at, rr)
		}
	}
}

func (f *Fixture) parentOf(z *oracleZone) *oracleZone {
	if z.apex != "." {
		if p := f.Oracle.enclosing(parent(z.apex)); p != nil {
			return p
		}
	}
	return z
}

// judgeGeo checks the addresses of a geo name: those of the POPs in the order that clients from nowhere get.
func (f *Fixture) judgeGeo(t testing.TB, got *dns.Msg, want *verdict, typ uint16) {
	t.Helper()
	z := f.Oracle.enclosing(want.geo)
	geo := z.geo[want.geo]
	maps := Maps(t)
	m := maps[slices.IndexFunc(maps, func(m *steer.Map) bool { return m.Name == geo.of })]
	var list []string
	for _, a := range Addresses(m, m.Default, typ) {
		list = append(list, strings.ToLower(fmt.Sprintf("%s\t%d\tIN\t%s\t%s", got.Question[0].Name, geo.ttl, dns.Type(typ), a)))
	}
	if gotList := texts(got.Answer); !slices.Equal(gotList, list) {
		t.Errorf("%v: got %q, want %q", got.Question, gotList, list)
	}
	var denial verdict
	if len(list) == 0 {
		z.deny(&denial)
	}
	Compare(t, fmt.Sprintf("%v: authority", got.Question), got.Ns, denial.authority)
}

// Addresses are those of a type that clients of an order get: of the first POPs that have any, as many POPs as the map
// gives in an answer. POPs that the order leaves out come last, in their own order. AAAA needs IPv6 at all POPs, unless any
// POP's will do.
func Addresses(m *steer.Map, order uint16, typ uint16) (list []netip.Addr) {
	if typ == dns.TypeAAAA && m.Rules.IPv6 != "any" && slices.ContainsFunc(m.POPs, withoutIPv6) {
		return nil
	}
	pops := slices.Clone(m.Orders[order])
	for i := range m.POPs {
		if !slices.Contains(pops, uint8(i)) {
			pops = append(pops, uint8(i))
		}
	}
	given := 0
	for _, pop := range pops {
		before := len(list)
		for _, a := range m.POPs[pop].Addresses {
			if a.Is4() == (typ == dns.TypeA) {
				list = append(list, a)
			}
		}
		if len(list) > before {
			given++
		}
		if given == m.Answers {
			break
		}
	}
	return list
}

func withoutIPv6(pop steer.POP) bool { return !slices.ContainsFunc(pop.Addresses, netip.Addr.Is6) }

// Names gives every name of the zones, those above them, and some beside and below each.
func (f *Fixture) Names() []string {
	names := map[string]bool{}
	for _, z := range f.Oracle.zones {
		owners := slices.AppendSeq(slices.Collect(maps.Keys(z.records)), maps.Keys(z.geo))
		for _, owner := range owners {
			for _, at := range chain(owner, z.apex) {
				for _, name := range []string{at, below("x", at), below("*", at), below("Y.x", at), below("a.b.c.d", at), below(strings.Repeat("l", 63), at)} {
					if _, ok := dns.IsDomainName(name); ok {
						names[name] = true
					}
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Compare holds that both are the same records, in whatever order and case.
func Compare(t testing.TB, what string, got, want []dns.RR) {
	t.Helper()
	g, w := texts(got), texts(want)
	slices.Sort(g)
	slices.Sort(w)
	if !slices.Equal(g, w) {
		t.Errorf("%s:\n got %s\nwant %s", what, strings.Join(g, "\n     "), strings.Join(w, "\n     "))
	}
}

func texts(rrs []dns.RR) (list []string) {
	for _, rr := range rrs {
		list = append(list, strings.ToLower(rr.String()))
	}
	return list
}
