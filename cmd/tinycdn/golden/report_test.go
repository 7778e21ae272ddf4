package golden

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"tinycdn/zones"
)

func TestAPlaceThatIsDownIsOneLine(t *testing.T) {
	t.Parallel()
	r := &Runner{Places: []Place{{"nyc", netip.MustParseAddrPort("192.0.2.1:53")}, {"syd", netip.MustParseAddrPort("192.0.2.3:53")}}}
	refused := errors.New("connection refused")
	for _, network := range []string{"udp", "https", "tcp", "https"} {
		r.down(1, network, refused, 2)
	}
	r.down(1, "https:8443", errSilent, 1)
	r.down(0, "udp", errors.New("connect: network is unreachable"), 0)
	var out strings.Builder
	report := r.Report()
	report.Away = []string{"syd is taken as down"}
	report.write(&out)
	want := "nyc 192.0.2.1 udp: connect: network is unreachable (-4 asks over IPv4 alone, -6 over IPv6)\n" +
		"syd 192.0.2.3 https, tcp, udp: connection refused; 8 tests not made there\n" +
		"syd 192.0.2.3 https:8443: no answer; 1 test not made there\nsyd is taken as down\n0 tests right at nyc, syd (2 addresses), but not all is well\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", &out, want)
	}
}

func TestWhoIsTakenAsDownIsToldOnce(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 11, 28, 21, 0, 0, 0, time.Local)
	got := awayLines([]zones.Down{
		{POP: "syd", A: true, AAAA: true, Since: since, Why: "fra: refused\x1b[2J"}, {POP: "fra", Drained: true, Since: since, Why: "drained, by laptop"},
		{POP: "nyc", AAAA: true}, {POP: "lon", A: true}, {POP: "osa", Doubt: true},
	}, nil)
	want := []string{
		"syd is taken as down, as it is since 2026-11-28 21:00:00 (fra: refused [2J)", "fra is taken as drained, as it is since 2026-11-28 21:00:00 (drained, by laptop)",
		"nyc is taken as down over IPv6", "lon is taken as down over IPv4",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	if got := awayLines(nil, errors.New("no POP answers")); len(got) != 1 || got[0] != "which POPs are down or drained is not known, and all are taken as up: no POP answers" {
		t.Errorf("got %v", got)
	}
}

func TestTheLineCountsAllThatIsMade(t *testing.T) {
	t.Parallel()
	places := []Place{{"nyc", netip.MustParseAddrPort("192.0.2.1:53")}, {"nyc", netip.MustParseAddrPort("[2001:db8::1]:53")}, {"", netip.MustParseAddrPort("192.0.2.7:53")}}
	r := &Runner{Places: places}
	two := []*Test{{}, {}}
	for what, n := range map[string]int{
		"questions over two networks": r.count(&Suite{Tests: two}, nil, nil) - 12, "pages": r.count(&Suite{Tests: []*Test{{Page: &Page{}}}}, nil, nil) - 3,
		"borders at one address of each POP": r.count(&Suite{}, two, nil) - 4, "samples": r.count(&Suite{}, nil, two) - 6,
	} {
		if n != 0 {
			t.Errorf("%s: off by %d", what, n)
		}
	}
}
