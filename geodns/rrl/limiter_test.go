package rrl

import (
	"math"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"tinycdn/geoip"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// bench is a limiter with a clock that the test moves.
type bench struct {
	*Limiter
	time     time.Duration
	offender []Offender
}

func newBench(limits Limits) *bench {
	b := &bench{time: time.Hour}
	b.Limiter = New(limits, new(Meter), func() time.Duration { return b.time }, func(o Offender) { b.offender = append(b.offender, o) })
	return b
}

func addr(text string) geoip.Block { return geoip.BlockOfAddr(netip.MustParseAddr(text)) }

// flood asks for so long at that rate, and counts what it gets.
func (b *bench) flood(t time.Duration, rate int, from func(i int) geoip.Block) (got [3]int) {
	n := int(t.Seconds() * float64(rate))
	began := b.time
	for i := range n {
		b.time = began + time.Duration(i)*t/time.Duration(n)
		b.Batch(1)
		got[b.Judge(from(i))]++
	}
	b.time = began + t
	return got
}

func always(text string) func(int) geoip.Block {
	a := addr(text)
	return func(int) geoip.Block { return a }
}

func TestAFloodIsTruncatedThenSilenced(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		rate       int
		time       time.Duration
		answersMax int
		want       Verdict // in the end
	}{
		"nobody's attack":    {100, 10 * time.Second, 1000, Answer},
		"few for the server": {400, 10 * time.Second, 4000, Answer},
		"twice its share":    {1000, 10 * time.Second, 280, Truncate},
		"ten times":          {2000, 10 * time.Second, 280, Truncate},
		"far beyond":         {8000, 3 * time.Second, 280, Silence},
	} {
		b := newBench(Limits{Rate: 200, Slip: 1, Loops: 1})
		got := b.flood(test.time, test.rate, always("192.0.2.1"))
		if got[Answer] > test.answersMax || got[Answer] < min(200, test.answersMax) {
			t.Errorf("%s: got %d answers, want at most %d", what, got[Answer], test.answersMax)
		}
		if b.Judge(addr("192.0.2.1")) != test.want {
			t.Errorf("%s: got %v, want %d in the end", what, got, test.want)
		}
	}
}

// Beside a flood everybody else is answered, in its own network too; and those who flood, once they have stopped.
func TestWhoAsksNoMoreThanItsShareIsAnswered(t *testing.T) {
	t.Parallel()
	b := newBench(Limits{Rate: 200, Slip: 1, Loops: 2, Exempt: loopback})
	from := []geoip.Block{addr("192.0.2.1"), addr("192.0.2.2"), addr("198.51.100.1"), addr("2001:db8::1"), addr("127.0.0.1")}
	cut := map[int]int{}
	for i := range 40_000 { // for ten seconds
		b.time += 250 * time.Microsecond
		b.Batch(1)
		who := 0
		if i%50 == 1 {
			who = 1 + i/50%3
		} else if i%2 == 0 {
			who = 4 // 2000 a second
		}
		if b.Judge(from[who]) != Answer {
			cut[who]++
		}
	}
	if cut[0] < 15_000 || len(cut) != 1 {
		t.Errorf("got cut: %v, want the first alone", cut)
	}
	if got := b.flood(3*time.Second, 1000, always("203.0.113.1")); got[Answer] > 300 {
		t.Errorf("got %v", got)
	}
	if got := b.Judge(from[0]); got != Answer {
		t.Errorf("after three quiet seconds: got %d", got)
	}
}

