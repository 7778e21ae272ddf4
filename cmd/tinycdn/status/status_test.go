package status

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/drains"
	"tinycdn/zones/health"
)

func TestTheLastWordOnADrainCounts(t *testing.T) {
	t.Parallel()
	of := func(list ...drains.Drain) cluster.Row { return cluster.Row{Drains: list} }
	states := map[string]cluster.Status{
		"nyc": {Rows: map[string]cluster.Row{
			"nyc": of(drains.Drain{POP: "syd", Number: 7, Drained: true}, drains.Drain{POP: "fra", Number: 1, Drained: true, For: time.Hour, Left: time.Minute}),
			"syd": of(drains.Drain{POP: "nyc", Number: 9, Drained: true}), // heard long ago
		}},
		"fra": {Rows: map[string]cluster.Row{"fra": of(drains.Drain{POP: "syd", Number: 8}, drains.Drain{POP: "old", Number: 3, Drained: true, For: time.Hour})}},
	}
	for pop, want := range map[string]bool{"syd": false, "fra": true, "nyc": false, "old": false} {
		if got := drainOf(pop, states); (got != nil) != want {
			t.Errorf("%s: %v", pop, got)
		}
	}
}

func TestStatusSaysWhatIsNotAsItShouldBe(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	now := time.Now()
	err := printStatus([]popStatus{
		{POP: "nyc", Generation: 42, Since: now.Add(-time.Hour), Reached: true, Heard: true, Known: true, RTT: map[string]int{"fra": 78}, NotHeard: []string{"syd"},
			Orders: true, Failing: "www.example.org: letsencrypt: some names are refused; www.example.org: on a list (rejectedIdentifier); the next try is at 2026-11-30 01:00:00",
			Load: 3.14, Used: 1.2e9, Disk: 2e9, Free: 7e9, Roster: 5, Version: "v1", Certificate: "example.org", Until: now.Add(61*24*time.Hour + time.Hour)},
		{POP: "fra", Generation: 41, Behind: "3 min", Reached: true, Heard: true, Known: true, Used: 1000, Disk: 2e9, Free: 7e9, Roster: 4, Version: "v1",
			Certificate: "example.org", Until: now.Add(-time.Hour), Trouble: "the webhook at ntfy.sh takes no messages",
			Drained: &drains.Drain{POP: "fra", Drained: true, For: 2 * time.Hour, Left: time.Hour, By: "laptop"}},
		{POP: "syd", Unreachable: "i/o timeout"},
	}, &out)
	want := `
POP  GENERATION       HEARS               CERTIFICATE  LOAD  DISK            FREE    ROSTER  VERSION
nyc  42 (60 min)      fra 78 ms, syd NOT  61 days   3.1 q/s   1.2 GB of 2.0 GB  7.0 GB  5  v1
fra  41 BEHIND 3 min                      EXPIRED  0.0 q/s    1 kB of 2.0 GB  7.0 GB  4  v1
syd  -                                    -            -               -       -  -

nyc  orders certificates
nyc  NO NEW CERTIFICATE www.example.org: letsencrypt: some names are refused; www.example.org: on a list (rejectedIdentifier); the next try is at 2026-11-30 01:00:00
fra  an old roster
fra  DRAINED for another 60 min, by laptop
fra  the webhook at ntfy.sh takes no messages
syd  NOT HEARD: i/o timeout
`
	words := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	if err != nil || words(out.String()) != words(want) {
		t.Errorf("%v\n%s", err, &out)
	}
}

func TestStatusSaysWhoSeesWhat(t *testing.T) {
	t.Parallel()
	sees := func(of map[string]health.Opinion, out map[string]int64) cluster.Row {
		votes := health.Votes{Of: of, Out: out}
		return cluster.Row{Health: votes.Encode()}
	}
	up, down := health.Vote{}, health.Vote{Down: true, Why: "the connection was refused"}
	rows := map[string]cluster.Row{
		"nyc": sees(map[string]health.Opinion{
			"fra": {health.Pages4: up, health.Pages6: {Failing: true, Why: "timeout"}, health.DNS4: up},
			"syd": {health.Pages4: down, health.Pages6: up, health.DNS4: down},
		}, map[string]int64{"syd": 1764367200}),
		"fra": sees(map[string]health.Opinion{"nyc": {health.DNS4: up}, "syd": {health.Pages4: down, health.DNS4: up}}, map[string]int64{"syd": 1764367300}),
		"syd": {Health: []byte("{")},
	}
	var all []popStatus
	for _, name := range []string{"nyc", "fra", "syd"} {
		one := popStatus{POP: name, Heard: true, Reached: true, Known: true}
		one.Checks, one.Out = checksOf(name, rows)
		all = append(all, one)
	}
	var out strings.Builder
	err := printChecks(all, &out)
	want := `
SEEN BY  nyc                    fra                   syd
nyc      -                      up                    -
fra      pages failing, DNS up  -                     -    timeout
syd      DOWN                   pages DOWN, DNS up    -    the connection was refused
`
	words := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	if err != nil || words(out.String()) != words(want) {
		t.Errorf("%v\n%s", err, &out)
	}
	if notes := strings.Join(all[2].notes(0), "; "); !strings.HasPrefix(notes, "OUT of the answers of fra, nyc since ") || all[2].outSince() != 1764367200 {
		t.Errorf("notes: %s", notes)
	}
	if notes := all[1].notes(0); len(notes) > 0 {
		t.Errorf("notes: %s", notes)
	}
}

