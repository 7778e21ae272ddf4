package geodns

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/geoip"
	"tinycdn/zones"
	"tinycdn/zones/diag"
	"tinycdn/zones/steer"
)

// world is a set of zones, compiled and as the twin knows them.
type world struct {
	store *zones.Store
	twin  twin
}

// newWorld loads zones given as master files by their names. A name with the record "NAME TTL GEO" gets its addresses
// from the map "site".
func newWorld(t testing.TB, files map[string]string) (*world, []diag.Problem) {
	t.Helper()
	w := &world{store: zones.NewStore(), twin: twin{zones: map[string]*twinZone{}}}
	dir := t.TempDir()
	var problems []diag.Problem
	err := w.store.Update(func(d *zones.Draft) error {
		maps, err := siteMaps()
		if err != nil {
			return err
		}
		d.SetMaps(maps)
		for apex, master := range files {
			z, geo := twinOf(t, apex, master)
			w.twin.zones[z.apex] = z
			path := filepath.Join(dir, apex+".toml")
			writeFile(t, path, fmt.Sprintf("origin = %q\ninclude = [%q]\n[records]\n%s", apex, apex+".zone", geo))
			writeFile(t, filepath.Join(dir, apex+".zone"), withoutGeo(master))
			loaded := zones.Load(path, "", []string{"site"})
			if loaded.Value == nil {
				problems = append(problems, loaded.Problems...)
				continue
			}
			d.SetZone(loaded.Value)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, problems
}

func mustWorld(t testing.TB, files map[string]string) *world {
	t.Helper()
	w, problems := newWorld(t, files)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return w
}

// siteMaps are the maps "site" and "two", made once of the built-in table.
var siteMaps = sync.OnceValues(func() ([]*steer.Map, error) {
	dbs, err := geoip.BuiltIn()
	if err != nil {
		return nil, err
	}
	defer dbs.Close()
	return steer.Compile(dbs, testPOPs, []steer.Rules{
		{Name: "site", Default: []string{"nyc"}, Nearest: true, Answers: 1},
		{Name: "two", Default: []string{"syd"}, Nearest: true, Answers: 2},
	})
})

func siteMap(t testing.TB) *steer.Map {
	t.Helper()
	maps, err := siteMaps()
	if err != nil {
		t.Fatal(err)
	}
	return maps[0]
}

var testPOPs = []steer.POP{
	{Name: "nyc", Addresses: addrs("192.0.2.1", "2001:db8:1::1"), Point: geoip.Point{Lat: 40.71, Lon: -74.01}},
	{Name: "fra", Addresses: addrs("192.0.2.2", "192.0.2.22", "2001:db8:2::1"), Point: geoip.Point{Lat: 50.11, Lon: 8.68}},
	{Name: "syd", Addresses: addrs("192.0.2.3"), Point: geoip.Point{Lat: -33.87, Lon: 151.21}},
}

func addrs(list ...string) (a []netip.Addr) {
	for _, s := range list {
		a = append(a, netip.MustParseAddr(s))
	}
	return a
}

func writeFile(t testing.TB, path, s string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
		t.Fatal(err)
	}
}

func isGeoLine(line string) (name string, ttl uint32, ok bool) {
	f := strings.Fields(line)
	if len(f) != 3 || f[2] != "GEO" {
		return "", 0, false
	}
	fmt.Sscan(f[1], &ttl)
	return f[0], ttl, true
}

func withoutGeo(master string) string {
	var b strings.Builder
	for line := range strings.Lines(master) {
		if _, _, ok := isGeoLine(line); !ok {
			b.WriteString(line)
		}
	}
	return b.String()
}

// twinOf reads a master file the plain way, and gives the geo names as TOML too.
func twinOf(t testing.TB, apex, master string) (*twinZone, string) {
	t.Helper()
	z := &twinZone{apex: dns.Fqdn(apex), records: map[string][]dns.RR{}, geo: map[string]uint32{}}
	var toml strings.Builder
	for line := range strings.Lines(master) {
		if name, ttl, ok := isGeoLine(line); ok {
			fmt.Fprintf(&toml, "%q = { geo = \"site\", ttl = %d }\n", name, ttl)
			if name == "@" {
				name = ""
			}
			z.geo[strings.TrimPrefix(dns.Fqdn(name+"."+z.apex), ".")] = ttl
		}
	}
	p := dns.NewZoneParser(strings.NewReader(withoutGeo(master)), z.apex, "")
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		owner := strings.ToLower(rr.Header().Name)
		z.records[owner] = append(z.records[owner], rr)
	}
	for name := range z.geo { // replaces what else would say where the name is
		z.records[name] = slices.DeleteFunc(z.records[name], func(rr dns.RR) bool {
			return slices.Contains([]uint16{dns.TypeA, dns.TypeAAAA, dns.TypeCNAME}, rr.Header().Rrtype)
		})
	}
	if err := p.Err(); err != nil {
		t.Fatalf("%s: %v\n%s", apex, err, master)
	}
	return z, toml.String()
}

// The zones that most tests ask: every kind of name there is.
var everything = map[string]string{
	"example.org": `$TTL 3600
@ SOA ns1 hostmaster 7 7200 1800 259200 300
@ NS ns1
@ NS ns2
@ MX 10 mail
@ MX 20 mail.example.net.
@ TXT "v=spf1 -all"
@ 60 GEO
ns1 A 198.51.100.1
ns1 AAAA 2001:db8::1
ns2 A 198.51.100.2
mail A 198.51.100.3
mail 60 A 198.51.100.4
mail A 198.51.100.4
www 60 GEO
www TXT "beside geo"
old CNAME www
older CNAME old
alias CNAME mail
alias2 CNAME Alias
loop CNAME loop2
loop2 CNAME loop
out CNAME www.example.com.
tonet CNAME mail.example.net.
tonx CNAME nothing.example.net.
tonodata CNAME ns2
tochild CNAME www.child
tocut CNAME www.sub
*.wild A 198.51.100.5
*.wild MX 10 a.wild
*.wild MX 10 mail
a.wild A 198.51.100.6
b.c.wild TXT "makes c.wild an empty non-terminal"
*.wcname CNAME mail
*.wgeo 30 GEO
x.wgeo TXT "no addresses here"
*.wloop CNAME b.wloop
deep.er.still A 198.51.100.7
dn DNAME example.net.
dnloop DNAME dnloop
dnself DNAME a.dnself2
*.dnself2 CNAME z.dnself
long DNAME aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.example.net.
sub NS ns.sub
sub NS ns1
sub NS ns.elsewhere.example.
sub DS 12345 8 2 e2d3c916f6deeac73294e8268fb5885044a833fc5459588f4a9184cfc41a5766
ns.sub A 198.51.100.8
ns.sub AAAA 2001:db8::8
deep.ns.sub TXT "hidden"
child NS ns1.child
ns1.child A 198.51.100.9
_sip._udp SRV 0 5 5060 mail
odd TYPE65400 \# 4 0A000001
caa CAA 0 issue "ca.example.net"
`,
	"child.example.org": `$TTL 300
@ SOA ns1 hostmaster 1 7200 1800 259200 900
@ NS ns1
ns1 A 198.51.100.9
www A 198.51.100.10
up CNAME mail.example.org.
`,
	"example.net": `$TTL 900
@ SOA ns1.example.org. hostmaster.example.org. 1 7200 1800 259200 60
@ NS ns1.example.org.
mail A 203.0.113.1
mail AAAA 2001:db8::25
www CNAME example.org.
back CNAME alias2.example.org.
*.star TXT "star"
`,
}
