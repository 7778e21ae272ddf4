package mmsg

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"time"
)

// plainConn is the plain twin of the batches: a Conn over net.UDPConn, one packet at a time.
type plainConn struct {
	conn    *net.UDPConn
	buffer  [2 * MaxSize]byte
	asked   [64]byte // the control message that names the address asked; empty unless the socket is a wildcard
	control int      // its length
	peer    netip.AddrPort
	packet  [1]Packet

	draining bool // stopped, and reading what has arrived
}

// drainTime is for reading what arrived before Stop.
const drainTime = 10 * time.Millisecond

func newPlainConn(conn *net.UDPConn) *plainConn { return &plainConn{conn: conn} }

func (c *plainConn) Receive() ([]Packet, error) {
	for {
		n, control, _, peer, err := c.conn.ReadMsgUDPAddrPort(c.buffer[:MaxSize], c.asked[:])
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && !c.draining:
			c.draining = true
			c.conn.SetReadDeadline(time.Now().Add(drainTime))
			continue
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, net.ErrClosed
		case err != nil:
			return nil, err
		case n == 0 || peer.Port() == 0: // not to be answered
			continue
		}
		c.control, c.peer = control, peer
		c.packet[0] = Packet{Client: peer.Addr().Unmap().WithZone(""), Query: c.buffer[:n:MaxSize], Reply: c.buffer[MaxSize:MaxSize]}
		return c.packet[:], nil
	}
}

func (c *plainConn) Send() (sent int, err error) {
	reply := c.packet[0].Reply
	c.packet[0].Reply = nil
	if len(reply) == 0 {
		return 0, nil
	}
	if _, _, err := c.conn.WriteMsgUDPAddrPort(reply, c.asked[:c.control], c.peer); err != nil {
		return 0, err
	}
	return 1, nil
}

func (c *plainConn) Stop() { c.conn.SetReadDeadline(time.Now()) }

func (c *plainConn) Close() error { return c.conn.Close() }

func (c *plainConn) LocalAddr() netip.AddrPort { return c.conn.LocalAddr().(*net.UDPAddr).AddrPort() }
