package geoip

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

// TestTablesOfOneDatabaseAndOfSeveralSayWhatLookupsFind: of more records than are remembered, of which IPv4 and IPv6 have some in common.
func TestTablesOfOneDatabaseAndOfSeveralSayWhatLookupsFind(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 13))
	var towns, networks []entry
	for range 3 << recentBits {
		n := random.IntN(2 << recentBits)
		v4 := netip.PrefixFrom(netip.AddrFrom4([4]byte{1, byte(random.Uint32()), byte(random.Uint32()), byte(random.Uint32())}), 20+random.IntN(10)).Masked()
		v6 := netip.PrefixFrom(netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, byte(random.Uint32()), byte(random.Uint32())}), 38+random.IntN(10)).Masked()
		towns = append(towns, entry{v4.String(), flatRecord("FR", float64(n%90), float64(n%170))}, entry{v6.String(), flatRecord("FR", float64(n%90), float64(n%170))})
		networks = append(networks, entry{v4.String(), object{"asn": mmdbtype.Uint32(1 + n)}}, entry{v6.String(), object{"asn": mmdbtype.Uint32(1 + n/3)}})
	}
	random.Shuffle(len(networks), func(i, j int) { networks[i].record, networks[j].record = networks[j].record, networks[i].record })
	spec := Spec{Unlocated: MaxValue, Regionless: true, Decide: func(loc *Location) uint16 {
		hash := fnv.New32()
		fmt.Fprint(hash, loc.Point, loc.Located, loc.Country, loc.ASN)
		return uint16(hash.Sum32() % 60_000)
	}}
	one, two := writeMMDB(t, mmdbwriter.Options{}, towns...), writeMMDB(t, mmdbwriter.Options{}, networks...)
	for _, paths := range [][]string{{one}, {two, one}} {
		d := open(t, paths...)
		plain, withRaster := spec, spec
		withRaster.Raster = new(Raster)
		for _, s := range []Spec{plain, withRaster} {
			table := build(t, d, s)
			for _, e := range towns {
				p := netip.MustParsePrefix(e.prefix)
				loc, _, err := d.Lookup(p.Addr())
				if err != nil {
					t.Fatal(err)
				}
				if got, _ := table.Find(BlockOfAddr(p.Addr())); got != spec.Decide(&loc) {
					t.Fatalf("%s of %d databases: got %d, want %d of %+v", p, len(paths), got, spec.Decide(&loc), loc)
				}
			}
		}
	}
}
