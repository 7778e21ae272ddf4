package geodns

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/zones/zonestest"
)

// namedServer counts by name; ask asks it for a name so many times.
func namedServer(t testing.TB, src map[string]string) (s *Server, ask func(times int, name string)) {
	loop := &Loop{}
	s = &Server{listeners: []*listener{{loops: []*Loop{loop}}}}
	s.CountNames(true)
	r, reply := NewResponder(zonestest.Must(t, src).Store, Identity{Name: "fra"}, loop), make([]byte, 0, 4096)
	packed := map[string][]byte{}
	return s, func(times int, name string) {
		if packed[name] == nil {
			packed[name] = packQuery(t, name, dns.TypeA, "")
		}
		for range times {
			r.Respond(reply, packed[name], loopback, true)
		}
	}
}

// TestNamesAreThoseOfOurZones, and none that somebody has made up: neither below a wildcard, nor below what is elsewhere.
func TestNamesAreThoseOfOurZones(t *testing.T) {
	t.Parallel()
	src := maps.Clone(zonestest.Everything)
	src["odd.example"] = "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\na\\027[2J A 192.0.2.1\n*.A\\000 A 192.0.2.1\n"
	s, ask := namedServer(t, src)
	want := map[string]uint64{}
	for _, c := range []struct{ asked, counted string }{
		{"www.example.org.", "www.example.org"},
		{"WWW.Example.ORG.", "www.example.org"},
		{"example.org.", "example.org"},
		{"ns2.example.org.", "ns2.example.org"},
		{"er.still.example.org.", "er.still.example.org"},
		{"any.wild.example.org.", "*.wild.example.org"},
		{"made.up.Wild.example.org.", "*.wild.example.org"},
		{"*.wild.example.org.", "*.wild.example.org"},
		{"wild.example.org.", "wild.example.org"},
		{"any.wgeo.example.org.", "*.wgeo.example.org"},
		{"any.wcname.example.org.", "*.wcname.example.org"},
		{"old.example.org.", "old.example.org"},
		{"tochild.example.org.", "tochild.example.org"},
		{"www.sub.example.org.", "sub.example.org"},
		{"made.up.sub.example.org.", "sub.example.org"},
		{"mail.dn.example.org.", "dn.example.org"},
		{"nothing.example.org.", ""},
		{"example.com.", ""},
		{`a\027[2J.odd.example.`, `a\027[2j.odd.example`},
		{`x.a\000.odd.example.`, `*.a\000.odd.example`},
	} {
		ask(160, c.asked)
		if c.counted != "" {
			want[c.counted] += 160
		}
	}
	if got := s.Names(); !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	ask(48, "www.example.org.")
	if got, want := fmt.Sprint(s.Names(), s.Names()), "map[www.example.org:48] map[]"; got != want {
		t.Errorf("later: got %s, want %s", got, want)
	}
	s.CountNames(true)
	ask(16, "www.example.org.")
	s.CountNames(false)
	ask(16, "www.example.org.")
	off := s.Names()
	s.CountNames(true)
	ask(32, "www.example.org.")
	if got, want := fmt.Sprint(off, s.Names()), "map[] map[www.example.org:32]"; got != want {
		t.Errorf("after a while without: got %s, want %s", got, want)
	}
}

// crowded is a zone of so many names.
func crowded(n int) map[string]string {
	var b strings.Builder
	b.WriteString("$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n*.any A 192.0.2.1\n")
	for i := range n {
		fmt.Fprintf(&b, "n%04d A 192.0.2.1\n", i)
	}
	return map[string]string{"crowd.example": b.String()}
}

// TestFloodPushesNoNameOut: ten names are asked for evenly beside 4,000 others, which had all places before, and beside made-up ones. The ten
// lose next to nothing, and nobody is told to have been asked for more than he was.
func TestFloodPushesNoNameOut(t *testing.T) {
	t.Parallel()
	s, ask := namedServer(t, crowded(4000))
	asked := map[string]uint64{}
	count := func(name string) {
		ask(placed, name+".")
		asked[name] += placed
	}
	for i := range 2000 {
		count(fmt.Sprintf("n%04d.crowd.example", i))
	}
	s.Names()
	clear(asked)
	const rounds = 100
	for round := range rounds {
		for i := range 20 {
			count(fmt.Sprintf("n%04d.crowd.example", 2000+20*round+i))
			ask(placed, fmt.Sprintf("x%d.crowd.example.", 20*round+i))
			ask(placed, fmt.Sprintf("x%d.any.crowd.example.", 20*round+i))
			if i%2 == 0 {
				count(fmt.Sprintf("n%04d.crowd.example", i))
			}
		}
	}
	asked["*.any.crowd.example"] = 20 * rounds * placed
	got := s.Names()
	for name, n := range got {
		if n > asked[name] {
			t.Errorf("%s: told %d times, and asked for %d times", name, n, asked[name])
		}
	}
	for name, n := range asked {
		if n >= rounds*placed && got[name] < n-n/20 {
			t.Errorf("%s: told %d times of %d", name, got[name], n)
		}
	}
	if len(got) > nameSets*nameWays {
		t.Errorf("%d names have a place", len(got))
	}
}

// TestNamesAreToldWhileTheyAreCounted, and each question once.
func TestNamesAreToldWhileTheyAreCounted(t *testing.T) {
	t.Parallel()
	s, ask := namedServer(t, crowded(1000))
	ask(placed, "n0000.crowd.example.")
	var run sync.WaitGroup
	done := make(chan struct{})
	run.Go(func() {
		defer close(done)
		for i := range 1000 {
			ask(placed, "n0000.crowd.example.")
			ask(placed, fmt.Sprintf("n%04d.crowd.example.", i))
		}
	})
	sum := uint64(0)
	for last := false; !last; {
		select {
		case <-done:
			last = true
		default:
		}
		sum += s.Names()["n0000.crowd.example"]
	}
	run.Wait()
	if want := uint64(1002 * placed); sum != want {
		t.Errorf("told %d times, want %d", sum, want)
	}
}

func TestNamesAllocateNothing(t *testing.T) {
	s, ask := namedServer(t, crowded(2000))
	list := make([]string, 2000)
	for i := range list {
		list[i] = fmt.Sprintf("n%04d.crowd.example.", i)
		ask(placed, list[i]) // so that it is packed
	}
	i := 0
	if n := testing.AllocsPerRun(4000, func() {
		ask(placed, list[i%len(list)])
		ask(placed, list[0])
		i++
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if len(s.Names()) == 0 {
		t.Error("nothing was counted")
	}
}

// BenchmarkNames is a query without its system calls, and what it costs more where names are counted: known ones, and where there are so many
// that most that are placed take another's place.
func BenchmarkNames(b *testing.B) {
	for _, n := range []int{16, 4096} {
		f := zonestest.Must(b, crowded(n))
		msgs := make([][]byte, n)
		for i := range msgs {
			msgs[i] = packQuery(b, fmt.Sprintf("n%04d.crowd.example.", i), dns.TypeA, "")
		}
		for _, counted := range []string{"off", "on"} {
			b.Run(fmt.Sprintf("%d names/%s", n, counted), func(b *testing.B) {
				loop := &Loop{}
				if counted == "on" {
					loop.names.Store(new(names))
				}
				r, reply, at := NewResponder(f.Store, Identity{Name: "fra"}, loop), make([]byte, 0, 4096), 0
				b.ReportAllocs()
				for b.Loop() {
					at += 7
					r.Respond(reply, msgs[at&(n-1)], loopback, false)
				}
			})
		}
	}
}
