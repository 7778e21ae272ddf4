package geodns

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/geoip"
)

var loopback = geoip.BlockOfAddr(netip.MustParseAddr("127.0.0.1"))

// ask sends one query straight to a Responder, and returns the reply as miekg/dns reads it; nil is silence.
func (w *world) ask(t testing.TB, m *dns.Msg, tcp bool) *dns.Msg {
	t.Helper()
	raw, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	r := NewResponder(w.store, Identity{Name: "fra", Version: "tinycdn test"})
	reply := r.Respond(nil, raw, loopback, tcp)
	if len(reply) == 0 {
		return nil
	}
	got := new(dns.Msg)
	if err := got.Unpack(reply); err != nil {
		t.Fatalf("%v: the reply cannot be read: %v\n%x", m.Question, err, reply)
	}
	return got
}

func question(name string, typ uint16) *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion(name, typ)
	return m
}

// judge asks the world and the twin the same question, and compares.
func (w *world) judge(t testing.TB, name string, typ uint16, do bool) {
	t.Helper()
	m := question(name, typ)
	m.SetEdns0(1232, do)
	got := w.ask(t, m, true)
	want := w.twin.answer(strings.ToLower(name), typ, do)
	at := fmt.Sprintf("%s %s", name, dns.Type(typ))
	if got == nil {
		t.Fatalf("%s: silence", at)
	}
	if got.Rcode != want.rcode || got.Authoritative != want.aa || got.Truncated {
		t.Errorf("%s: got %s aa=%v tc=%v, want %s aa=%v", at, dns.RcodeToString[got.Rcode], got.Authoritative, got.Truncated, dns.RcodeToString[want.rcode], want.aa)
	}
	if want.geo != "" {
		w.judgeGeo(t, got, &want, typ)
		return
	}
	compare(t, at+": answer", got.Answer, want.answer)
	compare(t, at+": authority", got.Ns, want.authority)
	extra := texts(got.Extra)
	for _, g := range texts(want.glue) {
		if !slices.Contains(extra, g) {
			t.Errorf("%s: no glue %s in %q", at, g, extra)
		}
	}
	// What else is in Additional are addresses as the zones have them.
	for _, rr := range got.Extra {
		h := rr.Header()
		if h.Rrtype == dns.TypeOPT {
			continue
		}
		z := w.twin.enclosing(strings.ToLower(h.Name))
		if z == nil {
			t.Errorf("%s: additional %v", at, rr)
			continue
		}
		owner := strings.ToLower(h.Name)
		if !slices.Contains(append(texts(z.find(owner, h.Rrtype)), texts(w.parentOf(z).find(owner, h.Rrtype))...), texts([]dns.RR{rr})[0]) {
			t.Errorf("%s: additional %v, which the zone does not have", at, rr)
		}
	}
}

func (w *world) parentOf(z *twinZone) *twinZone {
	if z.apex != "." {
		if p := w.twin.enclosing(parent(z.apex)); p != nil {
			return p
		}
	}
	return z
}

// judgeGeo checks the addresses of a geo name: those of the POPs in the order that the table has for the client.
func (w *world) judgeGeo(t testing.TB, got *dns.Msg, want *verdict, typ uint16) {
	t.Helper()
	z := w.twin.enclosing(want.geo)
	m := siteMap(t)
	var list []string
	for _, pop := range m.Orders[m.Default] {
		for _, a := range m.POPs[pop].Addresses {
			if a.Is4() == (typ == dns.TypeA) {
				list = append(list, strings.ToLower(fmt.Sprintf("%s\t%d\tIN\t%s\t%s", got.Question[0].Name, z.geo[want.geo], dns.Type(typ), a)))
			}
		}
		if len(list) > 0 {
			break
		}
	}
	if gotList := texts(got.Answer); !slices.Equal(gotList, list) {
		t.Errorf("%v: got %q, want %q", got.Question, gotList, list)
	}
}

func compare(t testing.TB, what string, got, want []dns.RR) {
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

var askedTypes = []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeNS, dns.TypeSOA, dns.TypeCNAME, dns.TypeDNAME, dns.TypeMX,
	dns.TypeTXT, dns.TypeDS, dns.TypeANY, dns.TypeSRV, dns.TypeCAA, 65400, dns.TypeHTTPS, 0, 65535}

