package zones_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/zones"
	"tinycdn/zones/sign"
	"tinycdn/zones/zonestest"
)

// dump is all that a zone answers, as a master file: by its names, and of geo names what one client gets.
func dump(t testing.TB, s *zones.Snapshot, names []string) string {
	t.Helper()
	seen := map[string]bool{}
	var b strings.Builder
	add := func(rrs []dns.RR) {
		for _, rr := range rrs {
			if text := rr.String(); !seen[text] {
				seen[text] = true
				b.WriteString(text + "\n")
			}
		}
	}
	for _, name := range names {
		for _, typ := range []uint16{dns.TypeSOA, dns.TypeNS, dns.TypeA, dns.TypeAAAA, dns.TypeCNAME, dns.TypeMX, dns.TypeTXT, dns.TypeDS, dns.TypeDNAME, dns.TypeDNSKEY, dns.TypeCDS, dns.TypeCDNSKEY, dns.TypeNSEC} {
			got, _ := ask(t, s, asked{name: name, typ: typ, do: true})
			if !got.Authoritative { // a referral, with glue
				add(got.Ns)
				add(got.Extra)
				continue
			}
			add(slices.DeleteFunc(got.Answer, func(rr dns.RR) bool { return zonestest.Canonical(rr.Header().Name, name) != 0 }))
		}
		// At a delegation, only a name that is not there is told by its NSEC.
		label, above, _ := strings.Cut(name, ".")
		got, _ := ask(t, s, asked{name: label + "0." + above, typ: dns.TypeA, do: true})
		add(slices.DeleteFunc(got.Ns, func(rr dns.RR) bool {
			sig, isSig := rr.(*dns.RRSIG)
			return rr.Header().Rrtype != dns.TypeNSEC && !(isSig && sig.TypeCovered == dns.TypeNSEC)
		}))
	}
	return b.String()
}

// TestForeignVerifiersHaveNothingToSay of a zone signed here, with all of its geo names as somebody gets them: BIND's, ldns' and Knot's, which
// reads no name with an octet of 0.
func TestForeignVerifiersHaveNothingToSay(t *testing.T) {
	t.Parallel()
	zone := everyProof + "geo 300 GEO\ntwo 300 GEO two\n*.wg 60 GEO six\n"
	for _, odd := range []bool{true, false} {
		var b strings.Builder
		var names []string
		for line := range strings.Lines(zone) {
			f := strings.Fields(line)
			if strings.HasPrefix(line, "\\") && !odd {
				continue
			}
			b.WriteString(line)
			if f[0] == "@" {
				f[0] = ""
			}
			if f[0] != "$TTL" && !strings.HasPrefix(f[0], "ns.") {
				names = append(names, strings.TrimPrefix(strings.ToLower(f[0])+".example.", "."))
			}
		}
		store, _, _ := signedStore(t, b.String(), new(sign.Cache))
		dir := t.TempDir()
		writeAll(t, filepath.Join(dir, "signed"), dump(t, store.Current(), names))
		tool(t, dir, "dnssec-verify", "-q", "-z", "-o", "example", "signed")
		if out := tool(t, dir, "ldns-verify-zone", "signed"); !strings.Contains(out, "Zone is verified and complete") {
			t.Errorf("ldns-verify-zone: %s", out)
		}
		if !odd {
			tool(t, dir, "kzonecheck", "-d", "on", "-o", "example", "signed")
		}
	}
}
