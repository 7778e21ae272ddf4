package webserver

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"sync"
)

// handover is a listener of connections that were accepted elsewhere.
type handover struct {
	conns chan net.Conn
	done  chan struct{}
	close sync.Once
}

func newHandover() *handover {
	return &handover{conns: make(chan net.Conn), done: make(chan struct{})}
}

// take gives a connection to whoever serves the listener.
func (h *handover) take(conn net.Conn) {
	select {
	case h.conns <- conn:
	case <-h.done:
		conn.Close()
	}
}

func (h *handover) Accept() (net.Conn, error) {
	select {
	case conn := <-h.conns:
		return conn, nil
	case <-h.done:
		return nil, net.ErrClosed
	}
}

func (h *handover) Close() error {
	h.close.Do(func() { close(h.done) })
	return nil
}

func (h *handover) Addr() net.Addr { return &net.TCPAddr{} }

// resumed is a connection of which something has been read already.
type resumed struct {
	net.Conn
	rest []byte
}

func resume(conn net.Conn, rest []byte) *resumed { return &resumed{conn, rest} }

func (r *resumed) Read(b []byte) (int, error) {
	if len(r.rest) == 0 {
		return r.Conn.Read(b)
	}
	n := copy(b, r.rest)
	if r.rest = r.rest[n:]; len(r.rest) == 0 {
		r.rest = nil
	}
	return n, nil
}

// ReadFrom lets the connection below copy a file by itself.
func (r *resumed) ReadFrom(from io.Reader) (int64, error) { return io.Copy(r.Conn, from) }

// CloseWrite ends what we say.
func (r *resumed) CloseWrite() error {
	if half, ok := r.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// NetConn is the connection below.
func (r *resumed) NetConn() net.Conn { return r.Conn }

type resumedTLS struct{}

// remember keeps what net/http does not see of a connection that it did not begin: that it is over TLS.
func remember(ctx context.Context, conn net.Conn) context.Context {
	if r, ok := conn.(*resumed); ok {
		if secure, ok := r.Conn.(*tls.Conn); ok {
			state := secure.ConnectionState()
			return context.WithValue(ctx, resumedTLS{}, &state)
		}
	}
	return ctx
}
