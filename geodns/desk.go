package geodns

import "runtime"

// A desk is what a TCP client is answered at: room for what is read and what is written. Clients that are not
// being answered have none, so ten thousand idle ones cost little.
type desk struct {
	in     [2 + maxMessage]byte
	out    []byte // empty between uses
	answer Answerer
}

const (
	maxMessage = 65535 // RFC 1035, 4.2.2: the length has two octets
	headerSize = 12    // what is shorter is not a DNS message (RFC 1035, 4.1.1)
	// Answers are written when there are so many octets of them, or no more queries to read.
	flushAt = 16 << 10
)

// desks are those not in use. Nobody waits for a client at a desk, so a few more than there are cores suffice.
// Who finds none waits in a queue: a busy client cannot keep another from being served.
type desks chan *desk

func newDesks(newAnswerer func() Answerer) desks {
	d := make(desks, 2*runtime.GOMAXPROCS(0))
	for range cap(d) {
		d <- &desk{out: make([]byte, 0, flushAt+2+maxMessage), answer: newAnswerer()}
	}
	return d
}
