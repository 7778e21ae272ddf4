package zones_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/zones/zonestest"
)

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
			fmt.Fprintf(&b, "%s 9 GEO %s\n", name(), []string{"site", "two"}[r.IntN(2)])
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
	fixture, _ := zonestest.New(f, nil)
	fixture.SetMaps(f, zonestest.Maps(f))
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		files := map[string]string{"example": randomZone(r, "example")}
		if r.IntN(2) == 0 {
			files["b.example"] = randomZone(r, "b.example")
		}
		problems := fixture.Load(t, files) // a zone that is refused is not served
		snapshot := fixture.Store.Current()
		labels := []string{"a", "b", "c", "*", "x"}
		for _, l1 := range labels {
			for _, l2 := range labels {
				for _, name := range []string{"example.", l1 + ".example.", l2 + "." + l1 + ".example.", l1 + "." + l2 + "." + l1 + ".example.", "a.b." + l1 + "." + l2 + ".example."} {
					for _, typ := range []uint16{dns.TypeA, dns.TypeMX, dns.TypeDS, dns.TypeANY, dns.TypeCNAME, dns.TypeNS, dns.TypeAAAA} {
						do := seed%2 == 0
						got, _ := ask(t, snapshot, asked{name: name, typ: typ, do: do})
						fixture.Judge(t, got, name, typ, do)
					}
				}
			}
		}
		if t.Failed() {
			t.Logf("zones: %v\nrefused: %v", files, problems)
		}
	})
}
