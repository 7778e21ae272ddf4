package cluster

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tinycdn/tests/testkit"
)

// fault is something that may befall a POP.
type fault struct {
	name    string
	answers bool                                                           // its nameserver goes on, and does as the others do
	prepare func(testing.TB, *fleet, string)                               // nil: there is nothing to prepare
	begin   func(testing.TB, *fleet, string) (since time.Time, end func()) // end has it be over
}

// faults are those that are seen from outside alone.
var faults = []fault{
	{name: "Killed", begin: func(t testing.TB, f *fleet, pop string) (time.Time, func()) {
		f.kill(pop)
		return time.Now(), func() { f.start(t, pop) }
	}},
	{name: "CutOff", begin: func(t testing.TB, f *fleet, pop string) (time.Time, func()) {
		f.Cut(pop, true)
		return time.Now(), func() { f.Cut(pop, false) }
	}},
	{name: "Stopped", begin: func(t testing.TB, f *fleet, pop string) (time.Time, func()) {
		f.pops[pop].Cmd.Process.Signal(syscall.SIGSTOP)
		return time.Now(), func() { f.pops[pop].Cmd.Process.Signal(syscall.SIGCONT) }
	}},
	// It shakes hands, and says no more.
	{name: "HalfOpen", begin: func(t testing.TB, f *fleet, pop string) (time.Time, func()) {
		f.kill(pop)
		p := f.impostor(t, pop, "TINYCDN_SILENT=1")
		return time.Now(), func() {
			p.Kill()
			f.start(t, pop)
		}
	}},
	{name: "Answers500", answers: true, prepare: func(t testing.TB, f *fleet, pop string) {
		f.configure(t, strings.TrimPrefix(f.health+`, page = "/up"`, ", "))
		f.run(t, 0, "publish")
		for _, name := range f.names {
			f.logs(t, name, `msg="the other POPs are looked at" page=https://www.example.org/up `)
		}
	}, begin: func(t testing.TB, f *fleet, pop string) (time.Time, func()) {
		f.setLocal(t, pop, "app", "500")
		return time.Now(), func() { f.setLocal(t, pop, "app", "200") }
	}},
	{name: "ExpiredCertificate", answers: true, prepare: func(t testing.TB, f *fleet, pop string) {
		f.expires = f.certificate(t, pop, 5*time.Second)
		f.reload(t)
	}, begin: func(t testing.TB, f *fleet, pop string) (time.Time, func()) {
		time.Sleep(time.Until(f.expires))
		return f.expires, func() {
			f.certificate(t, pop, time.Hour)
			f.reload(t)
		}
	}},
	// It comes back after a generation became live that it cannot load, for want of something of its own, and goes on with the one before.
	{name: "Behind", begin: func(t testing.TB, f *fleet, pop string) (time.Time, func()) {
		f.pops[pop].Stop(syscall.SIGTERM)
		f.write(t, "public/index.html", "two")
		f.run(t, 3, "publish")
		f.setLocal(t, pop, "own.toml", "[records]\n@ = 1\n")
		f.start(t, pop)
		f.logs(t, pop, `msg="a generation cannot be served" generation=2 `)
		f.saysOfItself(t, pop, "behind")
		return time.Now(), func() { f.setLocal(t, pop, "own.toml", ownZone) }
	}},
}

// fault is one of them.
func (f *fleet) fault(t testing.TB, name string) *fault {
	i := slices.IndexFunc(faults, func(one fault) bool { return one.name == name })
	if i < 0 {
		t.Fatal(name)
	}
	return &faults[i]
}

func (f *fleet) kill(pop string) {
	f.pops[pop].Cmd.Process.Kill()
	<-f.pops[pop].Exited
}

// others are all but some.
func (f *fleet) others(than ...string) []string {
	return slices.DeleteFunc(slices.Clone(f.names), func(name string) bool { return slices.Contains(than, name) })
}

// suffers has a POP suffer a fault and get over it, and says how long it took until all answers were without it, and with it again, and
// how many were looked at meanwhile.
func (f *fleet) suffers(t testing.TB, one *fault, pop string) (out, back time.Duration, answers int) {
	t.Helper()
	if one.prepare != nil {
		one.prepare(t, f, pop)
	}
	at := f.others(pop)
	if one.answers {
		at = f.names
	}
	stop := f.steadily(t, at, nil, []string{pop})
	since, end := one.begin(t, f, pop)
	f.becomes(t, at, pop)
	out = time.Since(since)
	since = time.Now()
	end()
	f.becomes(t, f.others(pop))
	back = time.Since(since)
	answers = stop()
	f.becomes(t, f.names)
	return out, back, answers
}

// together runs tests that wait more than they work, all at once, whatever -parallel says. With the race detector they do work: the POPs of
// seven clusters, which look at each other every second, shake hands more often than two cores can. So there are three at a time.
func together(t *testing.T, tests map[string]func(*testing.T)) {
	most := len(tests)
	if testkit.RaceDetector {
		most = 3
	}
	var work sync.WaitGroup
	turn := make(chan struct{}, most)
	for name, test := range tests {
		work.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			t.Run(name, test)
		})
	}
	work.Wait()
}

