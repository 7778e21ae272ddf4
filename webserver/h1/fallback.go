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

	served     atomic.Bool    // somebody accepts
	unanswered sync.WaitGroup // the connections with a request of which no answer has begun
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

// end is Close once nothing more is given, and nobody leaves without what he was given. Who accepts comes for more when he has the
// last connection in his books, within microseconds. Of a request he drops what he has only read when he is told to leave, as net/http
// does: an answer must have begun. What takes longer than most to begin has been read long since.
func (f *fallback) end(most time.Duration) {
	enough := time.After(most)
	if f.served.Load() {
		select {
		case f.conns <- nil:
		case <-f.done:
		case <-enough:
		}
	}
	begun := make(chan struct{})
	go func() {
		f.unanswered.Wait()
		close(begun)
	}()
	select {
	case <-begun:
	case <-enough:
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
	begun  func() // an answer has, or there will be none
}

// replay makes a connection that begins with what was read of it.
func (f *fallback) replay(conn net.Conn, unread []byte) net.Conn {
	f.unanswered.Add(1)
	return &replayConn{conn, unread, sync.OnceFunc(f.unanswered.Done)}
}

func (r *replayConn) Write(b []byte) (int, error) {
	r.begun()
	return r.Conn.Write(b)
}

func (r *replayConn) Close() error {
	r.begun()
	return r.Conn.Close()
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
func (r *replayConn) ReadFrom(from io.Reader) (int64, error) {
	r.begun()
	return io.Copy(r.Conn, from)
}

// CloseWrite ends what we say.
func (r *replayConn) CloseWrite() error {
	if half, ok := r.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// NetConn is the connection below.
func (r *replayConn) NetConn() net.Conn { return r.Conn }
