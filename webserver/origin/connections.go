package origin

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
)

// Connections are the places of all connections to applications that may be open at a time. They are files, and what is
// open to an application is not bounded by the visitors' own: over HTTP/2 each may ask for a hundred things, or leave
// while we still dial for him. A connection holds its place from the dialing until it is closed, also when it is idle or
// has become a WebSocket.
type Connections chan struct{}

// defaultConnections are for a site that is not told, for tests and checks.
const defaultConnections = 512

// errFull: nobody waits for a place. An application that hangs would make all wait.
var errFull = errors.New("too many connections to applications are open")

// take takes a place, if one is left, until leave is called.
func (c Connections) take() (leave func(), err error) {
	select {
	case c <- struct{}{}:
		return sync.OnceFunc(func() { <-c }), nil
	default:
		return nil, errFull
	}
}

// dial connects if there is a place left.
func (c Connections) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	leave, err := c.take()
	if err != nil {
		return nil, err
	}
	to, err := (&net.Dialer{Timeout: dialTime}).DialContext(ctx, network, addr)
	if err != nil {
		leave()
		return nil, err
	}
	if socket, ok := to.(*net.UnixConn); ok {
		return &socketConnection{socket, leave}, nil
	}
	return &connection{to.(*net.TCPConn), leave}, nil
}

// connection is a TCP connection in all, so that one direction can end before the other; it leaves its place when it is
// closed first.
type connection struct {
	*net.TCPConn
	leave func()
}

func (c *connection) Close() error {
	defer c.leave() // after the file is closed
	return c.TCPConn.Close()
}

// socketConnection is the same over a unix socket.
type socketConnection struct {
	*net.UnixConn
	leave func()
}

func (c *socketConnection) Close() error {
	defer c.leave()
	return c.UnixConn.Close()
}

// newTransport connects to a unix socket, or where that is "", to the hosts of requests.
func newTransport(c Connections, socket string) *http.Transport {
	dial := c.dial
	if socket != "" {
		dial = func(ctx context.Context, _, _ string) (net.Conn, error) { return c.dial(ctx, "unix", socket) }
	}
	return &http.Transport{
		DialContext:            dial,
		TLSHandshakeTimeout:    dialTime,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		ResponseHeaderTimeout:  headerTime,
		IdleConnTimeout:        headerTime,
		MaxIdleConnsPerHost:    64,       // an eighth of those that may be open by default: more would keep places from other sites
		MaxResponseHeaderBytes: 64 << 10, // four times what we take from clients
		DisableCompression:     true,     // we decode ourselves, within bounds
		ForceAttemptHTTP2:      true,
	}
}
