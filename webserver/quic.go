package webserver

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"tinycdn/geoip/inet"
	"tinycdn/webserver/conns"
	"tinycdn/webserver/h3"
	"tinycdn/webserver/upload"
)

// retryThreshold is the number of QUIC connections above which new clients must first prove their address, at the price of a
// round trip (RFC 9000, 8.1.2): from then on it may be an attack with addresses of others.
const retryThreshold = 256

// newUnprovenQuota is for connections whose clients have not proven their address yet, which the handshake does (RFC 9000,
// 8.1). Anybody may have written it, so they count neither as that client's nor for the places of all, but have this bound of
// their own: beyond it a client must prove its address first. A household has a few for the moment that a handshake takes.
func newUnprovenQuota() quota {
	return quota{most: retryThreshold, mostFrom: 16, from: map[netip.Addr]int{}}
}

// quicListener is one UDP socket for HTTP/3.
type quicListener struct {
	socket    net.PacketConn
	transport *quic.Transport
	fast      *h3.Server
	server    *http3.Server // for what the fast one leaves
	site      *Server
	crew      crew
	open      atomic.Int64
	stopping  context.Context // ends when no more requests are taken
	stop      context.CancelFunc
	served    chan struct{} // closed when all connections that have shaken hands are
	busy      atomic.Int64  // connections without a request yet, and requests

	mu       sync.Mutex
	listener *quic.Listener // nil: it has not begun
	conns    map[*quic.Conn]bool
}

const (
	// firstStreamWindow and firstConnWindow are how much may come, in octets, before anything of it is read. What is out of order
	// nobody can read, nor is it counted: this is what a connection of the worst sort holds. Both grow as fast as is read.
	firstStreamWindow, firstConnWindow = 32 << 10, 64 << 10
	mostConnWindow                     = 1 << 20
	// mostGrown is by how much the windows of all connections may have grown, in octets.
	mostGrown = 32 << 20
)

func (s *Server) listenQUIC(address string) (*quicListener, error) {
	socket, err := s.config.Inherited.ListenPacket(net.ListenConfig{Control: inet.AllowAway}, "udp", address)
	if err != nil {
		return nil, err
	}
	q := s.newQUIC(socket)
	if s.config.QUICAfter != nil {
		return q, nil
	}
	if _, err = q.listen(); err != nil {
		socket.Close()
		return nil, err
	}
	return q, nil
}

// newQUIC makes a listener that has not begun to read from its socket.
func (s *Server) newQUIC(socket net.PacketConn) *quicListener {
	q := &quicListener{socket: socket, site: s, crew: newCrew(), served: make(chan struct{}), conns: map[*quic.Conn]bool{}}
	q.stopping, q.stop = context.WithCancel(context.Background())
	q.fast = h3.NewServer(h3.Config{Respond: s.respond, Observe: s.observe, WriteTime: writeTime, LogPanic: s.logPanic})
	q.server = &http3.Server{Handler: q, MaxHeaderBytes: headerBytes}
	q.transport = &quic.Transport{
		Conn:                socket,
		VerifySourceAddress: func(a net.Addr) bool { return q.open.Load() > retryThreshold || s.unproven.full(inet.Of(a)) },
		ConnContext:         q.begin,
	}
	return q
}

// listen begins to read from the socket; nil: it is too late for that.
func (q *quicListener) listen() (*quic.Listener, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopping.Err() != nil || q.listener != nil {
		return q.listener, nil
	}
	var err error
	q.listener, err = q.transport.Listen(
		http3.ConfigureTLSConfig(&tls.Config{MinVersion: tls.VersionTLS13, GetCertificate: q.site.certificate}),
		&quic.Config{
			HandshakeIdleTimeout: headerTime, MaxIdleTimeout: idleTime,
			MaxIncomingStreams:         mostStreamsIn,
			MaxIncomingUniStreams:      6, // RFC 9114, 6.2: three are needed; the others are for those of types that nobody knows
			InitialStreamReceiveWindow: firstStreamWindow, MaxStreamReceiveWindow: upload.Window,
			InitialConnectionReceiveWindow: firstConnWindow, MaxConnectionReceiveWindow: mostConnWindow,
			AllowConnectionWindowIncrease: q.site.mayGrow,
		},
	)
	return q.listener, err
}

var errFull = errors.New("too many connections")

// quicConn is a connection and its place within the bounds that those over TCP have too.
type quicConn struct {
	client netip.Addr   // as it was when the connection began
	entry  *conns.Entry // nil until the client's address is proven
	proven func()       // gives the place of the unproven back; nil: it has none
	asked  func()       // its first request is there
	peer   h3.Peer
	conn   atomic.Pointer[quic.Conn] // nil during the handshake
}

