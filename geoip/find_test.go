package geoip

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

func asn(n uint32) object { return object{"asn": mmdbtype.Uint32(n)} }

// byASN decides by what the test databases hold.
func byASN(loc *Location) uint16 { return uint16(loc.ASN) }

func always(value uint16) func(*Location) uint16 { return func(*Location) uint16 { return value } }

func TestFind(t *testing.T) {
	t.Parallel()
	d := open(t, writeMMDB(t, mmdbwriter.Options{},
		entry{"198.51.0.0/16", asn(1)},
		entry{"198.51.100.0/24", asn(2)},
		entry{"10.0.0.0/7", asn(1)},
		entry{"2001:db8::/32", asn(1)},
		entry{"2001:db8:1:2:8000::/65", asn(3)},
		entry{"2001:db8:1:3::1/128", asn(3)},
	))
	table := build(t, d, Spec{Unlocated: 7, Decide: byASN, Networks: []Override{
		{netip.MustParsePrefix("198.51.100.128/25"), always(4)},
		{netip.MustParsePrefix("::ffff:198.51.100.192/122"), always(5)},
		{netip.MustParsePrefix("192.168.7.0/24"), always(6)},
		{netip.MustParsePrefix("2002::/16"), always(6)}, // has no effect: 6to4 is decided as IPv4
	}})
	for _, c := range []struct {
		block string
		value uint16
		scope int
		why   string
	}{
		{"198.51.7.7/32", 1, 18, "the /24 and its neighbours in 198.51.64.0/18 narrow no further"},
		{"198.51.101.0/24", 1, 24, "a narrower network beside it lengthens the scope"},
		{"198.51.100.0/32", 2, 25, "an operator's network in it"},
		{"198.51.100.130/32", 4, 26, "another in that"},
		{"198.51.100.200/32", 5, 26, "which is written as v4-mapped"},
		{"198.51.100.0/24", 2, 25, "the largest share, with a scope longer than the source"},
		{"198.51.100.128/25", 4, 26, "equal shares: the lower"},
		{"198.51.0.0/16", 1, 17, "the widest scope of the largest share is that of 198.51.128.0/17"},
		{"11.1.2.3/32", 1, 8, "data beside reserved space"},
		{"10.1.2.3/32", Reserved, 8, "data in reserved space is passed over"},
		{"192.168.7.7/32", 6, 24, "an operator's network in reserved space is not"},
		{"192.168.8.0/24", Reserved, 21, "beside that"},
		{"127.0.0.1/32", Reserved, 8, "loopback"},
		{"100.100.0.0/16", Reserved, 10, "carriers' NAT"},
		{"169.254.1.1/32", Reserved, 16, "link-local"},
		{"224.0.0.251/32", Reserved, 3, "multicast merges with class E"},
		{"255.255.255.255/32", Reserved, 3, "broadcast"},
		{"0.0.0.0/32", Reserved, 8, "this network"},
		{"192.0.2.1/32", 7, 9, "documentation addresses are ordinary"},
		{"0.0.0.0/0", 7, 3, "everything: most of it has no data, as all of 32.0.0.0/3"},

		{"2001:db8:1:3::1/128", 3, 128, "a single address"},
		{"2001:db8:1:3::2/128", 1, 127, "its neighbour's neighbour"},
		{"2001:db8:1:2::/128", 1, 65, "half a /64"},
		{"2001:db8:1:2:ffff::/128", 3, 65, "the other half"},
		{"2001:db8:1:2::/64", 1, 65, "both: the lower"},
		{"2001:db8:1:3::/64", 1, 65, "nearly all"},
		{"2001:db8:ffff::/48", 1, 33, "the rest of a network"},
		{"2001:db9::/48", 7, 32, "no data"},
		{"2001:0:1::/128", 7, 21, "Teredo is unlocated"},
		{"::1.2.3.4/128", 7, 104, "the databases' name for IPv4 is no address"},
		{"::1/128", Reserved, 127, "loopback and unspecified"},
		{"fd00::1/128", Reserved, 7, "unique local"},
		{"fe80::1/128", Reserved, 9, "link-local merges with site-local"},
		{"ff02::1/128", Reserved, 8, "multicast"},
		{"::ffff:198.51.100.200/128", 5, 96 + 26, "v4-mapped"},
		{"64:ff9b::198.51.100.200/128", 5, 96 + 26, "NAT64"},
		{"2002:c633:64c8::/48", 5, 16 + 26, "6to4"},
		{"2002:c633:64c8:1:2:3:4:5/128", 5, 16 + 26, "6to4, beyond the IPv4 address"},
		{"2002:c633:6400::/40", 2, 16 + 25, "a block in 6to4"},
		{"2002:a01:203::1/128", Reserved, 16 + 8, "private in 6to4"},
		{"2002::/16", 7, 16 + 3, "all of 6to4"},
		{"2002::/15", 7, 16, "6to4 and its neighbour"},
		{"::/0", 7, 2, "everything"},
	} {
		value, scope := table.Find(BlockOf(netip.MustParsePrefix(c.block)))
		if value != c.value || int(scope) != c.scope {
			t.Errorf("%s (%s): got %d /%d, want %d /%d", c.block, c.why, value, scope, c.value, c.scope)
		}
	}
}

