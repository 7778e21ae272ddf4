package linefile

import (
	"bytes"
	"io"
	"log/slog"
	"time"
)

// tellEvery is how often it is told that lines cannot be written: a journal that is flooded is mostly on the same disk.
const tellEvery = time.Minute

// writer writes whole lines, as long as it can, and tells what it could not.
type writer struct {
	name string    // of what is written
	torn bool      // what was written last ends within a line
	lost int       // lines that were not written, since it was told
	told time.Time // when it was, last
}

// write writes lines, and gives how many it could not. Where only a part of one was written, a disk was full: the next begins a line of
// its own.
func (w *writer) write(to io.Writer, lines []byte, log *slog.Logger, now time.Time) (lost int) {
	if w.torn {
		if _, err := to.Write([]byte("\n")); err == nil {
			w.torn = false
		}
	}
	n, err := to.Write(lines)
	if n > 0 {
		w.torn = lines[n-1] != '\n'
	}
	if err == nil {
		if w.lost > 0 {
			log.Warn("the "+w.name+" can be written again", "lines_lost", w.lost)
			w.lost, w.told = 0, time.Time{}
		}
		return 0
	}
	lost = bytes.Count(lines[n:], []byte("\n"))
	w.lost += lost
	if w.told.IsZero() || now.Sub(w.told) >= tellEvery {
		log.Warn("the "+w.name+" cannot be written", "error", err, "lines_lost", w.lost)
		w.told = now
	}
	return lost
}