type quicConnKey struct{}

// begin finds a place for a connection, for as long as it lasts: before its handshake, that of one that is proven or not.
func (q *quicListener) begin(ctx context.Context, info *quic.ClientInfo) (context.Context, error) {
	c := &quicConn{client: inet.Of(info.RemoteAddr)}
	switch {
	case info.AddrVerified:
		q.admit(ctx, c, c.client)
	case !q.site.unproven.enter(c.client):
		return ctx, errFull
	default:
		c.proven = sync.OnceFunc(func() { q.site.unproven.leave(c.client) })
		context.AfterFunc(ctx, c.proven)
	}
	q.open.Add(1)
	q.busy.Add(1)
	c.asked = sync.OnceFunc(func() { q.busy.Add(-1) })
	context.AfterFunc(ctx, c.asked)
	context.AfterFunc(ctx, func() { q.open.Add(-1) })
	return context.WithValue(ctx, quicConnKey{}, c), nil
}

// admit counts a connection as its client's.
func (q *quicListener) admit(ctx context.Context, c *quicConn, client netip.Addr) {
	c.entry = q.site.conns.Admit(client, c.shed, c.moved)
	context.AfterFunc(ctx, c.entry.Leave)
}

// shed closes the connection for another one.
func (c *quicConn) shed(bool) {
	if conn := c.conn.Load(); conn != nil {
		conn.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeExcessiveLoad), "")
	} // else its handshake ends by itself, soon
}

// moved is how many octets have passed, up and down.
func (c *quicConn) moved() int64 {
	conn := c.conn.Load()
	if conn == nil {
		return 0
	}
	stats := conn.ConnectionStats()
	return int64(stats.BytesSent + stats.BytesReceived)
}

// begun tells that the header of a request is there, and ended that it is answered, or is somebody else's.
func (q *quicListener) begun(c *quicConn) {
	c.entry.Begin()
	q.busy.Add(1)
	c.asked()
}

func (q *quicListener) ended(c *quicConn) {
	q.busy.Add(-1)
	c.entry.End()
}

// ServeHTTP tells which connections are in use.
func (q *quicListener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength < 0 && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		// Nearly none of these has a body, but http3 cannot know that before it has read it. One that has means nothing
		// by it (RFC 9110, 9.3.1).
		r.ContentLength, r.Body = 0, http.NoBody
	}
	if c, ok := r.Context().Value(quicConnKey{}).(*quicConn); ok {
		q.site.awaited.leave(c.client)
		defer q.site.awaited.reenter(c.client) // for serveStream to leave
		q.begun(c)
		defer q.ended(c)
	}
	q.site.ServeHTTP(w, r)
}

// mayGrow says whether the window of a connection may become larger.
func (s *Server) mayGrow(conn *quic.Conn, octets uint64) bool {
	more := int64(octets)
	if s.grown.Add(more) > mostGrown {
		s.grown.Add(-more)
		return false
	}
	context.AfterFunc(conn.Context(), func() { s.grown.Add(-more) })
	return true
}

// serve answers those who have shaken hands, until the listener is closed and they are answered.
func (q *quicListener) serve() error {
	defer close(q.served)
	defer q.crew.end()
	var all sync.WaitGroup
	defer all.Wait()
	listener, err := q.listenLater()
	if listener == nil {
		return cmp.Or(err, http.ErrServerClosed)
	}
	for {
		conn, err := listener.Accept(context.Background())
		if errors.Is(err, quic.ErrServerClosed) {
			return http.ErrServerClosed
		}
		if err != nil {
			return err
		}
		c := conn.Context().Value(quicConnKey{}).(*quicConn)
		c.conn.Store(conn)
		if c.proven != nil {
			c.proven()
			q.admit(conn.Context(), c, inet.Of(conn.RemoteAddr()))
		}
		q.keep(conn)
		all.Go(func() { q.serveConn(c, conn) })
	}
}

// shutdown stops taking connections, and waits for the requests that are being answered.
func (q *quicListener) shutdown(ctx context.Context) {
	q.end()
	select {
	case <-q.served:
	case <-ctx.Done():
	}
	q.close()
}

// end has it take no more.
func (q *quicListener) end() (begun bool) {
	q.stop()
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.listener == nil {
		return false
	}
	q.listener.Close()
	return true
}

func (q *quicListener) close() {
	if q.end() {
		q.transport.Close()
	}
	q.socket.Close()
}
