package delegation

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// org is the zone above, at 127.0.0.5; the child has two nameservers.
const (
	org   = "@ NS ns\nns A 127.0.0.5\nexample NS ns1.example\nexample NS ns2.example\nns1.example A 127.0.0.2\nns2.example A 127.0.0.3\n"
	child = "@ NS ns1\n@ NS ns2\nns1 A 127.0.0.2\nns2 A 127.0.0.3\n"
)

// listenAt runs real nameservers at one port of several addresses.
func listenAt(t *testing.T, servers map[string][2]string) *World {
	t.Helper()
	for range 20 { // the port of the first may be taken elsewhere
		port, up := "0", 0
		for address, zone := range servers {
			n, err := listen(t, address+":"+port, zone[0], zone[1])
			if err != nil {
				break
			}
			port = fmt.Sprint(n.addr.Port())
			up++
		}
		if up == len(servers) {
			return &World{Resolvers: []string{"127.0.0.5:" + port}, Port: port}
		}
	}
	t.Fatal("no port is free at all addresses")
	return nil
}

func TestADelegationIsHeldAgainstTheZone(t *testing.T) {
	t.Parallel()
	const ns1, ns2 = "ns1.example.org", "ns2.example.org"
	for name, c := range map[string]struct {
		parent, second string // what differs there; "": as it should be
		own            map[string]string
		want           []string
	}{
		"all is right": {own: map[string]string{ns1: "127.0.0.2", ns2: "127.0.0.3"}},
		"not delegated": {parent: "@ NS ns\nns A 127.0.0.5\n", own: map[string]string{ns1: "127.0.0.2", ns2: "127.0.0.3"},
			want: []string{"not delegated: the parent (org) has no nameserver for it (at the registrar)"}},
		"the parent has another and not ours": {parent: strings.ReplaceAll(org, "ns2", "ns4"), own: map[string]string{ns1: "127.0.0.2", ns2: "127.0.0.3"},
			want: []string{
				"ns2.example.org is a nameserver here, and not at the parent (org): add it at the registrar",
				"the parent (org) has the nameserver ns4.example.org, which the zone has not: take it out at the registrar, or add it here",
			}},
		"old glue": {parent: strings.Replace(org, "ns2.example A 127.0.0.3", "ns2.example A 127.0.0.2", 1), own: map[string]string{ns1: "127.0.0.2", ns2: "127.0.0.3"},
			want: []string{"the parent (org) has glue 127.0.0.2 for ns2.example.org, and here it is 127.0.0.3: change it at the registrar"}},
		"one alone": {parent: "@ NS ns\nns A 127.0.0.5\nexample NS ns1.example\nns1.example A 127.0.0.2\n", own: map[string]string{ns1: "127.0.0.2"},
			want: []string{
				"there is one nameserver: if it is down, so is the zone (RFC 1034, 4.1, wants two)",
				"ns1.example.org (127.0.0.2) has the nameservers ns1.example.org, ns2.example.org for the zone, and here they are ns1.example.org",
			}},
		"one has not the zone": {second: "example.net", own: map[string]string{ns1: "127.0.0.2", ns2: "127.0.0.3"},
			want: []string{"ns2.example.org (127.0.0.3) answers REFUSED over UDP", "ns2.example.org (127.0.0.3) answers REFUSED over TCP"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parent, second := org, apex
			if c.parent != "" {
				parent = c.parent
			}
			if c.second != "" {
				second = c.second
			}
			w := listenAt(t, map[string][2]string{"127.0.0.5": {"org", parent}, "127.0.0.2": {apex, child}, "127.0.0.3": {second, child}})
			own := Own{apex, map[string][]netip.Addr{}}
			for name, address := range c.own {
				own.Nameservers[name] = []netip.Addr{netip.MustParseAddr(address)}
			}
			got := w.Inspect(t.Context(), own, netip.Addr.Is4)
			if !slices.Equal(got.Problems, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got.Problems, "\n"), strings.Join(c.want, "\n"))
			}
			for _, s := range got.Servers {
				if s.Serial != 1 && c.second == "" {
					t.Errorf("%s: got serial %d", s, s.Serial)
				}
			}
		})
	}
}

// What is not the same everywhere, and who is not there.
func TestSerialsAndSilenceAreTold(t *testing.T) {
	t.Parallel()
	w := listenAt(t, map[string][2]string{"127.0.0.5": {"org", org}, "127.0.0.2": {apex, child}})
	own := Own{apex, map[string][]netip.Addr{"ns1.example.org": {netip.MustParseAddr("127.0.0.2")}, "ns2.example.org": {netip.MustParseAddr("127.0.0.3")}}}
	want := []string{"ns2.example.org (127.0.0.3) does not answer over UDP: connection refused", "ns2.example.org (127.0.0.3) does not answer over TCP: connection refused"}
	if got := w.Inspect(t.Context(), own, netip.Addr.Is4); !slices.Equal(got.Problems, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got.Problems, "\n"), strings.Join(want, "\n"))
	}
	i := &inspector{Inspection: Inspection{Servers: []Server{
		{Nameserver{"a", netip.MustParseAddr("192.0.2.1")}, 7, "v1", true}, {Nameserver{"b", netip.MustParseAddr("192.0.2.2")}, 8, "v2\x1b", true},
		{Nameserver{"c", netip.MustParseAddr("192.0.2.3")}, 7, "", true}, {Nameserver{"d", netip.MustParseAddr("192.0.2.4")}, 0, "", false},
	}}}
	i.alike("serial", "serials differ", func(s Server) string { return fmt.Sprint(s.Serial) })
	i.alike("version", "versions differ", func(s Server) string { return s.Version })
	want = []string{"serials differ: serial 7 at a (192.0.2.1), c (192.0.2.3); serial 8 at b (192.0.2.2)", "versions differ: version v1 at a (192.0.2.1); version v2? at b (192.0.2.2)"}
	if !slices.Equal(i.Problems, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(i.Problems, "\n"), strings.Join(want, "\n"))
	}
}
