package golden

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// difference is what was wanted and came instead.
type difference struct{ want, got []string }

func (d *difference) add(want, got string) {
	d.want, d.got = append(d.want, want), append(d.got, got)
}

// hold says in what a reply differs from what must come.
func (t *Test) hold(reply *dns.Msg, pops POPs) (d difference) {
	if reply.Rcode != t.Rcode {
		d.add(rcodeText(t.Rcode), rcodeText(reply.Rcode))
		return d // of what is in it nothing more is to be said
	}
	records := t.records(reply)
	if t.POP != nil {
		t.holdPOP(&d, records, pops)
	}
	if t.Answer != nil && !sameRecords(t.Answer, records) {
		d.add(recordsText(t.Answer), recordsText(records))
	}
	if t.TTL != nil {
		want := fmt.Sprintf("ttl %d", *t.TTL)
		switch other := slices.IndexFunc(records, func(rr dns.RR) bool { return rr.Header().Ttl != *t.TTL }); {
		case len(records) == 0:
			d.add(want, "no record")
		case other >= 0:
			d.add(want, fmt.Sprintf("ttl %d", records[other].Header().Ttl))
		}
	}
	if t.Scope != nil {
		if scope, ok := scopeOf(reply); !ok || scope != *t.Scope {
			d.add(scopeText(*t.Scope, true), scopeText(scope, ok))
		}
	}
	return d
}

// records are those of the answer that are of the type asked for: what leads there does not count.
func (t *Question) records(reply *dns.Msg) (list []dns.RR) {
	for _, rr := range reply.Answer {
		if rr.Header().Rrtype == t.Type || t.Type == dns.TypeANY {
			list = append(list, rr)
		}
	}
	return list
}

// holdPOP wants addresses of those POPs, of each at least one, and no others.
func (t *Test) holdPOP(d *difference, records []dns.RR, pops POPs) {
	missing, strange := slices.Clone(t.POP), false
	var got []string
	for _, rr := range records {
		a := addressOf(rr)
		names := pops.of(a)
		missing = slices.DeleteFunc(missing, func(name string) bool { return slices.Contains(names, name) })
		strange = strange || !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(t.POP, name) })
		if len(names) == 0 {
			names = []string{"no POP's"}
		}
		got = append(got, fmt.Sprintf("%s (%s)", strings.Join(names, " or "), a))
	}
	if len(missing) > 0 || strange {
		if got == nil {
			got = []string{"no address"}
		}
		d.add("pop "+strings.Join(t.POP, ", "), strings.Join(got, ", "))
	}
}

func addressOf(rr dns.RR) (a netip.Addr) {
	switch rr := rr.(type) {
	case *dns.A:
		a, _ = netip.AddrFromSlice(rr.A)
	case *dns.AAAA:
		a, _ = netip.AddrFromSlice(rr.AAAA)
		return a
	}
	return a.Unmap()
}

// sameRecords compares data, in any order. Names in it are the same in any case (RFC 4343).
func sameRecords(want, got []dns.RR) bool {
	if len(want) != len(got) {
		return false
	}
	rest := slices.Clone(got)
	for _, rr := range want {
		i := slices.IndexFunc(rest, func(other dns.RR) bool { return sameData(rr, other) })
		if i < 0 {
			return false
		}
		rest = slices.Delete(rest, i, i+1)
	}
	return true
}

func sameData(a, b dns.RR) bool {
	if a, ok := a.(*dns.TXT); ok { // pieces of a text are the server's own affair
		b, ok := b.(*dns.TXT)
		return ok && strings.Join(a.Txt, "") == strings.Join(b.Txt, "")
	}
	b = dns.Copy(b)
	b.Header().Name = a.Header().Name // an alias may have led there
	return dns.IsDuplicate(a, b)
}

// recordsText is data as zone files have it.
func recordsText(records []dns.RR) string {
	var texts []string
	for _, rr := range records {
		texts = append(texts, strings.TrimPrefix(rr.String(), rr.Header().String()))
	}
	if texts == nil {
		return "no record"
	}
	slices.Sort(texts)
	return strings.Join(texts, ", ")
}

// scopeOf is the SCOPE PREFIX-LENGTH of a reply, if it has one.
func scopeOf(reply *dns.Msg) (scope int, ok bool) {
	if opt := reply.IsEdns0(); opt != nil {
		for _, option := range opt.Option {
			if subnet, ok := option.(*dns.EDNS0_SUBNET); ok {
				return int(subnet.SourceScope), true
			}
		}
	}
	return 0, false
}

func scopeText(scope int, ok bool) string {
	if !ok {
		return "no client subnet, so no scope"
	}
	return fmt.Sprintf("scope %d", scope)
}

func rcodeText(rcode int) string {
	if text, ok := dns.RcodeToString[rcode]; ok {
		return text
	}
	return fmt.Sprintf("RCODE %d", rcode)
}
