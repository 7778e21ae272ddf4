package dashboard

import (
	"bytes"
	"fmt"
	"net/http"
	"time"
)

// pace is how often readers are told what moves, and takeTime how long one may take to take it.
const pace, takeTime = time.Second, 10 * time.Second

// TellEvents tells each second what moves, and how all is whenever that is not as it was: server-sent events, until whoever listens
// leaves, or the POP ends.
func (d *Dashboard) TellEvents(w http.ResponseWriter, r *http.Request) {
	select {
	case d.readers <- struct{}{}:
		defer func() { <-d.readers }()
	default:
		w.Header().Set("Retry-After", "10")
		http.Error(w, fmt.Sprintf("%d look on already: close another dashboard", mostReaders), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	c := http.NewResponseController(w)
	c.SetReadDeadline(time.Time{}) // else its end would be taken for that of the reader
	tick := time.NewTicker(pace)
	defer tick.Stop()
	var told []byte
	for {
		v := d.look(time.Now())
		c.SetWriteDeadline(time.Now().Add(takeTime))
		if !bytes.Equal(told, v.state) {
			fmt.Fprintf(w, "event: state\ndata: %s\n", v.state)
			told = v.state
		}
		fmt.Fprintf(w, "event: moves\ndata: %s\n", v.moves)
		if c.Flush() != nil {
			return
		}
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		case <-d.ctx.Done():
			return
		}
	}
}
