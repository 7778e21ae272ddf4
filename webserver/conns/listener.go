package conns

import (
	"errors"
	"net"
	"syscall"
	"time"

	"tinycdn/geoip/inet"
)

// Listener gives the connections of l that find a place. What is wrapped in TLS is its result, not l.
//
// A connection from a trusted proxy may wait for its first octets in RemoteAddr: nobody who accepts connections
// should ask for it there. http.Server does so only where the connection has a goroutine of its own.
func (t *Table) Listener(l net.Listener) net.Listener { return listener{l, t} }

type listener struct {
	net.Listener
	table *Table
}

// SyscallConn is that of the socket.
func (l listener) SyscallConn() (syscall.RawConn, error) {
	return l.Listener.(syscall.Conn).SyscallConn()
}

// Accept never gives up while the listener is open: what fails now works later.
func (l listener) Accept() (net.Conn, error) {
	failures := backoff{}
	for {
		accepted, err := l.Listener.Accept()
		switch {
		case err == nil:
			failures.count = 0
			return l.table.accept(accepted), nil
		case errors.Is(err, net.ErrClosed):
			return nil, err
		default:
			if failures.news() {
				l.table.config.Log.Warn("cannot accept connections", "address", l.Addr(), "error", err)
			}
			if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
				l.table.shedOne()
			}
			failures.wait()
		}
	}
}

// accept gives a connection a place.
func (t *Table) accept(accepted net.Conn) net.Conn {
	peer := inet.Of(accepted.RemoteAddr())
	c := &conn{Conn: accepted, table: t}
	if inet.Contains(t.config.Trusted, peer) {
		c.proxied = newProxyHeader(accepted)
	}
	if t.config.Peer != nil && t.config.Peer(inet.Plain(peer)) && t.free(&c.entry) {
		return c
	}
	t.admit(&c.entry, peer, c.shed)
	return c
}

// shed closes the connection for another one. Of a response that nobody takes, the kernel is left nothing to remember.
func (c *conn) shed(busy bool) {
	if tcp, ok := c.Conn.(*net.TCPConn); ok && busy {
		tcp.SetLinger(0)
	}
	c.Conn.Close()
}

// backoff waits longer after every failure in a row.
type backoff struct {
	count  int
	warned time.Time
}

func (b *backoff) wait() {
	time.Sleep(min(time.Millisecond<<b.count, time.Second))
	b.count = min(b.count+1, 10) // 1.024 s
}

// news tells whether a failure is worth a line in the log: one that comes and goes is, once a minute.
func (b *backoff) news() bool {
	now := time.Now()
	if now.Sub(b.warned) < time.Minute {
		return false
	}
	b.warned = now
	return true
}
