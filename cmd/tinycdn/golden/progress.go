package golden

import (
	"fmt"
	"io"
	"sync/atomic"
)

// progress is a line on a terminal that counts what is done.
type progress struct {
	w    io.Writer // nil: nobody looks
	all  int
	done atomic.Int64
}

// newProgress begins to count to all. Without a terminal to write to, nothing is written.
func newProgress(w io.Writer, all int) *progress { return &progress{w: w, all: all} }

// add counts n more.
func (p *progress) add(n int) {
	const step = 50 // a line for each one would be more work than the tests
	if done := p.done.Add(int64(n)); p.w != nil && (done%step == 0 || p.all < step) {
		fmt.Fprintf(p.w, "\r%d of %d", done, p.all)
	}
}

// end wipes the line away.
func (p *progress) end() {
	if p.w != nil {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