// Every name of the zones, every name beside and below each, every type: all as the plain twin says.
func TestEveryNameIsAnsweredAsTheTwinDoes(t *testing.T) {
	t.Parallel()
	w := mustWorld(t, everything)
	names := map[string]bool{".": true, "org.": true, "com.": true, "example.com.": true}
	for _, z := range w.twin.zones {
		owners := slices.Collect(mapsKeys(z.records))
		owners = append(owners, slices.Collect(mapsKeys(z.geo))...)
		for _, owner := range owners {
			for _, at := range chain(owner, z.apex) {
				for _, name := range []string{at, below("x", at), below("*", at), below("Y.x", at), below("a.b.c.d", at), below(strings.Repeat("l", 63), at)} {
					names[name] = true
				}
			}
		}
	}
	for name := range names {
		if _, ok := dns.IsDomainName(name); !ok {
			continue
		}
		for _, typ := range askedTypes {
			w.judge(t, name, typ, false)
			w.judge(t, strings.ToUpper(name), typ, true)
		}
	}
}

func mapsKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// randomZone writes a zone of names from few labels, so that everything meets everything.
func randomZone(r *rand.Rand, apex string) string {
	labels := []string{"a", "b", "*", "c"}
	name := func() string {
		s := labels[r.IntN(len(labels))]
		for r.IntN(2) == 0 {
			s += "." + labels[r.IntN(len(labels))]
		}
		return s
	}
	target := func() string {
		switch r.IntN(6) {
		case 0:
			return "example."
		case 1:
			return name() + ".example."
		case 2:
			return name() + ".b.example."
		case 3:
			return "elsewhere.test."
		}
		return name()
	}
	var b strings.Builder
	b.WriteString("$TTL 60\n@ SOA ns.test. h.test. 1 2 3 4 30\n@ NS ns.test.\n")
	for range r.IntN(8) {
		switch r.IntN(8) {
		case 0:
			fmt.Fprintf(&b, "%s CNAME %s\n", name(), target())
		case 1:
			fmt.Fprintf(&b, "%s DNAME %s\n", name(), target())
		case 2:
			fmt.Fprintf(&b, "%s NS ns.test.\n", name())
		case 3:
			fmt.Fprintf(&b, "%s 9 GEO\n", name())
		case 4:
			fmt.Fprintf(&b, "%s MX 1 %s\n", name(), target())
		case 5:
			fmt.Fprintf(&b, "%s DS 1 8 1 da39a3ee5e6b4b0d3255bfef95601890afd80709\n", name())
		default:
			fmt.Fprintf(&b, "%s A 192.0.2.%d\n", name(), r.IntN(256))
		}
	}
	return b.String()
}

// FuzzFastEqualsSlow asks random zones, one inside the other, for every name of few labels.
func FuzzFastEqualsSlow(f *testing.F) {
	for seed := range uint64(60) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		files := map[string]string{"example": randomZone(r, "example")}
		if r.IntN(2) == 0 {
			files["b.example"] = randomZone(r, "b.example")
		}
		w, problems := newWorld(t, files)
		for _, p := range problems { // a zone that is refused is not served
			for apex := range files {
				if strings.HasSuffix(p.File, "/"+apex+".zone") || strings.HasSuffix(p.File, "/"+apex+".toml") {
					delete(w.twin.zones, apex+".")
				}
			}
		}
		labels := []string{"a", "b", "c", "*", "x"}
		for _, l1 := range labels {
			for _, l2 := range labels {
				for _, name := range []string{"example.", l1 + ".example.", l2 + "." + l1 + ".example.", l1 + "." + l2 + "." + l1 + ".example.", "a.b." + l1 + "." + l2 + ".example."} {
					for _, typ := range []uint16{dns.TypeA, dns.TypeMX, dns.TypeDS, dns.TypeANY, dns.TypeCNAME, dns.TypeNS, dns.TypeAAAA} {
						w.judge(t, name, typ, seed%2 == 0)
					}
				}
			}
		}
		if t.Failed() {
			t.Logf("zones: %v\nrefused: %v", files, problems)
		}
	})
}
