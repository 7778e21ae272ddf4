package geoip

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

// space is a random database with an operator's rules.
type space struct {
	data, networks []twinRule
	unlocated      uint16
	centres        []netip.Prefix // where the networks cluster
}

func randomSpace(random *rand.Rand) *space {
	s := &space{unlocated: uint16(random.IntN(3))}
	for _, p := range prefixes("198.51.100.0/24", "1.0.0.0/8", "9.255.255.0/24", "192.168.0.0/16", "2001:db8::/32", "2a00::/12",
		"2a00:1:2:3::/64", "2001::/31", "3fff:ffff:ffff::/48", "fbff::/16", "::/0", "0.0.0.0/0") { // the clusters overlap what is special, on purpose
		if random.IntN(2) == 0 {
			s.centres = append(s.centres, p)
		}
	}
	s.centres = append(s.centres, netip.MustParsePrefix("203.0.113.0/24"))
	values := 1 + random.IntN(6)
	networks := random.IntN(120)
	if random.IntN(4) == 0 {
		networks *= 8 // so that there are blocks of more than maxRuns runs
	}
	for range networks {
		if p := s.randomPrefix(random); !slices.ContainsFunc(twinEmbeddings, p.Overlaps) && !p.Overlaps(twinNowhere[0]) {
			s.data = append(s.data, twinRule{p, uint16(1 + random.IntN(values))})
		}
	}
	s.data = append(s.data, twinRule{netip.MustParsePrefix("203.0.113.0/25"), 1}) // a database cannot be empty
	for range random.IntN(12) {
		p := s.randomPrefix(random)
		// The edge of embedded space ends a run, and so it does for the twin when the value changes there.
		if !slices.ContainsFunc(twinEmbeddings, func(e netip.Prefix) bool { return e.Bits() <= p.Bits() && e.Overlaps(p) }) && p.Bits() > 0 &&
			!slices.ContainsFunc(s.networks, func(r twinRule) bool { return r.prefix == p }) {
			s.networks = append(s.networks, twinRule{p, uint16(random.IntN(values + 1))})
		}
	}
	return s
}

// randomPrefix gives a prefix in one of the clusters, often short of it by a few bits, sometimes a single address.
func (s *space) randomPrefix(random *rand.Rand) netip.Prefix {
	centre := s.centres[random.IntN(len(s.centres))]
	a := randomIn(random, centre)
	length := centre.Bits() + random.IntN(min(12, a.BitLen()-centre.Bits())+1)
	if random.IntN(8) == 0 {
		length = centre.Bits() + random.IntN(a.BitLen()-centre.Bits()+1)
	}
	p, _ := a.Prefix(length)
	return p
}

func randomIn(random *rand.Rand, p netip.Prefix) netip.Addr {
	m := mask(p.Bits())
	a := addrOf(p.Addr())
	return addr{a.hi | random.Uint64()&m.hi, a.lo | random.Uint64()&m.lo}.netip(p.Addr().Is4())
}

// block gives a block to ask for: near an edge of some network, or anywhere, of any length, also inside embedded IPv4.
func (s *space) block(random *rand.Rand) netip.Prefix {
	near := s.data
	if len(s.networks) > 0 && random.IntN(3) == 0 {
		near = s.networks
	}
	p := near[random.IntN(len(near))].prefix
	a := addrOf(p.Addr())
	switch random.IntN(4) {
	case 0:
		a = a.prev()
	case 1:
		a = a.last(p.Bits()).next()
	case 2:
		a = addrOf(randomIn(random, p))
	}
	v4 := p.Addr().Is4()
	if v4 {
		a.hi, a.lo = a.hi>>32<<32, 0
	}
	length := random.IntN(p.Addr().BitLen() + 1)
	if v4 && random.IntN(3) == 0 {
		e := twinEmbeddings[random.IntN(len(twinEmbeddings))]
		inside, first := a.shift(e.Bits()), addrOf(e.Addr())
		a, v4 = addr{inside.hi | first.hi, inside.lo | first.lo}, false
		length = random.IntN(129)
	}
	block, _ := a.netip(v4).Prefix(length)
	return block
}

func (s *space) build(t *testing.T) *Table { return s.pack(t, nil).Table() }

func (s *space) pack(t *testing.T, divide func(uint16, Block) uint16) *Packed {
	var entries []entry
	for _, r := range s.data {
		entries = append(entries, entry{r.prefix.String(), object{"asn": mmdbtype.Uint32(r.value)}})
	}
	spec := Spec{Unlocated: s.unlocated, Divide: divide, Decide: func(loc *Location) uint16 { return uint16(loc.ASN) }}
	for _, r := range s.networks {
		spec.Networks = append(spec.Networks, Override{r.prefix, func(*Location) uint16 { return r.value }})
	}
	path := writeMMDB(t, mmdbwriter.Options{DisableIPv4Aliasing: true}, entries...)
	return pack(t, open(t, path), spec)
}
