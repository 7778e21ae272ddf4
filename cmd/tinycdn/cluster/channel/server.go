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
	done  chan struct{}
	once  sync.Once
}

// NewServer serves those whose keys are known.
func NewServer(key roster.PrivateKey, known func(roster.Key) bool, handler http.Handler) (*Server, error) {
	config, err := ServerConfig(key, known)
	if err != nil {
		return nil, err
	}
	s := &Server{tls: config, conns: make(chan net.Conn), done: make(chan struct{})}
	s.http = &http.Server{
		Handler: handler, ReadHeaderTimeout: handshakeTime, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
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
	key roster.Key
}

// Take serves a connection whose handshake is over.
func (s *Server) Take(conn *tls.Conn) {
	key, err := KeyOf(conn.ConnectionState())
	if err != nil {
		conn.Close()
		return
	}
	select {
	case s.conns <- &proven{conn, key}:
	case <-s.done:
		conn.Close()
	}
}

// Serve serves what is taken until ctx ends.
func (s *Server) Serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { s.http.Close() })
	defer stop()
	if err := s.http.Serve(s); !errors.Is(err, http.ErrServerClosed) && ctx.Err() == nil {
		return err
	}
	return nil
}

// ServeListener shakes hands on a listener that is for members alone, until ctx ends. Proven is told of those who are members; it
// may be nil.
func (s *Server) ServeListener(ctx context.Context, l net.Listener, proven func(net.Conn)) error {
	defer context.AfterFunc(ctx, func() { l.Close() })()
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		go func() {
			secure := tls.Server(conn, s.tls)
			ctx, done := context.WithTimeout(ctx, handshakeTime)
			defer done()
			if secure.HandshakeContext(ctx) != nil {
				conn.Close()
				return
			}
			if proven != nil {
				proven(conn)
			}
			s.Take(secure)
		}()
	}
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
