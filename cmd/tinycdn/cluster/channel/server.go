package channel

import (
	"context"
	"crypto/tls"
	"errors"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"tinycdn/cmd/tinycdn/cluster/roster"
)

// Server serves members over connections that were accepted elsewhere.
type Server struct {
	tls   *tls.Config
	http  *http.Server
	conns chan net.Conn
	of    shares // conns, by key
	done  chan struct{}
	once  sync.Once
}

// NewServer serves those whose keys are known.
func NewServer(key roster.PrivateKey, known func(roster.Key) bool, handler http.Handler) (*Server, error) {
	config, err := ServerConfig(key, known)
	if err != nil {
		return nil, err
	}
	s := &Server{tls: config, conns: make(chan net.Conn), done: make(chan struct{}), of: shares{most: maxConns}}
	s.http = &http.Server{
		Handler: bounded(handler), ReadHeaderTimeout: handshakeTime, IdleTimeout: time.Minute, MaxHeaderBytes: maxHeader,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, keyOf{}, c.(*proven).key)
		},
		ErrorLog: log.New(nothing{}, "", 0), // what a member does wrong, it is told
	}
	return s, nil
}

type nothing struct{}

func (nothing) Write(b []byte) (int, error) { return len(b), nil }

type keyOf struct{}

// Caller is the key of whoever asks.
func Caller(ctx context.Context) roster.Key {
	key, _ := ctx.Value(keyOf{}).(roster.Key)
	return key
}

// Config is for a handshake in which the client has named Protocol.
func (s *Server) Config() *tls.Config { return s.tls }

// proven is a connection whose key is known. That it speaks TLS is hidden from net/http, which hangs up on a protocol that it does not
// know.
type proven struct {
	net.Conn
	key    roster.Key
	closed func()
}

func (p *proven) Close() error {
	p.closed()
	return p.Conn.Close()
}

// Take serves a connection whose handshake is over.
func (s *Server) Take(conn *tls.Conn) {
	key, err := KeyOf(conn.ConnectionState())
	if err != nil || !s.of.take(key) {
		conn.Close()
		return
	}
	keepAlive(conn.NetConn())
	p := &proven{conn, key, sync.OnceFunc(func() { s.of.giveBack(key) })}
	select {
	case s.conns <- p:
	case <-s.done:
		p.Close()
	}
}

// Serve serves what is taken until ctx ends.
func (s *Server) Serve(ctx context.Context) error {
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(closed)
		within, done := context.WithTimeout(context.WithoutCancel(ctx), farewellTime)
		defer done()
		if s.http.Shutdown(within) != nil {
			s.http.Close()
		}
	})
	err := s.http.Serve(s)
	if stop() {
		return err
	}
	<-closed
	return nil
}

// farewellTime is how long answers that are under way at the end may take.
const farewellTime = time.Second

// ServeListener shakes hands on a listener that is for members alone, until ctx ends. How many strangers are at it is for the
// listener to bound: a limit here would have members wait behind them. Proven is told of those who are members; it may be nil.
func (s *Server) ServeListener(ctx context.Context, l net.Listener, proven func(net.Conn)) error {
	defer context.AfterFunc(ctx, func() { l.Close() })()
	var work sync.WaitGroup
	defer work.Wait()
	for {
		conn, err := l.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil: // no file is free for it, which passes
			select {
			case <-time.After(acceptPause):
				continue
			case <-ctx.Done():
				return nil
			}
		}
		work.Go(func() {
			secure := s.shake(ctx, conn)
			if secure == nil {
				return
			}
			if proven != nil {
				proven(conn)
			}
			s.Take(secure)
		})
	}
}

// acceptPause is how long nothing is accepted after that has failed.
const acceptPause = 50 * time.Millisecond

// shake gives a connection whose key is known, or nil.
func (s *Server) shake(ctx context.Context, conn net.Conn) *tls.Conn {
	ctx, done := context.WithTimeout(ctx, handshakeTime)
	defer done()
	secure := tls.Server(conn, s.tls)
	if secure.HandshakeContext(ctx) != nil {
		conn.Close()
		return nil
	}
	return secure
}

// Accept, Close and Addr make it the listener of its http.Server.
func (s *Server) Accept() (net.Conn, error) {
	select {
	case conn := <-s.conns:
		return conn, nil
	case <-s.done:
		return nil, net.ErrClosed
	}
}

func (s *Server) Close() error {
	s.once.Do(func() { close(s.done) })
	return nil
}

func (s *Server) Addr() net.Addr { return &net.TCPAddr{} }
