package webserver

import (
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
	listener  *quic.Listener
	server    *http3.Server
	site      *Server
	open      atomic.Int64
}

func (s *Server) listenQUIC(address string) (*quicListener, error) {
	config := net.ListenConfig{Control: inet.AllowAway}
	socket, err := config.ListenPacket(context.Background(), "udp", address)
	if err != nil {
		return nil, err
	}
	q := &quicListener{socket: socket, site: s}
	q.server = &http3.Server{Handler: q, MaxHeaderBytes: headerBytes, IdleTimeout: idleTime}
	q.transport = &quic.Transport{
		Conn:                socket,
		VerifySourceAddress: func(a net.Addr) bool { return q.open.Load() > retryThreshold || s.unproven.full(inet.Of(a)) },
		ConnContext:         q.begin,
	}
	q.listener, err = q.transport.Listen(
		http3.ConfigureTLSConfig(&tls.Config{MinVersion: tls.VersionTLS13, GetCertificate: s.certificate}),
		&quic.Config{
			HandshakeIdleTimeout: headerTime, MaxIdleTimeout: idleTime,
			MaxIncomingStreams:         mostStreamsIn,
			MaxIncomingUniStreams:      16, // RFC 9114, 6.2: three are needed; the others are for those of types that nobody knows
			InitialStreamReceiveWindow: upload.Window, MaxStreamReceiveWindow: upload.Window,
			InitialConnectionReceiveWindow: mostStreamsIn * upload.Window, MaxConnectionReceiveWindow: mostStreamsIn * upload.Window,
		},
	)
	if err != nil {
		socket.Close()
		return nil, err
	}
	return q, nil
}

var errFull = errors.New("too many connections")

// quicConn is a connection and its place within the bounds that those over TCP have too.
type quicConn struct {
	entry  *conns.Entry              // nil until the client's address is proven
	proven func()                    // gives the place of the unproven back; nil: it has none
	conn   atomic.Pointer[quic.Conn] // nil during the handshake
}

type quicConnKey struct{}

// begin finds a place for a connection, for as long as it lasts: before its handshake, that of one that is proven or not.
func (q *quicListener) begin(ctx context.Context, info *quic.ClientInfo) (context.Context, error) {
	c, client := new(quicConn), inet.Of(info.RemoteAddr)
	switch {
	case info.AddrVerified:
		q.admit(ctx, c, client)
	case !q.site.unproven.enter(client):
		return ctx, errFull
	default:
		c.proven = sync.OnceFunc(func() { q.site.unproven.leave(client) })
		context.AfterFunc(ctx, c.proven)
	}
	q.open.Add(1)
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

// ServeHTTP tells which connections are in use.
func (q *quicListener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength < 0 && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		// Nearly none of these has a body, but http3 cannot know that before it has read it. One that has means nothing
		// by it (RFC 9110, 9.3.1).
		r.ContentLength, r.Body = 0, http.NoBody
	}
	if c, ok := r.Context().Value(quicConnKey{}).(*quicConn); ok {
		c.entry.Begin()
		defer c.entry.End()
	}
	q.site.ServeHTTP(w, r)
}

// serve answers those who have shaken hands, until the listener is closed.
func (q *quicListener) serve() error {
	for {
		conn, err := q.listener.Accept(context.Background())
		if errors.Is(err, quic.ErrServerClosed) {
			return http.ErrServerClosed
		}
		if err != nil {
			return err
		}
		if c, ok := conn.Context().Value(quicConnKey{}).(*quicConn); ok {
			c.conn.Store(conn)
			if c.proven != nil {
				c.proven()
				q.admit(conn.Context(), c, inet.Of(conn.RemoteAddr()))
			}
		}
		go q.server.ServeQUICConn(conn) // what goes wrong there is the client's matter; shutdown waits for it
	}
}

// shutdown stops taking connections, and waits for the requests that are being answered.
func (q *quicListener) shutdown(ctx context.Context) {
	q.listener.Close()
	q.server.Shutdown(ctx)
	q.close()
}

func (q *quicListener) close() {
	q.listener.Close()
	q.server.Close()
	q.transport.Close()
	q.socket.Close()
}
