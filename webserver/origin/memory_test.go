package origin

import (
	"context"
	"net"
	"sync"
	"syscall"
)

// memoryListener takes connections in memory.
type memoryListener struct {
	name   string
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *memoryListener) Addr() net.Addr  { return l }
func (l *memoryListener) Network() string { return "tcp" }
func (l *memoryListener) String() string  { return l.name }

// dial connects to the application or to the front.
func (h *fixture) dial(_ context.Context, network, address string) (net.Conn, error) {
	l := h.application.Listener.(*memoryListener)
	if address == h.front.Listener.Addr().String() {
		l = h.front.Listener.(*memoryListener)
	}
	near, far := net.Pipe()
	select {
	case l.conns <- far:
		return near, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: network, Addr: l, Err: syscall.ECONNREFUSED}
	}
}

// dialInPlace is dial within the site's Connections.
func (h *fixture) dialInPlace(ctx context.Context, network, address string) (net.Conn, error) {
	leave, err := h.site.config.Connections.take()
	if err != nil {
		return nil, err
	}
	conn, err := h.dial(ctx, network, address)
	if err != nil {
		leave()
		return nil, err
	}
	return &placedConn{conn, leave}, nil
}

type placedConn struct {
	net.Conn
	leave func()
}

func (c *placedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