func TestOneAnswerForAllHasScopeZero(t *testing.T) {
	t.Parallel()
	d := open(t, writeMMDB(t, mmdbwriter.Options{}, entry{"192.0.2.0/24", asn(1)}, entry{"2001:db8::/32", asn(2)}))
	table := build(t, d, Spec{Unlocated: 7, Decide: byASN, Networks: []Override{
		{netip.MustParsePrefix("0.0.0.0/0"), always(3)},
		{netip.MustParsePrefix("::/0"), always(3)},
	}})
	if v4, v6 := table.Runs(); v4 != 1 || v6 != 1 {
		t.Errorf("got %d and %d runs, want one each", v4, v6)
	}
	for _, block := range []string{"192.0.2.1/32", "10.0.0.0/8", "0.0.0.0/0", "2001:db8::1/128", "::/0", "2002:a00:1::/48", "::ffff:10.0.0.1/128", "::1/128"} {
		if value, scope := table.Find(BlockOf(netip.MustParsePrefix(block))); value != 3 || scope != 0 {
			t.Errorf("%s: got %d /%d, want 3 /0", block, value, scope)
		}
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	d := open(t, writeMMDB(t, mmdbwriter.Options{}, entry{"192.0.2.0/24", asn(1)}, entry{"192.0.3.0/25", asn(1)}, entry{"2001:db8:1:2:3::/80", asn(2)}))
	table := build(t, d, Spec{Unlocated: 7, Decide: byASN})
	for a, want := range map[string]string{
		"192.0.2.77":             "192.0.2.0-192.0.3.127 1",
		"192.0.3.128":            "192.0.3.128-192.167.255.255 7",
		"::ffff:192.0.2.1":       "192.0.2.0-192.0.3.127 1",
		"64:ff9b::c000:201":      "192.0.2.0-192.0.3.127 1",
		"2002:c000:201::1":       "192.0.2.0-192.0.3.127 1",
		"255.255.255.255":        "224.0.0.0-255.255.255.255 65535",
		"2001:db8:1:2:3::1":      "2001:db8:1:2:3::-2001:db8:1:2:3:ffff:ffff:ffff 2",
		"2001:db8:1:2:4::":       "2001:db8:1:2:4::-2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff 7",
		"::1":                    "::-::1 65535",
		"::1:0:0:0":              "::1:0:0:0-64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff 7",
		"ffff:ffff:ffff:ffff::1": "fe80::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535",
	} {
		first, last, value := table.Run(netip.MustParseAddr(a))
		if got := fmt.Sprintf("%s-%s %d", first, last, value); got != want {
			t.Errorf("%s: got %s, want %s", a, got, want)
		}
	}
}

func TestFindAllocatesNothing(t *testing.T) {
	table := crowded(t).Table()
	for _, block := range []string{"198.51.100.7/32", "198.51.100.0/24", "10.0.0.0/8", "0.0.0.0/1", "2001:db8::1/128", "2001:db8::/32",
		"2001:db8:1:2::/64", "2001:db8:1:2::/63", "2002:c633:6407::/48", "2000::/3", "::ffff:198.51.100.7/128"} {
		b := BlockOf(netip.MustParsePrefix(block))
		if n := testing.AllocsPerRun(100, func() { table.Find(b) }); n != 0 {
			t.Errorf("%s: %v allocations, want none", block, n)
		}
	}
}

// crowded is a table as bad as a database could make it: every second address of some networks has another value.
func crowded(t testing.TB) *Packed {
	var entries []entry
	for i := range 128 {
		entries = append(entries,
			entry{fmt.Sprintf("198.51.100.%d/32", 2*i), asn(uint32(1 + i))},
			entry{fmt.Sprintf("198.51.%d.0/24", 2*i), asn(uint32(1 + i))},
			entry{fmt.Sprintf("2001:db8:1:2::%x/128", 2*i), asn(uint32(1 + i))},
			entry{fmt.Sprintf("2001:db8:%x::/48", 2+2*i), asn(uint32(1 + i))},
		)
	}
	return pack(t, open(t, writeMMDB(t, mmdbwriter.Options{}, entries...)), Spec{Decide: byASN})
}

// A block costs at most as much as maxRuns runs, whoever asks for it: the others are in the list of wide answers.
func TestWideBlocksAreAnsweredAhead(t *testing.T) {
	t.Parallel()
	table := crowded(t).Table()
	for _, h := range []*half{&table.v4, &table.v6} {
		for i := range h.starts {
			for length := range 128 {
				first := h.start(i).first(length)
				runs := h.exact(first.last(length)) - h.exact(first) + 1
				_, ahead := findWide(h, first, length)
				if ahead != (runs > maxRuns) && h == &table.v4 || !ahead && runs > maxRuns {
					t.Fatalf("%s/%d: %d runs, answered ahead: %v", first.netip(h == &table.v4), length, runs, ahead)
				}
			}
		}
	}
}

func findWide(h *half, first addr, length int) (wideAnswer, bool) {
	for _, w := range h.wide {
		if w.first == first && int(w.length) == length {
			return w, true
		}
	}
	return wideAnswer{}, false
}
