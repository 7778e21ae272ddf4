package steer

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"tinycdn/geoip"
)

func head(names string) []string { return strings.Fields(names) }

// compile makes one map, and checks its rules first.
func compile(t testing.TB, d *geoip.Databases, pops []POP, r Rules) *Map {
	t.Helper()
	r.Answers = max(r.Answers, 1)
	r.Check(pops, func(keys []string, format string, args ...any) {
		t.Fatalf("the rules of the test are wrong: %v: "+format, append([]any{keys}, args...)...)
	})
	maps, err := Compile(d, pops, []Rules{r})
	if err != nil {
		t.Fatal(err)
	}
	return maps[0]
}

// orderFor names the POPs that an address or block gets.
func (m *Map) orderFor(block string) string {
	if !strings.Contains(block, "/") {
		a := netip.MustParseAddr(block)
		block = netip.PrefixFrom(a, a.BitLen()).String()
	}
	value, _ := m.Table.Find(geoip.BlockOf(netip.MustParsePrefix(block)))
	if value == geoip.Reserved {
		return "reserved"
	}
	var names []string
	for _, pop := range m.Orders[value] {
		names = append(names, m.POPs[pop].Name)
	}
	return strings.Join(names, " ")
}

// Where the test database places the addresses below.
const (
	newYork      = "192.0.2.1"
	hawaii       = "192.0.2.65"
	paris        = "192.0.2.129"
	paris6       = "2001:db8::1"
	auckland     = "192.0.2.193"
	capeTown     = "198.51.100.1"
	tokyo        = "198.51.100.65"
	onlyAS5      = "198.51.100.129"
	onlyGermany  = "198.51.100.193"
	london       = "203.0.113.1"
	sydney6      = "2001:db8:1::1"
	noData       = "192.0.3.1"
	private      = "10.0.0.1"
	parisIn6to4  = "2002:c000:281::1"
	parisIn6     = "::ffff:192.0.2.129"
	teredoTunnel = "2001:0:c000:281::1"
)

func TestSteering(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rules Rules
		want  map[string]string
	}{
		"nearest": {
			Rules{Default: head("nyc"), Nearest: true},
			map[string]string{
				newYork: "nyc fra sao syd", hawaii: "nyc syd fra sao", paris: "fra nyc sao syd", paris6: "fra nyc sao syd",
				auckland: "syd sao nyc fra", capeTown: "sao fra syd nyc", tokyo: "syd fra nyc sao", onlyGermany: "fra nyc sao syd",
				onlyAS5: "nyc fra sao syd", noData: "nyc fra sao syd", private: "reserved", sydney6: "syd sao nyc fra",
				parisIn6to4: "fra nyc sao syd", parisIn6: "fra nyc sao syd", teredoTunnel: "nyc fra sao syd",
			},
		},
		"default alone fails over to what is near it": {
			Rules{Default: head("syd")},
			map[string]string{newYork: "syd sao nyc fra", noData: "syd sao nyc fra", paris6: "syd sao nyc fra", private: "reserved"},
		},
		"a default of several": {
			Rules{Default: head("fra sao")},
			map[string]string{newYork: "fra sao nyc syd", noData: "fra sao nyc syd"},
		},
		"some of the POPs": {
			Rules{Default: head("syd"), POPs: head("syd fra"), Nearest: true},
			map[string]string{newYork: "fra syd", hawaii: "syd fra", noData: "syd fra", capeTown: "fra syd"},
		},
		"bias": {
			Rules{Default: head("nyc"), Nearest: true, Bias: map[string]float64{"syd": 0.5, "sao": 3}},
			map[string]string{newYork: "nyc fra syd sao", hawaii: "syd nyc fra sao", capeTown: "syd fra nyc sao", noData: "nyc fra syd sao"},
		},
		"a rule gives the head, distance the rest": {
			Rules{Default: head("nyc"), Nearest: true, Countries: []Rule{{"NZ", head("fra")}, {"FR", head("sao nyc")}}},
			map[string]string{auckland: "fra syd sao nyc", paris: "sao nyc fra syd", london: "fra nyc sao syd"},
		},
		"without nearest, the rest is by distance from the head": {
			Rules{Default: head("nyc"), Countries: []Rule{{"NZ", head("fra")}}},
			map[string]string{auckland: "fra nyc sao syd", london: "nyc fra sao syd"},
		},
		"countries before continents": {
			Rules{Default: head("nyc"), Nearest: true, Continents: []Rule{{"EU", head("sao")}, {"AF", head("fra")}}, Countries: []Rule{{"FR", head("syd")}}},
			map[string]string{paris: "syd fra nyc sao", london: "sao fra nyc syd", onlyGermany: "sao fra nyc syd", capeTown: "fra sao syd nyc"},
		},
		"regions before countries": {
			Rules{Default: head("nyc"), Nearest: true, Countries: []Rule{{"US", head("fra")}}, Regions: []Rule{{"US-HI", head("syd")}}},
			map[string]string{newYork: "fra nyc sao syd", hawaii: "syd nyc fra sao"},
		},
		"ASNs before regions": {
			Rules{Default: head("nyc"), Nearest: true, Regions: []Rule{{"US-HI", head("syd")}}, ASNs: []Rule{{"AS1", head("sao")}, {"AS5", head("fra")}}},
			map[string]string{newYork: "sao nyc fra syd", hawaii: "sao nyc syd fra", onlyAS5: "fra nyc sao syd"},
		},
		"networks before all, the longest first": {
			Rules{Default: head("nyc"), Nearest: true, ASNs: []Rule{{"AS2", head("syd")}}, Networks: []Rule{
				{"192.0.2.0/24", head("sao")},
				{"::ffff:192.0.2.128/122", head("nyc")},
				{"192.0.2.129/32", head("fra")},
				{"10.0.0.0/24", head("sao")},
				{"2001:db8::/64", head("sao")},
			}},
			map[string]string{
				newYork: "sao nyc fra syd", paris: "fra nyc sao syd", "192.0.2.130": "nyc fra sao syd", parisIn6to4: "fra nyc sao syd",
				private: "sao nyc fra syd", "10.0.1.1": "reserved", paris6: "sao fra nyc syd", "2001:db8:0:1::": "syd fra nyc sao",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := compile(t, testDatabases(t), world, c.rules)
			for a, want := range c.want {
				if got := m.orderFor(a); got != want {
					t.Errorf("%s: got %s, want %s", a, got, want)
				}
			}
		})
	}
}

