package zones_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/zones/zonestest"
)

// A chain ends after ten hops, though the records go on.
func TestAChainIsFollowedTenHopsFar(t *testing.T) {
	t.Parallel()
	var master strings.Builder
	master.WriteString("$TTL 60\n@ SOA ns.test. h.test. 1 2 3 4 30\n@ NS ns.test.\n")
	for i := range 20 {
		fmt.Fprintf(&master, "c%d CNAME c%d\n", i, i+1)
	}
	master.WriteString("c20 A 192.0.2.1\n")
	f := zonestest.Must(t, map[string]string{"example.org": master.String()})
	for from, want := range map[string]int{"c10": 11, "c9": 11, "c0": 11, "c19": 2} {
		got, _ := ask(t, f.Store.Current(), asked{name: from + ".example.org.", typ: dns.TypeA})
		if len(got.Answer) != want {
			t.Errorf("%s: got %d records, want %d", from, len(got.Answer), want)
		}
		f.Judge(t, got, from+".example.org.", dns.TypeA, false)
	}
}

// What fits of a chain is given, and that something is left out is told; nothing is given twice on the way, and a chain
// that never ends is followed ten hops far.
func TestAChainIsCutWhereItDoesNotFit(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, map[string]string{"example.org": `$TTL 60
@ SOA ns.test. h.test. 1 2 3 4 30
@ NS ns.test.
bar DNAME x
y.x CNAME a.bar
a.x CNAME b.bar
b.x A 192.0.2.9
endless DNAME x.endless
to DNAME fro
fro DNAME to
here DNAME away
back.away CNAME here
tobig CNAME big
big TXT "` + strings.Repeat("x", 200) + "\"\nbig TXT \"" + strings.Repeat("y", 250) + "\"\n"})
	for _, tt := range []struct {
		name  string
		typ   uint16
		limit int
		types string
		tc    bool
	}{
		{"y.bar", dns.TypeA, 0, "DNAME CNAME CNAME CNAME CNAME CNAME A", false},
		{"y.x", dns.TypeA, 0, "CNAME DNAME CNAME CNAME CNAME A", false},
		{"q.to", dns.TypeA, 0, "DNAME CNAME DNAME CNAME", false},
		{"q.endless", dns.TypeA, 0, "DNAME" + strings.Repeat(" CNAME", 11), false},
		{"q.endless", dns.TypeA, 501, "DNAME" + strings.Repeat(" CNAME", 9), true},
		{"q.endless", dns.TypeA, 130, "DNAME CNAME", true},
		{"q.endless", dns.TypeA, 60, "", true},
		{"back.here", dns.TypeDNAME, 0, "DNAME CNAME CNAME", false},
		{"tobig", dns.TypeTXT, 0, "CNAME TXT TXT", false},
		{"tobig", dns.TypeTXT, 512, "CNAME", true},
		{"big", dns.TypeTXT, 400, "", true},
	} {
		got, _ := ask(t, f.Store.Current(), asked{name: tt.name + ".example.org.", typ: tt.typ, limit: tt.limit})
		var list []string
		for _, rr := range got.Answer {
			list = append(list, dns.Type(rr.Header().Rrtype).String())
		}
		if types := strings.Join(list, " "); types != tt.types || got.Truncated != tt.tc {
			t.Errorf("%s %s in %d octets: got %s, TC %v, want %s, TC %v", tt.name, dns.Type(tt.typ), tt.limit, types, got.Truncated, tt.types, tt.tc)
		}
		if tt.limit == 0 {
			f.Judge(t, got, tt.name+".example.org.", tt.typ, false)
		}
	}
}

// RFC 4035, 3.1.4.1: DS is the parent's. But one that knows nothing of its child denies no name that an alias leads to.
func TestDSOfAChildThatItsParentDoesNotKnow(t *testing.T) {
	t.Parallel()
	const head = "$TTL 60\n@ SOA ns.test. h.test. 1 2 3 4 5\n@ NS ns.test.\n"
	f := zonestest.Must(t, map[string]string{
		"example.org":         head + "known NS ns.test.\nknown DS 1 8 1 da39a3ee5e6b4b0d3255bfef95601890afd80709\nalias CNAME unknown\nalias2 CNAME known\n",
		"known.example.org":   head + "alias CNAME @\n",
		"unknown.example.org": head + "alias CNAME @\n",
		"example.net":         head + "known CNAME known.example.org.\nunknown CNAME unknown.example.org.\n",
	})
	for name, want := range map[string]string{
		"unknown.example.org.":       "NXDOMAIN 0 example.org.",
		"alias.example.org.":         "NXDOMAIN 1 example.org.",
		"alias.unknown.example.org.": "NOERROR 1 unknown.example.org.",
		"unknown.example.net.":       "NOERROR 1 unknown.example.org.",
		"known.example.org.":         "NOERROR 1 ",
		"alias2.example.org.":        "NOERROR 2 ",
		"alias.known.example.org.":   "NOERROR 2 ",
		"known.example.net.":         "NOERROR 2 ",
	} {
		got, _ := ask(t, f.Store.Current(), asked{name: name, typ: dns.TypeDS})
		soa := ""
		for _, rr := range got.Ns {
			soa += rr.Header().Name
		}
		if is := fmt.Sprintf("%s %d %s", dns.RcodeToString[got.Rcode], len(got.Answer), soa); is != want {
			t.Errorf("%s: got %s, want %s", name, is, want)
		}
		f.Judge(t, got, name, dns.TypeDS, false)
	}
}
