package webserver

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"tinycdn/webserver/h1"
)

// express answers plain requests for pages over HTTP/1.1 by itself, which costs half of what net/http takes for it.
// From the first request on that is anything else, a connection belongs to net/http.
type express struct {
	server *Server
	others *handover

	stopping atomic.Bool
	mu       sync.Mutex
	conns    map[net.Conn]bool
	work     sync.WaitGroup
}

const (
	// expressBuffer holds a header; a longer one is left to net/http. It is all that a connection without a request takes,
	// beside its goroutine.
	expressBuffer = 4 << 10
	// farewell is how long a connection without a request is kept when the server stops: one may be on its way.
	farewell = 100 * time.Millisecond
)

func newExpress(s *Server) *express {
	return &express{server: s, others: newHandover(), conns: map[net.Conn]bool{}}
}

// serve takes connections, over TLS if there is a configuration for it, until the listener is closed.
func (e *express) serve(l net.Listener, config *tls.Config) error {
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return http.ErrServerClosed
		}
		if err != nil {
			return err
		}
		e.begin(conn, func() {
			if config == nil {
				e.serveConn(conn, conn)
			} else if secure := e.handshake(conn, config); secure != nil {
				e.serveConn(conn, secure)
			}
		})
	}
}

// begin starts the work on a connection, which stop then finds and waits for; unless it is too late for that.
func (e *express) begin(conn net.Conn, work func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopping.Load() {
		conn.Close()
		return
	}
	e.conns[conn] = true
	e.work.Go(work)
}

// handshake gives a connection over TLS, if it speaks HTTP/1.1.
func (e *express) handshake(conn net.Conn, config *tls.Config) *tls.Conn {
	secure := tls.Server(conn, config)
	ctx, enough := context.WithTimeout(context.Background(), headerTime)
	defer enough()
	switch err := secure.HandshakeContext(ctx); {
	case err != nil:
		var header tls.RecordHeaderError
		if errors.As(err, &header) && header.Conn != nil && string(header.RecordHeader[:4]) == "GET " {
			header.Conn.Write([]byte("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\nThis is the port for HTTPS.\n"))
		}
		e.leave(conn)
		conn.Close()
		return nil
	case secure.ConnectionState().NegotiatedProtocol == "h2":
		e.leave(conn)
		e.others.take(secure)
		return nil
	}
	return secure
}

// serveConn answers the requests of a connection. Gated is the connection as the gate knows it.
func (e *express) serveConn(gated, conn net.Conn) {
	rest, ours := e.answerAll(gated, newFastConn(e, conn))
	e.leave(gated)
	if ours {
		conn.Close()
		return
	}
	e.others.take(resume(conn, rest))
}

// answerAll answers requests until the connection ends, or until one comes that is not simple. That is given back, with all
// that was read behind it.
func (e *express) answerAll(gated net.Conn, c *fastConn) (rest []byte, ours bool) {
	defer func() {
		if fault := recover(); fault != nil {
			e.server.tellBug(c.request.Host, c.request.Path, fault)
			rest, ours = nil, true
		}
	}()
	buffer := make([]byte, expressBuffer)
	have, late := 0, time.Time{}
	for {
		var q h1.Request
		n, verdict := h1.Parse(buffer[:have], &q)
		switch {
		case verdict == h1.Simple:
			switch c.answer(&q) {
			case declined:
				return buffer[:have], false
			case ended:
				return nil, true
			}
			have = copy(buffer, buffer[n:have])
			late = time.Time{}
			continue
		case verdict == h1.Decline || have == len(buffer):
			return buffer[:have], false
		}
		switch now := time.Now(); {
		case have == 0:
			e.server.gate.ConnState(gated, http.StateIdle)
			c.waitUntil(now.Add(idleTime))
			if e.stopping.Load() {
				c.waitUntil(now.Add(farewell))
			}
		case late.IsZero():
			late = now.Add(headerTime)
			c.waitUntil(late)
		}
		n, err := c.conn.Read(buffer[have:])
		if have == 0 && n > 0 {
			e.server.gate.ConnState(gated, http.StateActive)
		}
		have += n
		if err != nil && n == 0 {
			return nil, true
		}
	}
}

// leave is for a connection that the express is done with.
func (e *express) leave(conn net.Conn) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.conns, conn)
}

// stop ends the connections that have no request, and waits for the others until ctx ends.
func (e *express) stop(ctx context.Context) {
	e.mu.Lock()
	e.stopping.Store(true)
	for conn := range e.conns {
		conn.SetReadDeadline(time.Now().Add(farewell))
	}
	e.mu.Unlock()
	defer context.AfterFunc(ctx, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		for conn := range e.conns {
			conn.Close()
		}
	})()
	e.work.Wait()
	e.others.Close()
}
