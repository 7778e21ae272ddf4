package querylog

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"sync/atomic"
	"time"
)

const (
	// ringSize holds a thousand queries with their answers, as most are, and the longest there may be over TCP.
	ringSize = 256 << 10
	// cacheLine is what two cores cannot write to at once without waiting for each other; some fetch lines in pairs.
	cacheLine = 128
)

// Ring is where a loop leaves copies of its queries and answers. The loop alone writes, and Log.Run alone reads: neither waits for the
// other, and what finds no room is counted.
type Ring struct {
	log *Log

	clock       time.Time // when the batch began
	begin, sent int64     // the same in nanoseconds since 1970, and when it was answered, by the same clock
	skip        int       // so many queries more, and one gets a line
	head        uint64    // as written
	octets      [ringSize]byte
	lost        struct{ file, tap atomic.Uint64 }

	_       [cacheLine]byte
	written atomic.Uint64 // octets since the start; the loop's
	_       [cacheLine]byte
	read    atomic.Uint64 // of these; the reader's

	record  record // the last read
	scratch []byte // its messages
}

// NewRing makes the ring of one loop.
func (l *Log) NewRing() *Ring {
	r := &Ring{log: l}
	r.skip = r.nextSkip()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rings = append(l.rings, r)
	return r
}

// nextSkip is after how many queries one gets a line: one in Sample, on average. Were it always the same, an even one would see none but
// the AAAA of a client that asks for A and AAAA by turns.
func (r *Ring) nextSkip() int { return 1 + rand.IntN(2*max(r.log.config.Sample, 1)-1) }

// Begin notes when a batch has come.
func (r *Ring) Begin() { r.clock = time.Now() }

// Sent notes that its answers are with the kernel. What follows takes nobody's time.
func (r *Ring) Sent() {
	r.begin = r.clock.UnixNano()
	r.sent = r.begin + int64(time.Since(r.clock)) // whatever was done to the clock meanwhile
}

// Add copies a query of the batch and its reply; an empty one is silence. What is no query is passed over: it has no answer.
func (r *Ring) Add(client, local netip.AddrPort, tcp bool, query, reply []byte) {
	if len(query) < 3 || query[2]&0x80 != 0 {
		return
	}
	to := uint8(0)
	if r.log.file != nil {
		if r.skip--; r.skip <= 0 {
			r.skip, to = r.nextSkip(), toFile
		}
	}
	if r.log.tap != nil {
		if r.log.tap.ready.Load() {
			to |= toTap
		} else {
			r.lost.tap.Add(1)
		}
	}
	if to == 0 {
		return
	}
	if tcp {
		to |= overTCP
	}
	if !r.put(to, client, local, query, reply) {
		r.drop(to)
	}
}

// drop counts what found no room.
func (r *Ring) drop(to uint8) {
	if to&toFile != 0 {
		r.lost.file.Add(1)
	}
	if to&toTap != 0 {
		r.lost.tap.Add(1)
	}
}

// Wake has what was added be written. It costs something only where nobody is at it.
func (r *Ring) Wake() {
	if r.log.asleep.Load() && r.log.asleep.CompareAndSwap(true, false) {
		select {
		case r.log.wake <- struct{}{}:
		default:
		}
	}
}

// What is to be done with a record.
const (
	toFile = 1 << iota
	toTap
	overTCP
)

// record is a query and its answer, as a ring holds them.
type record struct {
	to            uint8
	client, local netip.AddrPort // local is not valid where it is not known
	begin, sent   int64          // nanoseconds since 1970
	query, reply  []byte
}

// headLen is what stands before the two messages: their lengths, what to do, and when and who.
const headLen = 2 + 2 + 4 + 8 + 8 + 2 + 2 + 16 + 16

func (r *Ring) put(to uint8, client, local netip.AddrPort, query, reply []byte) bool {
	if r.head+uint64(headLen+len(query)+len(reply))-r.read.Load() > ringSize {
		return false
	}
	var head [headLen]byte
	binary.NativeEndian.PutUint16(head[0:], uint16(len(query)))
	binary.NativeEndian.PutUint16(head[2:], uint16(len(reply)))
	head[4] = to
	binary.NativeEndian.PutUint64(head[8:], uint64(r.begin))
	binary.NativeEndian.PutUint64(head[16:], uint64(r.sent))
	binary.NativeEndian.PutUint16(head[24:], client.Port())
	binary.NativeEndian.PutUint16(head[26:], local.Port())
	*(*[16]byte)(head[28:]) = client.Addr().As16()
	*(*[16]byte)(head[44:]) = local.Addr().As16()
	r.copyIn(head[:])
	r.copyIn(query)
	r.copyIn(reply)
	r.written.Store(r.head)
	return true
}

func (r *Ring) copyIn(b []byte) {
	n := copy(r.octets[r.head%ringSize:], b)
	copy(r.octets[:], b[n:])
	r.head += uint64(len(b))
}

// next gives the next record, which is there until the next is asked for.
func (r *Ring) next() (*record, bool) {
	at := r.read.Load()
	if at == r.written.Load() {
		return nil, false
	}
	var head [headLen]byte
	at = r.copyOut(head[:], at)
	nq := int(binary.NativeEndian.Uint16(head[0:]))
	size := nq + int(binary.NativeEndian.Uint16(head[2:]))
	if cap(r.scratch) < size {
		r.scratch = make([]byte, size)
	}
	r.scratch = r.scratch[:size]
	r.read.Store(r.copyOut(r.scratch, at))
	addrPort := func(addr, port []byte) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(addr)).Unmap(), binary.NativeEndian.Uint16(port))
	}
	r.record = record{
		to: head[4], begin: int64(binary.NativeEndian.Uint64(head[8:])), sent: int64(binary.NativeEndian.Uint64(head[16:])),
		client: addrPort(head[28:44], head[24:]), local: addrPort(head[44:60], head[26:]),
		query: r.scratch[:nq], reply: r.scratch[nq:],
	}
	return &r.record, true
}

func (r *Ring) copyOut(b []byte, at uint64) uint64 {
	n := copy(b, r.octets[at%ringSize:])
	copy(b[n:], r.octets[:])
	return at + uint64(len(b))
}