// A network has sixteen times what an address has, an IPv6 site four times.
func TestNetworksAreLimitedAsAWhole(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		base string
		at   func(a *[16]byte, i byte)
		rate int
		want string
	}{
		{"192.0.2.0", func(a *[16]byte, i byte) { a[15] = i }, 16 * 200, "192.0.2.0/24"},
		{"2001:db8:1::", func(a *[16]byte, i byte) { a[7] = i }, 4 * 200, "2001:db8:1::/48"},
		{"2001:db8:1:2::", func(a *[16]byte, i byte) { a[15] = i }, 200, "2001:db8:1:2::/64"},
	} {
		from := func(i int) geoip.Block {
			a := netip.MustParseAddr(test.base)
			b := a.As16()
			test.at(&b, byte(i))
			return geoip.BlockOfAddr(netip.AddrFrom16(b).Unmap())
		}
		b := newBench(Limits{Rate: 200, Slip: 1, Loops: 1})
		b.flood(time.Second, 600, always("203.0.113.1")) // it counts from now on
		if got := b.flood(5*time.Second, test.rate*9/10, from); got[Answer] != 5*test.rate*9/10 {
			t.Errorf("%s: got %v below the limit", test.base, got)
		}
		got := b.flood(10*time.Second, test.rate*3, from)
		if got[Answer] > test.rate*3/2 || got[Silence] > 0 {
			t.Errorf("%s: got %v beyond the limit", test.base, got)
		}
		if n := len(b.offender); n < 5 || b.offender[n-1].Network.String() != test.want || math.Abs(float64(b.offender[n-1].Rate-3*test.rate)) > 0.1*float64(3*test.rate) {
			t.Errorf("%s: told %v, want %s with %d a second", test.base, b.offender, test.want, 3*test.rate)
		}
	}
}

// However many loops share it, and however an address' queries are spread over them, no more than the rate gets through.
func TestAllLoopsTogetherKeepToTheRate(t *testing.T) {
	t.Parallel()
	for _, loops := range []int{1, 2, 4, 16, 64} {
		for _, ports := range []int{1, 1000} {
			meter, now := new(Meter), time.Hour
			all := make([]*Limiter, loops)
			for i := range all {
				all[i] = New(Limits{Rate: 200, Slip: 1, Loops: loops}, meter, func() time.Duration { return now }, func(Offender) {})
			}
			const seconds = 60
			answers := 0
			for i := range seconds * 2000 {
				now = time.Hour + time.Duration(i)*500*time.Microsecond
				l := all[rand.IntN(ports)%loops]
				l.Batch(1)
				if l.Judge(addr("192.0.2.1")) == Answer {
					answers++
				}
			}
			if most := max(200, leastBurst*loops) + 4*window*loops; answers > most {
				t.Errorf("%d loops, %d ports: got %d answers, want at most %d", loops, ports, answers, most)
			}
		}
	}
}

func TestSlip(t *testing.T) {
	t.Parallel()
	b := newBench(Limits{Rate: 200, Slip: 3, Loops: 1})
	if got := b.flood(10*time.Second, 2000, always("192.0.2.1")); got[Truncate] < got[Silence]/2-1 || got[Truncate] > got[Silence]/2+1 {
		t.Errorf("got %v, want one of three truncated", got)
	}
}

// A load that is long forgotten does not come back when the ticks have gone round.
func TestNothingIsRememberedForLong(t *testing.T) {
	t.Parallel()
	b := newBench(Limits{Rate: 200, Slip: 1, Loops: 1})
	b.flood(time.Second, 8000, always("192.0.2.1"))
	rounds := 1 << 16 * b.tickTime
	for end := b.time + rounds - time.Second/2; b.time < end; {
		b.flood(50*time.Second, 600, func(i int) geoip.Block { return geoip.Block{V4: true, Hi: rand.Uint64() << 32 >> 32 << 32, Bits: 32} })
	}
	if got := b.Judge(addr("192.0.2.1")); got != Answer || !b.engaged {
		t.Errorf("got %d, engaged %v", got, b.engaged)
	}
}

func TestNilLimitsNothing(t *testing.T) {
	t.Parallel()
	if got := (*Limiter)(nil).Judge(addr("192.0.2.1")); got != Answer {
		t.Errorf("got %d", got)
	}
}

// twin is the same with a map and floating point.
type twin struct {
	loads map[netip.Prefix]float64
	times map[netip.Prefix]time.Duration
}

func (w *twin) add(p netip.Prefix, weight float64, now, constant time.Duration) float64 {
	if w.loads == nil {
		w.loads, w.times = map[netip.Prefix]float64{}, map[netip.Prefix]time.Duration{}
	}
	w.loads[p] = w.loads[p]*math.Exp(-(now-w.times[p]).Seconds()/constant.Seconds()) + weight
	w.times[p] = now
	return w.loads[p]
}