// TestFailover has POPs suffer what POPs suffer, over the WAN. After each fault every answer at every POP that is well is held against a
// table that was made by hand, and meanwhile no answer is lost or another than before or after. How long it takes is told; the figures
// are in cmd/tinycdn/README.md.
func TestFailover(t *testing.T) {
	t.Parallel()
	suffer := func(names ...string) func(*testing.T) {
		return func(t *testing.T) {
			f := newFleet(t, 5*time.Millisecond, quick, "nyc", "fra", "syd")
			for i, name := range names {
				pop := f.names[(i+2)%3] // not always the same: one that comes and goes is not believed at once
				out, back, answers := f.suffers(t, f.fault(t, name), pop)
				t.Logf("%s, %s: out after %.1f s, back after %.1f s; %d answers, none wrong or lost", name, pop, out.Seconds(), back.Seconds(), answers)
				if answers < 1000 {
					t.Errorf("only %d answers were looked at", answers)
				}
			}
		}
	}
	together(t, map[string]func(*testing.T){
		"gone":         suffer("Killed", "CutOff"),
		"silent":       suffer("HalfOpen", "Stopped"),
		"wrong":        suffer("ExpiredCertificate", "Answers500"),
		"behind":       suffer("Behind"),
		"minority":     testMinority,
		"two of three": testTwoOfThree,
		"two":          testTwo,
		"halves":       testHalves,
	})
}

// links cuts two groups of POPs off from each other, or takes that back. Home reaches both.
func (f *fleet) links(one, other []string, cut bool) {
	loss := 0.0
	if cut {
		loss = 1
	}
	for _, a := range one {
		for _, b := range other {
			f.Link(a, b, 5*time.Millisecond, loss)
		}
	}
}

// testMinority: who is cut off from the others, and not from its visitors, answers as before, and so do all when it is back. And one bad
// link makes no verdict.
func testMinority(t *testing.T) {
	f := newFleet(t, 5*time.Millisecond, quick, "nyc", "fra", "syd")
	majority, syd := []string{"nyc", "fra"}, []string{"syd"}
	stop := f.steadily(t, majority, nil, syd)
	alone := f.steadily(t, syd, nil)
	f.links(majority, syd, true)
	f.becomes(t, majority, "syd")
	f.logs(t, "nyc", `msg="a POP is down" pop=syd what="[^"]*pages`)
	f.becomes(t, syd)
	n := alone()
	f.links(majority, syd, false)
	f.becomes(t, f.names)
	t.Logf("%d answers of the majority, %d of the minority, none wrong or lost", stop(), n)

	// Ten looks a POP are as much as fit into a test; ten minutes are TestOneBadLinkMakesNoVerdict's.
	stop = f.steadily(t, f.names, nil)
	f.Link("nyc", "fra", 5*time.Millisecond, 0.3)
	time.Sleep(10 * lookEvery()) // what is not to come cannot be waited for
	for _, name := range f.names {
		if log := f.pops[name].Log.String(); regexp.MustCompile(`msg="a POP is [^"]*" pop=(nyc|fra)`).MatchString(log) {
			t.Errorf("%s: one bad link has changed something:\n%s", name, log)
		}
	}
	t.Logf("30 %% loss between nyc and fra: %d answers, none wrong or lost", stop())
}

// testTwoOfThree: two of three that die at once stay in all answers, which are to be kept for a short time only. That the third POP
// stands alone after five minutes, if it hears the world, is TestTwoOfThreeDieAtOnce's.
func testTwoOfThree(t *testing.T) {
	f := newFleet(t, 5*time.Millisecond, quick, "nyc", "fra", "syd")
	at := []string{"nyc"}
	stop := f.steadily(t, at, nil)
	f.kill("syd")
	f.kill("fra")
	for _, want := range []string{"20", "60"} {
		for got := ""; got != want; {
			out, _ := f.Command("home", "dig", "+noall", "+answer", "+subnet=129.78.0.0/24", "@"+f.Address("nyc"), "www.example.org", "AAAA").Output()
			if fields := strings.Fields(string(out)); len(fields) > 1 {
				got = fields[1]
			}
			if t.Context().Err() != nil {
				t.Fatalf("the TTL is %q, want %s", got, want)
			}
		}
		f.becomes(t, at)
		if want == "20" {
			f.start(t, "fra")
			f.start(t, "syd")
		}
	}
	f.becomes(t, f.names)
	t.Logf("%d answers, none wrong or lost", stop())
}

func testTwo(t *testing.T) {
	f := newFleet(t, 5*time.Millisecond, quicker, "nyc", "fra")
	stop := f.steadily(t, []string{"nyc"}, nil, []string{"fra"})
	begin := time.Now()
	f.kill("fra")
	f.becomes(t, []string{"nyc"}, "fra")
	t.Logf("one of two is out after %.1f s", time.Since(begin).Seconds())
	f.start(t, "fra")
	f.becomes(t, f.names)
	t.Logf("%d answers, none wrong or lost", stop())
}

// testHalves: of four POPs that are cut in halves each half goes on alone, after half a minute, and all together when they meet again.
func testHalves(t *testing.T) {
	f := newFleet(t, 5*time.Millisecond, quicker, "nyc", "fra", "syd", "sin")
	one, other := []string{"nyc", "fra"}, []string{"syd", "sin"}
	stop := f.steadily(t, one, nil, other, other[:1], other[1:])
	stopOther := f.steadily(t, other, nil, one, one[:1], one[1:])
	begin := time.Now()
	f.links(one, other, true)
	var work sync.WaitGroup
	work.Go(func() { f.becomes(t, other, one...) })
	f.becomes(t, one, other...)
	work.Wait()
	t.Logf("each half is alone after %.1f s", time.Since(begin).Seconds())
	f.links(one, other, false)
	f.becomes(t, f.names)
	t.Logf("%d answers, none wrong or lost", stop()+stopOther())
}
