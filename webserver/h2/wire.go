package h2

import (
	"net"
	"sync"
)

// wire is the connection beneath TLS. It can be asked for what has come already, and it keeps the records that TLS makes until
// they are sent together: a batch of answers is one system call.
type wire struct {
	net.Conn
	batches    *batches
	draining   bool // of the reader: Read does not wait
	collecting bool // Write keeps; set before anybody but its goroutine knows the connection

	mu   sync.Mutex
	held *batch // by mu; nil: nothing
}

// NetConn is the connection below.
func (w *wire) NetConn() net.Conn { return w.Conn }

// nothing is what Read says that does not wait. It is temporary: crypto/tls goes on where it was.
type nothing struct{}

func (nothing) Error() string   { return "nothing has come" }
func (nothing) Timeout() bool   { return true }
func (nothing) Temporary() bool { return true }

var errNothing net.Error = nothing{}

func (w *wire) Read(p []byte) (int, error) {
	if w.draining {
		return 0, errNothing
	}
	return w.Conn.Read(p)
}

// Write never waits while the wire collects.
func (w *wire) Write(p []byte) (int, error) {
	if !w.collecting {
		return w.Conn.Write(p)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.held == nil {
		w.held = w.batches.get()
	}
	w.held.octets = append(w.held.octets, p...)
	return len(p), nil
}

// full says that what is kept should be sent before more is added than so many octets.
func (w *wire) full(more int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.held != nil && len(w.held.octets) >= w.held.enough+more
}

// take gives what is kept, for send; nil: there is none.
func (w *wire) take() *batch {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.held
	w.held = nil
	return b
}

// send writes a batch. Only one is on its way at a time.
func (w *wire) send(b *batch) error {
	_, err := w.Conn.Write(b.octets)
	w.batches.put(b)
	return err
}
