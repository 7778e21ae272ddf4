package h1

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

// Server answers plain requests for pages over HTTP/1.1 by itself, which costs half of what net/http takes for it. From
// the first request on that is anything else, a connection belongs to net/http.
type Server struct {
	config   Config
	fallback *fallback
	clock    clock

	stopping atomic.Bool
	linger   time.Duration // how long connections without a request are kept; set before stopping is
	mu       sync.Mutex
	conns    map[net.Conn]bool
	work     sync.WaitGroup
}

const (
	// bufferSize holds a header; a longer one is left to net/http. It is all that a connection without a request takes,
	// beside its goroutine.
	bufferSize = 4 << 10
	// Linger is how long a connection without a request is kept when a server stops: one may be on its way.
	Linger = 100 * time.Millisecond
)

// Config says who answers the requests that a server reads, and how it waits for them.
type Config struct {
	Respond    func(*page.Request, *reply.Reply)  // decides what a request gets
	Observe    func(*page.Request, *reply.Reply)  // counts and logs what is sent
	Beneath    func(net.Conn) net.Conn            // makes what TLS is spoken on of a connection; nil: that is it
	Take       func(*tls.Conn) bool               // takes a connection of somebody else's protocol after its handshake, if it is one
	ConnState  func(net.Conn, http.ConnState)     // is told whether a connection has a request, as that of http.Server
	LogPanic   func(host, path string, fault any) // is told of a mistake of ours, which costs the connection and no more
	TLS        *tls.Config                        // nil: the server speaks without TLS
	HeaderTime time.Duration                      // for a request's header to arrive
	IdleTime   time.Duration                      // until the next request
}

// NewServer makes a server that has no connections yet.
func NewServer(c Config) *Server {
	return &Server{config: c, fallback: newFallback(), conns: map[net.Conn]bool{}}
}

// Fallback is the listener at which connections arrive that are for somebody else: those over TLS that speak HTTP/2, as
// they are, and those with a request that is not simple, to be read again from it on.
func (s *Server) Fallback() net.Listener { return s.fallback }

// Serve takes connections until the listener is closed.
func (s *Server) Serve(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return http.ErrServerClosed
		}
		if err != nil {
			return err
		}
		s.begin(conn)
	}
}

// begin starts the work on a connection, which Stop then finds and waits for; unless it is too late for that.
func (s *Server) begin(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping.Load() {
		conn.Close()
		return
	}
	s.conns[conn] = true
	s.work.Go(func() {
		if left := s.serveConn(conn); left != nil {
			s.fallback.take(left)
		}
	})
}

// serveConn answers the requests of a connection, and gives back one that is for somebody else; nil: it is closed.
func (s *Server) serveConn(accepted net.Conn) (left net.Conn) {
	c := &conn{Conn: accepted, server: s, accepted: accepted}
	defer func() {
		if fault := recover(); fault != nil {
			s.config.LogPanic(c.request.Host, c.request.Path, fault)
			left = nil
		}
		if left == nil {
			c.Close()
		}
		s.leave(accepted)
	}()
	if s.config.TLS != nil {
		secure := s.handshake(accepted)
		switch {
		case secure == nil:
			return nil
		case s.config.Take != nil && s.config.Take(secure):
			c.Conn = taken{} // by whoever closes it
			return nil
		case secure.ConnectionState().NegotiatedProtocol == "h2":
			return secure
		}
		c.Conn = secure
	}
	c.begin()
	unread, ours := s.answerAll(c)
	if ours {
		return nil
	}
	return s.fallback.replay(c.Conn, unread)
}

// handshake gives a connection over TLS; nil: there is none.
func (s *Server) handshake(conn net.Conn) *tls.Conn {
	if s.config.Beneath != nil {
		conn = s.config.Beneath(conn)
	}
	secure := tls.Server(conn, s.config.TLS)
	ctx, enough := context.WithTimeout(context.Background(), s.config.HeaderTime)
	defer enough()
	err := secure.HandshakeContext(ctx)
	if err == nil {
		return secure
	}
	var header tls.RecordHeaderError
	if errors.As(err, &header) && header.Conn != nil && string(header.RecordHeader[:4]) == "GET " {
		header.Conn.Write([]byte("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\nThis is the port for HTTPS.\n"))
	}
	return nil
}

// taken stands for a connection that is somebody else's by now.
type taken struct{ net.Conn }

func (taken) Close() error { return nil }

// answerAll answers requests until the connection ends, or until one comes that is not simple. That is given back, with all
// that was read behind it.
func (s *Server) answerAll(c *conn) (unread []byte, ours bool) {
	buffer := make([]byte, bufferSize)
	have, late := 0, time.Time{}
	for {
		if emptyLine := []byte("\r\n"); bytes.HasPrefix(buffer[:have], emptyLine) {
			have = copy(buffer, buffer[len(emptyLine):have]) // RFC 9112, 2.2: clients of old send one behind a body
		}
		var q Request
		n, verdict := Parse(buffer[:have], &q)
		switch {
		case verdict == Simple:
			switch c.answer(&q) {
			case declined:
				return buffer[:have], false
			case ended:
				return nil, true
			}
			have = copy(buffer, buffer[n:have])
			late = time.Time{}
			continue
		case verdict == Decline || have == len(buffer):
			return buffer[:have], false
		}
		switch now := time.Now(); {
		case have == 0:
			c.forget()
			s.config.ConnState(c.accepted, http.StateIdle)
			c.waitUntil(now.Add(s.config.IdleTime))
			if s.stopping.Load() {
				c.waitUntil(now.Add(s.linger))
			}
		case late.IsZero():
			late = now.Add(s.config.HeaderTime)
			c.waitUntil(late)
		}
		n, err := c.Read(buffer[have:])
		if have == 0 && n > 0 {
			s.config.ConnState(c.accepted, http.StateActive)
		}
		have += n
		if err != nil && n == 0 {
			return nil, true
		}
	}
}

// leave is for a connection that the server is done with.
func (s *Server) leave(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
}

// Stop ends the connections that have no request and get none within linger, and waits for the others until ctx ends.
func (s *Server) Stop(ctx context.Context, linger time.Duration) {
	s.mu.Lock()
	s.linger = linger
	s.stopping.Store(true)
	for conn := range s.conns {
		conn.SetReadDeadline(time.Now().Add(linger))
	}
	s.mu.Unlock()
	defer context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for conn := range s.conns {
			conn.Close()
		}
	})()
	s.work.Wait()
	s.fallback.end(linger)
}
