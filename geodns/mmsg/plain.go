package mmsg

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"time"

	"tinycdn/geoip/inet"

	"golang.org/x/sys/unix"
)

// plainConn is the plain twin of the batches: a Conn over net.UDPConn, one packet at a time.
type plainConn struct {
	conn       *net.UDPConn
	buffer     [2 * MaxSize]byte
	control    [64]byte // the control message that names the address asked; empty unless the socket is a wildcard
	controlLen int
	peer       netip.AddrPort
	packet     [1]Packet
	unsent     bool // its reply

	left     atomic.Bool
	draining bool // stopped, and reading what has arrived
	drained  int  // packets since then
}

const (
	// maxDrained packets that arrived before Stop are still read, but not for ever if more keep coming.
	maxDrained = 8192
	// drainTimeout ends a read of what seemed to have arrived, but was dropped: its checksum was wrong.
	drainTimeout = time.Second
)

func newPlainConn(conn *net.UDPConn) *plainConn { return &plainConn{conn: conn} }

func (c *plainConn) Receive() ([]Packet, error) {
	for {
		if c.left.Load() || c.draining && !c.drain() {
			return nil, net.ErrClosed
		}
		n, control, _, peer, err := c.conn.ReadMsgUDPAddrPort(c.buffer[:MaxSize], c.control[:])
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && !c.draining:
			c.draining = true
			continue
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, net.ErrClosed
		case err != nil:
			return nil, err
		case n == 0 || peer.Port() == 0: // not to be answered
			continue
		}
		c.controlLen, c.peer = control, peer
		c.unsent = true
		c.packet[0] = Packet{Client: peer.Addr().WithZone(""), Port: peer.Port(), Query: c.buffer[:n:MaxSize], Reply: c.buffer[MaxSize:MaxSize]}
		return c.packet[:], nil
	}
}

// drain tells whether a packet has arrived that may still be read.
func (c *plainConn) drain() bool {
	if c.drained++; c.drained > maxDrained {
		return false
	}
	c.conn.SetReadDeadline(time.Now().Add(drainTimeout))
	raw, err := c.conn.SyscallConn()
	if err != nil {
		return false
	}
	arrived := false
	err = raw.Control(func(fd uintptr) {
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(poll, 0)
		arrived = n > 0 && err == nil
	})
	return arrived && err == nil
}

func (c *plainConn) Send() (sent int, err error) {
	reply := c.packet[0].Reply
	if len(reply) == 0 || !c.unsent {
		return 0, nil
	}
	c.unsent = false
	if _, _, err := c.conn.WriteMsgUDPAddrPort(reply, c.control[:c.controlLen], c.peer); err != nil {
		return 0, err
	}
	return 1, nil
}

func (c *plainConn) Stop() { c.conn.SetReadDeadline(time.Now()) }

func (c *plainConn) Leave() {
	c.left.Store(true)
	c.Stop()
}

func (c *plainConn) Duplicate() (int, error) { return inet.Duplicate(c.conn) }

func (c *plainConn) Close() error { return c.conn.Close() }

func (c *plainConn) LocalAddr() netip.AddrPort { return c.conn.LocalAddr().(*net.UDPAddr).AddrPort() }
