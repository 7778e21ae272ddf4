package geoip

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
	"github.com/oschwald/maxminddb-golang/v2"
)

// twinNetworks are those of a family as the library has them.
func twinNetworks(t *testing.T, d *database, v4 bool) (all []network) {
	within := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}
	if !v4 {
		within = nil
		for length := 96; length > 0; length-- { // all but ::/96
			var bit [16]byte
			bit[(length-1)/8] = 1 << (7 - (length-1)%8)
			within = append(within, netip.PrefixFrom(netip.AddrFrom16(bit), length))
		}
	}
	for _, part := range within {
		for found := range d.reader.NetworksWithin(part, maxminddb.IncludeNetworksWithoutData()) {
			if err := found.Err(); err != nil {
				t.Fatal(err)
			}
			p := found.Prefix()
			if !found.Found() {
				continue
			}
			if p.Addr().Is4() != v4 || p.Bits() < part.Bits() {
				p = part // one network is wider than what was asked for
			}
			all = append(all, network{addrOf(p.Addr()).first(p.Bits()), addrOf(p.Addr()).last(p.Bits()), uint32(found.Offset()) + 1})
		}
	}
	return all
}

// join makes one of neighbours with one record. What the library cuts up around ::/96 is one network.
func join(all []network) (joined []network) {
	for _, n := range all {
		if last := len(joined) - 1; last >= 0 && joined[last].record == n.record && joined[last].last.next() == n.first {
			joined[last].last = n.last
		} else {
			joined = append(joined, n)
		}
	}
	return joined
}

func collect(t *testing.T, d *database, v4, joined bool) (all []network) {
	for batch, err := range d.networks(v4, joined) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, batch...)
	}
	return all
}

// aliases are other names of IPv4 in many files.
var aliases = append(prefixes("2001::/32"), twinEmbeddings...)

func TestAWalkThroughATreeFindsWhatTheLibraryFinds(t *testing.T) {
	t.Parallel()
	for _, options := range []mmdbwriter.Options{
		{RecordSize: 24}, {RecordSize: 28}, {RecordSize: 32}, {RecordSize: 28, DisableIPv4Aliasing: true}, {RecordSize: 24, IPVersion: 4},
	} {
		for seed := range uint64(4) {
			t.Run(fmt.Sprint(options.RecordSize, options.IPVersion, options.DisableIPv4Aliasing, seed), func(t *testing.T) {
				t.Parallel()
				random := rand.New(rand.NewPCG(seed, 5))
				var entries []entry
				for _, r := range randomSpace(random).data {
					aliased := func(p netip.Prefix) bool { return p.Overlaps(r.prefix) }
					if (options.IPVersion != 4 || r.prefix.Addr().Is4()) && (options.DisableIPv4Aliasing || !slices.ContainsFunc(aliases, aliased)) {
						entries = append(entries, entry{r.prefix.String(), object{"asn": mmdbtype.Uint32(r.value)}})
					}
				}
				if seed == 1 && options.DisableIPv4Aliasing { // all around ::/96
					entries = append([]entry{{"::/7", asn(77)}}, entries...)
				}
				d := open(t, writeMMDB(t, options, entries...)).sources[0].(*database)
				for _, v4 := range []bool{true, false} {
					if !v4 && options.IPVersion == 4 {
						continue
					}
					want := join(twinNetworks(t, d, v4))
					each, joined := collect(t, d, v4, false), collect(t, d, v4, true)
					if all, _ := d.tree.record(d.tree.v4); !v4 && d.tree.v4 > d.tree.nodes {
						// IPv4 is one network. The library takes every other with its record for another name of it.
						like := func(n network) bool { return n.record == all && n.first != ipv4End }
						each, joined, want = slices.DeleteFunc(each, like), slices.DeleteFunc(joined, like), slices.DeleteFunc(want, like)
					}
					if !slices.Equal(join(each), want) || !slices.Equal(join(joined), want) || len(joined) > len(want)+len(want)/batchSize {
						t.Errorf("IPv4 %v: got %d networks, joined %d, want %d:\n%v\n%v", v4, len(each), len(joined), len(want), join(each), want)
					}
				}
			})
		}
	}
}

// TestWhatNobodyAsksForChangesNothingElse holds records that are read in part against whole ones.
func TestWhatNobodyAsksForChangesNothingElse(t *testing.T) {
	t.Parallel()
	text := func(s string) mmdbtype.String { return mmdbtype.String(s) }
	var entries []entry
	add := func(record object) {
		entries = append(entries, entry{fmt.Sprintf("192.0.2.%d/32", len(entries)), record})
	}
	for _, country := range []string{"FR", "", "France"} {
		for _, registered := range []string{"US", ""} {
			add(object{
				"city": object{"names": object{"en": text("Paris")}}, "country": object{"iso_code": text(country)},
				"location":           object{"latitude": mmdbtype.Float64(48.85), "longitude": mmdbtype.Float64(2.35)},
				"registered_country": object{"iso_code": text(registered)}, "subdivisions": mmdbtype.Slice{object{"iso_code": text("IDF")}},
			})
			add(object{"country_code": text(country), "registered_country": text(registered), "region_code": text("IDF"), "city": text("Paris"), "asn": text("AS7")})
		}
	}
	d := open(t, writeMMDB(t, mmdbwriter.Options{}, entries...)).sources[0].(*database)
	for _, n := range collect(t, d, true, false) {
		whole, err := d.location(n.record, wantsAll)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range []wants{{}, {region: true}, {city: true}} {
			want := whole
			part, err := d.location(n.record, w)
			if !w.region {
				want.Region, part.Region = "", "" // a flat record's costs nothing
			}
			if !w.city {
				want.City = ""
			}
			if err != nil || part != want {
				t.Errorf("%v of record %d: got %+v, %v; want %+v", w, n.record, part, err, want)
			}
		}
	}
}
