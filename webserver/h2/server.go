// Package h2 serves HTTP/2 (RFC 9113): it answers by itself what a page is ready for, all answers to what has come in one write, and leaves every other
// stream to net/http, which has a connection in memory for it.
package h2

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

// Config says who answers the requests that a server reads, and how it waits for them.
type Config struct {
	Respond   func(*page.Request, *reply.Reply)  // decides what a request gets
	Observe   func(*page.Request, *reply.Reply)  // counts and logs what was sent
	Enter     func(netip.Addr) bool              // whether there is room for one more answer that a client lets wait; if so, Leave follows
	Leave     func(netip.Addr)                   //
	ConnState func(net.Conn, http.ConnState)     // is told whether a connection has a request, as that of http.Server
	LogPanic  func(host, path string, fault any) // is told of a mistake of ours, which costs the connection and no more

	HeaderTime  time.Duration // for a request's header to arrive
	IdleTime    time.Duration // until the next request
	Progress    time.Duration // for a client to take a Stretch of what it is sent
	Stretch     int           // in octets
	HeaderBytes int           // that a header may have, as RFC 9113, 6.5.2 counts
	Streams     int           // that a connection may have at a time
	Window      int           // octets of an upload that may come before they are read
}

// Server serves connections whose handshake is over.
type Server struct {
	config  Config
	clock   clock
	batches batches
	lanes   *listener
	leaving atomic.Bool // all connections are told to go
	mu      sync.Mutex
	conns   map[*conn]bool
	ended   bool // no connection is taken any more
	work    sync.WaitGroup
}

// NewServer makes a server that has no connections yet.
func NewServer(c Config) *Server {
	return &Server{config: c, lanes: newListener(), conns: map[*conn]bool{}}
}

// Beneath makes the connection that TLS is to be spoken on, so that Take can have it later.
func (s *Server) Beneath(c net.Conn) net.Conn { return &wire{Conn: c, batches: &s.batches} }

// Below is the listener at which connections in memory arrive, for a server that speaks HTTP/2 without TLS: streams that are for somebody else. It must be
// served for as long as there are connections. Such a connection's NetConn is the one over TLS.
func (s *Server) Below() net.Listener { return s.lanes }

// Take serves a connection over TLS that was made on what Beneath gave, and for which h2 was agreed on. It does not wait.
func (s *Server) Take(secure *tls.Conn) {
	named := page.NamedBy(secure.ConnectionState().ServerName, secure.LocalAddr())
	s.begin(newConn(s, secure.NetConn().(*wire), secure, named))
}

func (s *Server) begin(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		c.wire.Close()
		return
	}
	s.conns[c] = true
	s.work.Go(func() {
		c.run()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.conns, c)
	})
}

// Leave tells all clients to ask elsewhere (RFC 9113, 6.8). It does not wait.
func (s *Server) Leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leaving.Store(true)
	for c := range s.conns {
		c.wake()
	}
}

// Stop waits, after Leave, until what was begun is answered or ctx ends. No connection may be taken any more.
func (s *Server) Stop(ctx context.Context) {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	defer context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for c := range s.conns {
			c.wire.Close()
		}
	})()
	s.work.Wait()
	s.lanes.Close()
}

// listener is one of connections that are made here.
type listener struct {
	conns chan net.Conn
	done  chan struct{}
	close sync.Once
}

func newListener() *listener { return &listener{conns: make(chan net.Conn), done: make(chan struct{})} }

// give waits until somebody accepts; false: nobody does any more.
func (l *listener) give(c net.Conn) bool {
	select {
	case l.conns <- c:
		return true
	case <-l.done:
		return false
	}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.close.Do(func() { close(l.done) })
	return nil
}

func (l *listener) Addr() net.Addr { return &net.TCPAddr{} }