// FuzzTableCountsAsATwin draws clients and times, and judges each verdict by exact loads: who is below the limit is never
// cut, who is a tenth above it always is.
func FuzzTableCountsAsATwin(f *testing.F) {
	f.Add(uint64(1), uint8(1), uint16(200), uint16(3))
	f.Add(uint64(2), uint8(4), uint16(20), uint16(100))
	f.Add(uint64(3), uint8(64), uint16(1000), uint16(500))
	f.Fuzz(func(t *testing.T, seed uint64, loops uint8, rate, clients uint16) {
		limits := Limits{Rate: max(int(rate), 1), Slip: 1, Loops: max(int(loops), 1)}
		b := newBench(limits)
		r := rand.New(rand.NewPCG(seed, 1))
		addrs := make([]netip.Addr, 1+clients%1000)
		for i := range addrs {
			octets := [4]byte{10, 0, byte(r.IntN(4)), byte(i)}
			addrs[i] = netip.AddrFrom4(octets)
			if i%3 == 0 {
				addrs[i] = netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 0, byte(r.IntN(2)), 0, byte(r.IntN(8)), 15: byte(i)})
			}
		}
		var exact twin
		// Below the limit itself, and above what is allowed to the ticks and to the units.
		limit := max(float64(limits.Rate)/float64(limits.Loops), min(float64(limits.Rate), leastBurst))
		for range 5000 {
			b.time += time.Duration(r.IntN(int(2 * time.Second / engagedAbove / 4)))
			b.Batch(1)
			a := addrs[min(r.IntN(len(addrs)), r.IntN(len(addrs)))] // some more than others
			got := b.Judge(geoip.BlockOfAddr(a))
			if !b.engaged {
				continue
			}
			alone, network, weight := 32, 24, 1.0/16
			if a.Is6() {
				alone, network, weight = 64, 48, 1.0/4
			}
			p, _ := a.Prefix(alone)
			n, _ := a.Prefix(network)
			load := exact.add(p, 1, b.time, b.constant)
			if counted := b.add(b.hash(geoip.BlockOfAddr(a), uint8(alone)), 0); counted <= b.limit {
				load = max(load, exact.add(n, weight, b.time, b.constant))
			}
			if load <= limit && got != Answer {
				t.Fatalf("%v with load %.2f of %.2f: got %d", a, load, limit, got)
			}
			// A tick is a 32nd of the time constant: a load is one behind at most, which the limit allows for with a query
			// more, and each tick rounds a sixteenth of a query away at most.
			if load > limit*1.1+4 && got == Answer {
				t.Fatalf("%v with load %.2f of %.2f is answered", a, load, limit)
			}
			if load > silentAbove*(limit*1.1+4) && got != Silence {
				t.Fatalf("%v with load %.2f of %.2f: got %d", a, load, limit, got)
			}
		}
	})
}

func TestNothingAllocates(t *testing.T) {
	b := newBench(Limits{Rate: 200, Slip: 1, Loops: 1, Exempt: loopback})
	b.tell = func(Offender) {}
	a, other := addr("192.0.2.1"), addr("2001:db8::1")
	if n := testing.AllocsPerRun(10_000, func() {
		b.time += 100 * time.Microsecond
		b.Batch(1)
		b.Judge(a)
		b.Judge(other)
	}); n != 0 {
		t.Errorf("got %v allocations, want 0", n)
	}
}

func BenchmarkJudge(b *testing.B) {
	for what, spread := range map[string]uint64{"one": 0, "65536": 0xffff << 32, "all": 0xffffffff << 32} {
		b.Run(what, func(b *testing.B) {
			l := newBench(Limits{Rate: 200, Slip: 1, Loops: 2, Exempt: loopback})
			x := uint64(1)
			b.ReportAllocs()
			for b.Loop() {
				x = x*6364136223846793005 + 1442695040888963407
				l.time += time.Microsecond
				l.Batch(1)
				l.Judge(geoip.Block{V4: true, Hi: 10<<56 ^ x&spread, Bits: 32})
			}
		})
	}
	b.Run("idle", func(b *testing.B) {
		l := newBench(Limits{Rate: 200, Slip: 1, Loops: 2, Exempt: loopback})
		for b.Loop() {
			l.time += time.Second
			l.Batch(1)
			l.Judge(loopbackBlock)
		}
	})
}

var loopbackBlock = addr("127.0.0.1")
