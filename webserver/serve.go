package webserver

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"tinycdn/webserver/h1"
	"tinycdn/webserver/upload"
)

// Serve answers until ctx ends, and then what has been begun.
func (s *Server) Serve(ctx context.Context) error {
	s.OpenLog()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	// These go on until the last request is answered.
	background, end := context.WithCancel(context.WithoutCancel(ctx))
	var helpers, servers sync.WaitGroup
	helpers.Go(func() { s.packer.Run(background) })
	if s.access != nil {
		helpers.Go(func() { s.access.Run(background) })
	}
	serve := func(run func() error) {
		servers.Go(func() {
			if err := run(); err != nil && !errors.Is(err, http.ErrServerClosed) {
				stop(err) // one gone, all go
			}
		})
	}
	sides := s.sides()
	for _, side := range sides {
		serve(func() error { return side.full.Serve(side.fast.Fallback()) })
		if side.multi != nil {
			serve(side.multi.serve)
		}
	}
	s.mu.Lock()
	s.serving = serve
	for _, run := range s.waiting {
		serve(run)
	}
	s.mu.Unlock()
	s.unbound.Retry(ctx)
	<-ctx.Done()
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	grace, enough := context.WithTimeout(context.WithoutCancel(ctx), s.grace)
	defer enough()
	if s.shared.Load() {
		s.handOver(grace, sides)
	} else {
		s.stop(grace, sides)
	}
	servers.Wait()
	end()
	helpers.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// stop says farewell to all visitors, for as long as ctx lasts.
func (s *Server) stop(ctx context.Context, sides []*side) {
	defer time.AfterFunc(h1.Linger, s.leave).Stop() // until then the rest of a request may be on its way
	var farewells sync.WaitGroup
	for _, q := range s.quic {
		farewells.Go(func() { q.shutdown(ctx) })
	}
	for _, side := range sides {
		side.closeListeners()
	}
	for _, side := range sides {
		farewells.Go(func() { side.stop(ctx, h1.Linger) })
	}
	farewells.Wait()
}

// side is what serves connections with TLS, or those without.
type side struct {
	addresses []string // to listen on
	listeners []net.Listener
	accepting sync.WaitGroup // of the listeners, once they are served
	bound     atomic.Bool    // there is one
	fast      *h1.Server
	full      *http.Server // for what the fast one leaves
	multi     *multi       // for HTTP/2; nil: there is no TLS
}

func (s *Server) newSide(handler http.Handler, c *tls.Config) *side {
	side := &side{full: s.newHTTPServer(handler, c)}
	if c != nil {
		side.multi = s.newMulti(handler)
	}
	side.fast = s.newFast(c.Clone(), side.multi)
	return side
}

// sides are those that there are.
func (s *Server) sides() []*side {
	if s.secure == nil {
		return []*side{s.plain}
	}
	return []*side{s.plain, s.secure}
}

func (s *side) addrs() (all []netip.AddrPort) {
	for _, l := range s.listeners {
		all = append(all, l.Addr().(*net.TCPAddr).AddrPort())
	}
	return all
}

func (s *side) closeListeners() {
	for _, l := range s.listeners {
		l.Close()
	}
}

// stop waits for the requests that are being answered until ctx ends, and for as long as linger for those on their way.
func (s *side) stop(ctx context.Context, linger time.Duration) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.fast.Stop(ctx, linger)
	}()
	if s.multi != nil {
		s.multi.fast.Leave()
		defer s.multi.stop(ctx)
	}
	select {
	case <-done:
	case <-time.After(2 * linger): // until then it may hand a connection to the other; what it has left are answers
	}
	if s.full.Shutdown(ctx) != nil {
		s.full.Close()
	}
	<-done
}

func (s *Server) newFast(c *tls.Config, multi *multi) *h1.Server {
	config := h1.Config{
		Respond: s.respond, Observe: s.observe, ConnState: s.conns.ConnState, LogPanic: s.logPanic,
		TLS: c, HeaderTime: headerTime, IdleTime: idleTime,
	}
	if multi != nil {
		config.Beneath = multi.fast.Beneath
		config.Take = func(secure *tls.Conn) bool { return s.take(secure) || multi.take(secure) }
	}
	return h1.NewServer(config)
}

func (s *Server) newHTTPServer(handler http.Handler, c *tls.Config) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	return &http.Server{
		Handler:           handler,
		Protocols:         protocols,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       bodyTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    headerBytes - 4096, // net/http adds as much for its buffer
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams:          mostStreamsIn,
			MaxReceiveBufferPerConnection: mostStreamsIn * upload.Window, MaxReceiveBufferPerStream: upload.Window,
			// What has come of a frame is kept until the rest is there, outside of these: RFC 9113, 4.2 allows no fewer.
			MaxReadFrameSize: 16 << 10,
		},
		TLSConfig:   c,
		ConnState:   s.conns.ConnState,
		ConnContext: rememberNamed,
		ErrorLog:    slog.NewLogLogger(s.log.Handler(), slog.LevelDebug), // what clients do wrong is no event
	}
}

func (s *Server) tlsConfig() *tls.Config {
	c := &tls.Config{
		MinVersion: tls.VersionTLS12, GetCertificate: s.certificate,
		// What Mozilla recommends for the Internet at large ("intermediate"): of TLS 1.2 nothing with CBC or SHA-1.
		CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
		// If these are left out, http.Server does without HTTP/2 whenever Serve happens to be called before ServeTLS.
		NextProtos: []string{"h2", "http/1.1"},
	}
	s.config.Peers.letIn(c)
	return c
}
