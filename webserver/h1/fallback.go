package h1

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// fallback is a listener of connections that were accepted elsewhere.
type fallback struct {
	conns chan net.Conn
	done  chan struct{}
	close sync.Once

	served atomic.Bool // somebody accepts
}

func newFallback() *fallback {
	return &fallback{conns: make(chan net.Conn), done: make(chan struct{})}
}

// take gives a connection to whoever serves the listener.
func (f *fallback) take(conn net.Conn) {
	select {
	case f.conns <- conn:
	case <-f.done:
		conn.Close()
	}
}

func (f *fallback) Accept() (net.Conn, error) {
	f.served.Store(true)
	select {
	case conn := <-f.conns:
		if conn == nil {
			return nil, net.ErrClosed
		}
		return conn, nil
	case <-f.done:
		return nil, net.ErrClosed
	}
}

// end is Close once nothing more is given. Whoever accepts comes for more when he has the last one in his books, so that he does not
// leave without it: that is a matter of microseconds.
func (f *fallback) end(most time.Duration) {
	if f.served.Load() {
		select {
		case f.conns <- nil:
		case <-f.done:
		case <-time.After(most):
		}
	}
	f.Close()
}

func (f *fallback) Close() error {
	f.close.Do(func() { close(f.done) })
	return nil
}

func (f *fallback) Addr() net.Addr { return &net.TCPAddr{} }

// replayConn is a connection of which something has been read already.
type replayConn struct {
	net.Conn
	unread []byte
}

func (r *replayConn) Read(b []byte) (int, error) {
	if len(r.unread) == 0 {
		return r.Conn.Read(b)
	}
	n := copy(b, r.unread)
	if r.unread = r.unread[n:]; len(r.unread) == 0 {
		r.unread = nil
	}
	return n, nil
}

// ReadFrom lets the connection below copy a file by itself.
func (r *replayConn) ReadFrom(from io.Reader) (int64, error) { return io.Copy(r.Conn, from) }

// CloseWrite ends what we say.
func (r *replayConn) CloseWrite() error {
	if half, ok := r.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// NetConn is the connection below.
func (r *replayConn) NetConn() net.Conn { return r.Conn }