func TestStatusSaysThatAllOutIsAsNone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"fra nyc": true, "fra": false, "": false} {
		var all []popStatus
		for _, name := range []string{"fra", "nyc"} {
			one := popStatus{POP: name, Heard: true, Reached: true, Known: true}
			if strings.Contains(text, name) {
				one.Out = map[string]int64{"nyc": 1764367200}
			}
			all = append(all, one)
		}
		var out strings.Builder
		if err := printStatus(all, &out); err != nil || strings.Contains(out.String(), "all POPs are OUT, which is as if none were") != want {
			t.Errorf("%q are out: %v\n%s", text, err, &out)
		}
	}
}

func TestWhatAPOPSaysOfItselfCounts(t *testing.T) {
	t.Parallel()
	rows := Rows(map[string]cluster.Status{
		"nyc": {Rows: map[string]cluster.Row{"nyc": {Counter: 7, Version: "here"}, "fra": {Counter: 9, Version: "old"}, "syd": {Counter: 1, Version: "old"}}},
		"fra": {Rows: map[string]cluster.Row{"nyc": {Counter: 8, Version: "old"}, "fra": {Version: "restarted"}, "syd": {Counter: 2, Version: "newer"}}},
	})
	for name, want := range map[string]string{"nyc": "here", "fra": "restarted", "syd": "newer"} {
		if got := rows[name].Version; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestVisitorsAreSentAwayAsMostPOPsSay(t *testing.T) {
	t.Parallel()
	says := func(out map[string]int64, of map[string]health.Opinion, drained ...string) cluster.Row {
		votes := health.Votes{Of: of, Out: out}
		row := cluster.Row{Health: votes.Encode()}
		for _, name := range drained {
			row.Drains = append(row.Drains, drains.Drain{POP: name, Number: 3, Drained: true, By: "somebody"})
		}
		return row
	}
	refused := health.Vote{Down: true, Why: "refused"}
	over6 := map[string]health.Opinion{"syd": {health.Pages4: {}, health.Pages6: refused}}
	whole := map[string]health.Opinion{"syd": {health.DNS4: refused, health.DNS6: refused}}
	out := map[string]int64{"syd": 1764367200}
	for _, c := range []struct {
		what     string
		nyc, fra cluster.Row
		want     string
	}{
		{"nobody", says(nil, nil), says(nil, nil), ""},
		{"one of two", says(out, whole), says(nil, nil), ""},
		{"both", says(out, whole), says(out, whole), "syd true true false fra: refused; nyc: refused"},
		{"IPv6 alone", says(out, over6), says(out, nil), "syd false true false nyc: refused"},
		{"no word why", says(out, nil), says(out, nil), "syd true true false "},
		{"drained", says(nil, nil), says(nil, nil, "fra"), "fra false false true drained, by somebody"},
		{"both of it", says(out, over6), says(out, nil, "syd"), "syd false true true nyc: refused"},
	} {
		states := map[string]cluster.Status{}
		for name, row := range map[string]cluster.Row{"nyc": c.nyc, "fra": c.fra} {
			states[name] = cluster.Status{Rows: map[string]cluster.Row{name: row, "syd": says(map[string]int64{"nyc": 1}, nil)}}
		}
		var got []string
		for _, d := range Away(states, []string{"nyc", "fra", "syd"}) {
			got = append(got, fmt.Sprint(d.POP, " ", d.A, d.AAAA, d.Drained, " ", d.Why))
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s: got %q, want %q", c.what, text, c.want)
		}
	}
}
