package geodns

import (
	"runtime"

	"tinycdn/geodns/wire"
)

// A worker answers what a TCP client has sent: a Loop, and the buffers to read and write with. A connection has
// one only while it is served, so ten thousand idle ones cost little.
type worker struct {
	in   [2 + wire.MaxTCP]byte
	out  []byte // empty between uses
	loop *Loop
}

// flushSize is how many octets of answers are written at once, if there are more queries to read.
const flushSize = 16 << 10

// workers are those that are free. None ever waits for a client, so a few more than there are cores suffice. A
// connection that finds none waits in a queue: a busy client cannot keep another from being served.
type workers chan *worker

func newWorkers(newLoop func() *Loop) workers {
	w := make(workers, 2*runtime.GOMAXPROCS(0))
	for range cap(w) {
		w <- &worker{out: make([]byte, 0, flushSize+2+wire.MaxTCP), loop: newLoop()}
	}
	return w
}
