package webserver

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"tinycdn/geoip/inet"
	"tinycdn/webserver/conns"
)

// retryThreshold is the number of QUIC connections above which new clients must first prove their address, at the price of a
// round trip (RFC 9000, 8.1.2): from then on it may be an attack with addresses of others.
const retryThreshold = 256

// quicListener is one UDP socket for HTTP/3.
type quicListener struct {
	socket    net.PacketConn
	transport *quic.Transport
	listener  *quic.EarlyListener
	server    *http3.Server
	handler   http.Handler
	open      atomic.Int64
}

func (s *Server) listenQUIC(address string) (*quicListener, error) {
	config := net.ListenConfig{Control: inet.AllowAway}
	socket, err := config.ListenPacket(context.Background(), "udp", address)
	if err != nil {
		return nil, err
	}
	q := &quicListener{socket: socket, handler: s}
	q.server = &http3.Server{Handler: q, MaxHeaderBytes: headerBytes, IdleTimeout: idleTime}
	q.transport = &quic.Transport{
		Conn:                socket,
		VerifySourceAddress: func(net.Addr) bool { return q.open.Load() > retryThreshold },
		ConnContext: func(ctx context.Context, info *quic.ClientInfo) (context.Context, error) {
			return q.admit(ctx, s.conns, info)
		},
	}
	q.listener, err = q.transport.ListenEarly(
		http3.ConfigureTLSConfig(&tls.Config{MinVersion: tls.VersionTLS13, GetCertificate: s.certs.GetCertificate}),
		&quic.Config{
			HandshakeIdleTimeout: headerTime, MaxIdleTimeout: idleTime,
			MaxIncomingStreams:    100, // RFC 9114, 6.1: no fewer
			MaxIncomingUniStreams: 16,  // 6.2: three are needed; the others are for those of types that nobody knows
		},
	)
	if err != nil {
		socket.Close()
		return nil, err
	}
	return q, nil
}

// quicConn is a connection and its place within the bounds that those over TCP have too.
type quicConn struct {
	*conns.Entry
	conn atomic.Pointer[quic.Conn] // nil during the handshake
}

type quicConnKey struct{}

// admit finds a place for a connection, for as long as it lasts.
func (q *quicListener) admit(ctx context.Context, all *conns.Table, info *quic.ClientInfo) (context.Context, error) {
	admitted := new(quicConn)
	admitted.Entry = all.Admit(inet.Of(info.RemoteAddr), func(bool) {
		if conn := admitted.conn.Load(); conn != nil {
			conn.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeExcessiveLoad), "")
		} // else its handshake ends by itself, soon
	}, admitted.moved)
	q.open.Add(1)
	context.AfterFunc(ctx, func() {
		q.open.Add(-1)
		admitted.Leave()
	})
	return context.WithValue(ctx, quicConnKey{}, admitted), nil
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
	if admitted, ok := r.Context().Value(quicConnKey{}).(*quicConn); ok {
		admitted.Begin()
		defer admitted.End()
	}
	q.handler.ServeHTTP(w, r)
}

// serve answers until the listener is closed.
func (q *quicListener) serve() error {
	for {
		conn, err := q.listener.Accept(context.Background())
		if errors.Is(err, quic.ErrServerClosed) {
			return http.ErrServerClosed
		}
		if err != nil {
			return err
		}
		if admitted, ok := conn.Context().Value(quicConnKey{}).(*quicConn); ok {
			admitted.conn.Store(conn)
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