func TestEqualDistancesGoByTheOrderOfPOPs(t *testing.T) {
	t.Parallel()
	d := testDatabases(t)
	twins := []POP{{Name: "b", Point: world[1].Point}, {Name: "a", Point: world[1].Point}, {Name: "c", Point: world[0].Point}}
	m := compile(t, d, twins, Rules{Default: head("c"), Nearest: true})
	for a, want := range map[string]string{paris: "b a c", newYork: "c b a"} {
		if got := m.orderFor(a); got != want {
			t.Errorf("%s: got %s, want %s", a, got, want)
		}
	}
}

// Existence never depends on who asks: each order holds a POP with IPv6 if any has it.
func TestOrdersOfManyPOPsAreCut(t *testing.T) {
	t.Parallel()
	d := testDatabases(t)
	var pops []POP
	for i := range 255 {
		pops = append(pops, POP{Name: fmt.Sprint("p", i), Point: geoip.Point{Lat: float64(i%17*10 - 80), Lon: float64(i%36*10 - 180)}, Addresses: addresses("192.0.2.1")})
	}
	pops[200].Addresses = addresses("2001:db8::1")
	for answers, keep := range map[int]int{1: 8, 12: 12, 255: 255} {
		m := compile(t, d, pops, Rules{Default: head("p0"), Nearest: true, Answers: answers, IPv6: ipv6Any})
		for _, order := range m.Orders {
			has := slices.ContainsFunc(order, func(pop uint8) bool { return pop == 200 })
			if !has || len(order) < keep || len(order) > keep+1 {
				t.Errorf("%d answers: got an order of %d POPs, the one with IPv6 among them: %v; want %d or one more, with it", answers, len(order), has, keep)
			}
		}
		if got := m.orderFor(noData); !strings.HasPrefix(got, "p0 ") {
			t.Errorf("no data: got %s, want p0 first", got)
		}
	}
}

func TestMapsAreBuiltTogether(t *testing.T) {
	t.Parallel()
	rules := []Rules{
		{Name: "one", Default: head("nyc"), Nearest: true, Answers: 1},
		{Name: "two", Default: head("syd"), POPs: head("fra syd"), Answers: 2},
	}
	maps, err := Compile(testDatabases(t), world, rules)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"one 1 4 fra nyc sao syd", "two 2 2 syd fra"} {
		m := maps[i]
		if got := fmt.Sprint(m.Name, " ", m.Answers, " ", len(m.POPs), " ", m.orderFor(paris)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if want := m.orderFor(noData); m.orderOf(m.Default) != want {
			t.Errorf("%s: the default order is %s, and that of space without data %s", m.Name, m.orderOf(m.Default), want)
		}
	}
}

func (m *Map) orderOf(value uint16) string {
	var names []string
	for _, pop := range m.Orders[value] {
		names = append(names, m.POPs[pop].Name)
	}
	return strings.Join(names, " ")
}

func TestOrdersRunOut(t *testing.T) {
	t.Parallel()
	o := newOrders()
	order := func(i int) []uint8 { return []uint8{uint8(i % 200), uint8(i / 200 % 200), uint8(200 + i/40_000), 7} }
	for i := range maxOrders {
		if id := o.id(order(i)); int(id) != i {
			t.Fatalf("order %d: got id %d", i, id)
		}
	}
	for _, c := range []struct {
		order []uint8
		want  []uint8 // the order that stands in
	}{
		{order(17), order(17)},
		{[]uint8{3, 4, 200, 9}, []uint8{3, 4, 200, 7}},
		{[]uint8{3, 4, 99, 9}, []uint8{3, 4, 200, 7}},
		{[]uint8{3, 250, 1, 2}, []uint8{3, 0, 200, 7}},
		{[]uint8{250, 1, 2, 3}, []uint8{250, 1, 2, 3}}, // its first POP must stay
		{[]uint8{250, 4, 2, 3}, []uint8{250, 1, 2, 3}},
	} {
		for range 2 {
			if got := o.list[o.id(c.order)]; !slices.Equal(got, c.want) {
				t.Errorf("%v: got %v, want %v", c.order, got, c.want)
			}
		}
	}
	if last := len(o.list) - 1; last > int(geoip.MaxValue) {
		t.Errorf("the last id is %d, above %d", last, geoip.MaxValue)
	}
}
