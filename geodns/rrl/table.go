package rrl

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"time"

	"tinycdn/geoip"
)

// A cell counts the queries of one address or network: 24 bits of its hash, the tick at which it was last counted in 16, and
// its load then in 24.
//
// The load falls by exponential decay, so that of somebody who asks evenly it is the number of queries in the time constant.
type cell uint64

const (
	unit       = 16 // the load of one query: a network's is counted in parts of it
	maxLoad    = 1<<24 - 1
	ticks      = 32        // in the time constant
	forgotten  = 8 * ticks // after which nothing is left of a load worth speaking of
	lines      = 1 << 13
	lineCells  = 8 // of 8 octets: what the processor fetches at once
	sweepLines = 8 // for each tick: all in 1024 ticks, long before 16 bits of them have gone round
)

func (c cell) load() uint64 { return uint64(c) & maxLoad }
func (c cell) tick() uint16 { return uint16(c >> 24) }
func (c cell) tag() uint64  { return uint64(c >> 40) }

// table has a cell for each address and network that asked of late, in lines of eight. Who has none takes that of the
// lightest in its line.
type table struct {
	lines    *[lines][lineCells]cell
	decay    [forgotten]uint64 // what remains of a load after so many ticks, of 1<<32
	seed     maphash.Seed      // which line is whose, nobody can know
	key      [9]byte
	constant time.Duration
	tickTime time.Duration
	ticked   int64  // ticks until now
	current  uint16 // the last bits of it
	swept    int    // lines
}

func (t *table) init(constant time.Duration) {
	t.lines, t.seed, t.constant, t.tickTime = new([lines][lineCells]cell), maphash.MakeSeed(), constant, constant/ticks
	for i := range t.decay {
		t.decay[i] = uint64(math.Exp(-float64(i)/ticks) * (1 << 32))
	}
}

// advance sets the time, and clears what is forgotten before its tick could be taken for a new one.
func (t *table) advance(now time.Duration) {
	tick := int64(now / t.tickTime)
	passed := tick - t.ticked
	if passed == 0 {
		return
	}
	t.ticked, t.current = tick, uint16(tick)
	if passed >= forgotten {
		clear(t.lines[:])
		return
	}
	for range passed * sweepLines {
		line := &t.lines[t.swept]
		for i, c := range line {
			if t.current-c.tick() >= forgotten {
				line[i] = 0
			}
		}
		t.swept = (t.swept + 1) % lines
	}
}

// now is the load of a cell by now.
func (t *table) now(c cell) uint64 {
	age := t.current - c.tick()
	if age == 0 {
		return c.load()
	}
	if age >= forgotten {
		return 0
	}
	return c.load() * t.decay[age] >> 32
}

// add counts a query of whoever has that hash, and gives the load with it.
func (t *table) add(hash uint64, weight uint64) uint32 {
	line := &t.lines[hash%lines]
	tag := hash >> 40
	at, load := -1, uint64(0)
	for i, c := range line {
		if c.tag() == tag {
			at, load = i, t.now(c)
			break
		}
	}
	if at < 0 {
		at = t.lightest(line)
	}
	load = min(load+weight, maxLoad) // a flood must not run over
	line[at] = cell(tag<<40 | uint64(t.current)<<24 | load)
	return uint32(load)
}

// lightest gives a cell whose load matters least: an empty one, else any with no more than a query, else the one with the
// least by now.
func (t *table) lightest(line *[lineCells]cell) (at int) {
	for i, c := range line {
		if c == 0 {
			return i
		}
	}
	least := uint64(math.MaxUint64)
	for i, c := range line {
		if c.load() <= unit {
			return i
		}
		if load := t.now(c); load < least {
			at, least = i, load
		}
	}
	return at
}

func (t *table) hash(b geoip.Block, bits uint8) uint64 {
	binary.LittleEndian.PutUint64(t.key[:], b.Hi&(uint64(math.MaxUint64)<<(64-bits)))
	t.key[8] = bits // of both families there are other ones
	return maphash.Bytes(t.seed, t.key[:])
}
