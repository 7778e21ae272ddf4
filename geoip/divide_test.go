package geoip

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/maxmind/mmdbwriter"
)

// third moves one piece of three.
func third(value uint16, piece Block) uint16 {
	if piece.Hi>>32%3 == 0 {
		return value + 10
	}
	return value
}

// TestADividedTableIsThatOfTheTwin puts random blocks to tables of divided space, and holds them to the bound of their runs.
func TestADividedTableIsThatOfTheTwin(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 3))
			s := randomSpace(random)
			s.data = slices.DeleteFunc(s.data, func(r twinRule) bool { return r.prefix.Addr().Is6() && r.prefix.Bits() < 32 })
			whole, table := s.build(t), s.pack(t, third).Table()
			w := newTwin(s.data, s.networks, s.unlocated, piecesOf(s.data)...)
			w.divide = func(value uint16, piece netip.Prefix) uint16 { return third(value, BlockOf(piece)) }
			for range 20 {
				if block := s.block(random); block.Bits() > 12 {
					w.judge(t, table, block)
				}
			}
			v4, v6 := table.Runs()
			most4, most6 := whole.Runs()
			if most4, most6 = most4+1<<16, most6+len(s.data); v4 > most4 || v6 > most6 {
				t.Errorf("%d runs of IPv4 and %d of IPv6, more than %d and %d", v4, v6, most4, most6)
			}
		})
	}
}

// piecesOf are all the /16 of IPv4, and the /32 that hold networks of IPv6.
func piecesOf(data []twinRule) (list []netip.Prefix) {
	for i := range 1 << 16 {
		list = append(list, netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(i >> 8), byte(i)}), 16))
	}
	for _, r := range data {
		if piece, err := r.prefix.Addr().Prefix(32); err == nil && r.prefix.Addr().Is6() {
			list = append(list, piece)
		}
	}
	return list
}

// Of IPv6 no network is divided into more than 16 pieces, and nothing that no database knows: there is more of it than can be.
func TestWideNetworksOfIPv6AreDividedIntoFewPieces(t *testing.T) {
	t.Parallel()
	d := open(t, writeMMDB(t, mmdbwriter.Options{}, entry{"2a00::/12", asn(1)}, entry{"2600:ff00::/30", asn(2)}))
	every := func(value uint16, piece Block) uint16 { return value + uint16(piece.Hi>>32&0x1ff+piece.Hi>>48) }
	table := build(t, d, Spec{Divide: every, Decide: func(loc *Location) uint16 { return uint16(loc.ASN) }})
	for address, want := range map[string]uint16{
		"2a00::": 1 + 0x2a00, "2a00:ffff::": 1 + 0x2a00, "2a01::": 1 + 0x2a01, "2a0f:ffff::": 1 + 0x2a0f, "3000::": 0, "2a10::": 0,
		"2600:ff00::": 2 + 0x2600 + 0x100, "2600:ff01::1": 2 + 0x2600 + 0x101, "2600:ff03:ffff::": 2 + 0x2600 + 0x103, "2600:ff04::": 0,
	} {
		if got, _ := table.Find(BlockOfAddr(netip.MustParseAddr(address))); got != want {
			t.Errorf("%s: got %d, want %d", address, got, want)
		}
	}
	undivided := build(t, d, Spec{Decide: func(loc *Location) uint16 { return uint16(loc.ASN) }})
	_, v6 := table.Runs()
	if _, most := undivided.Runs(); v6 != most+15+3 {
		t.Errorf("%d runs, and %d where nothing is divided; want 18 more", v6, most)
	}
}
