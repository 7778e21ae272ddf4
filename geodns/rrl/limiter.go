// Package rrl limits how many answers an address gets over UDP, where whoever asks may have forged it.
//
// The limits hold for the answers of all loops of a server together, but each loop counts for itself, without locks: it
// allows its share. An address is counted alone (IPv6: its /64) and with its network (/24, IPv6: /48).
package rrl

import (
	"math"
	"net/netip"
	"sync/atomic"
	"time"

	"tinycdn/geoip"
)

// A Verdict is what a query over UDP is to get.
type Verdict uint8

const (
	Answer   Verdict = iota
	Truncate         // no answer, but where to get one: over TCP
	Silence
)

// Limits are those of a server.
type Limits struct {
	Rate   int // answers a second for one address
	Slip   int // of the queries beyond Rate each Slip-th is truncated, and the others get silence
	Exempt []netip.Prefix
	Loops  int // that share Rate: those that a client's queries may come to
}

// MaxRate fits into a load twenty times over, and is more than there is a reason to limit.
const MaxRate = 25_000

const (
	// Below so many queries a second in all nothing is limited, nor counted: whatever answers they get, it is no flood.
	engagedAbove = 500
	// silentAbove is how many times its rate an address must ask until it gets nothing at all.
	silentAbove = 20
	// leastBurst is how many queries a loop's share allows at once, if Rate does: a resolver's queries do not come evenly.
	leastBurst = 32
	// window is after how many queries a loop looks how fast they came.
	window = 16
	// windowTime is how long a loop goes on counting when nothing comes.
	windowTime = 100 * time.Millisecond
)

// A Limiter is that of one loop. One goroutine uses it at a time.
type Limiter struct {
	table
	exempt []exemption
	limit  uint32 // load, beyond which an answer is truncated
	silent uint32 // and left out
	slip   uint32
	over   uint32 // queries beyond the limit

	engaged bool
	seen    int // queries since
	since   time.Duration
	server  *Meter // of all loops
	before  uint64 // what it counted then

	now  func() time.Duration
	at   time.Duration // now, of what came last
	tell func(Offender)
	worst
}

// A Meter counts the queries of all loops of a server.
type Meter struct{ queries atomic.Uint64 }

// New gives the limiter of a loop. The time that now gives never goes back; tell is told now and then who is over the
// limit, and must not wait.
func New(limits Limits, server *Meter, now func() time.Duration, tell func(Offender)) *Limiter {
	share := float64(limits.Rate) / float64(limits.Loops)
	burst := max(share, min(float64(limits.Rate), leastBurst))
	// Who asks evenly has half a query more when it has just asked; and a load is a tick behind at most.
	limit := uint32((burst*(1+1./ticks) + 1) * unit)
	l := &Limiter{limit: limit, silent: min(silentAbove*limit, maxLoad-1), slip: uint32(limits.Slip), server: server, now: now, tell: tell}
	l.table.init(time.Duration(burst / share * float64(time.Second)))
	for _, p := range limits.Exempt {
		l.exempt = append(l.exempt, exemptionOf(p))
	}
	return l
}

// Batch says that n queries have come. While few come that is all it costs.
func (l *Limiter) Batch(n int) {
	if l.seen += n; l.engaged || l.seen >= window {
		l.look()
	}
}

// look engages the limiter while the server gets many queries. They are measured over some of this loop's at least, and
// over no more than windowTime once they come fast.
func (l *Limiter) look() {
	now := l.now()
	if passed := now - l.since; l.seen >= window || passed > windowTime {
		total := l.server.queries.Add(uint64(l.seen))
		l.engaged = float64(total-l.before) > engagedAbove*passed.Seconds()
		l.before, l.since, l.seen = total, now, 0
	}
	if l.at = now; l.engaged {
		l.advance(now)
	}
	if l.engaged {
		l.tellWorst(tellEvery)
	} else {
		l.tellWorst(0)
	}
}

// Judge counts a query that came over UDP without a good cookie, and says what it is to get.
func (l *Limiter) Judge(client geoip.Block) Verdict {
	if l == nil || !l.engaged {
		return Answer
	}
	for i := range l.exempt {
		if l.exempt[i].contains(client) {
			return Answer
		}
	}
	c := &v6
	if client.V4 {
		c = &v4
	}
	load := l.add(l.hash(client, c.alone), unit)
	if load > l.limit {
		l.note(client, c.alone, load/unit)
	} else if load = l.add(l.hash(client, c.network), c.weight); load > l.limit {
		// What was cut for its address does not count here: the neighbours of one who is flooded go on.
		l.note(client, c.network, load/uint32(c.weight))
	} else {
		return Answer
	}
	if load > l.silent {
		return Silence
	}
	if l.over++; l.slip > 1 && l.over%l.slip != 0 {
		return Silence
	}
	return Truncate
}

// counted is what is counted of an address: itself, and its network with the weight of a query in it.
type counted struct {
	alone, network uint8 // bits
	weight         uint64
}

var (
	v4 = counted{alone: 32, network: 24, weight: unit / 16}
	v6 = counted{alone: 64, network: 48, weight: unit / 4} // who has a /64 has all its addresses
)

// exemption is a network whose queries do not count.
type exemption struct {
	geoip.Block
	hi, lo uint64 // masks
}

func exemptionOf(p netip.Prefix) exemption {
	bits := p.Bits()
	return exemption{geoip.BlockOf(p), uint64(math.MaxUint64) << (64 - min(bits, 64)), uint64(math.MaxUint64) << (128 - max(bits, 64))}
}

func (e *exemption) contains(b geoip.Block) bool {
	return b.V4 == e.V4 && b.Hi&e.hi == e.Hi && b.Lo&e.lo == e.Lo
}
