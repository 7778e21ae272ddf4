// Package mmsg receives and sends UDP packets in batches, so that many of them share a system call.
package mmsg

import "net/netip"

// Conn is a UDP socket. Receive, Send and Close belong to one goroutine; anyone may call the others.
type Conn interface {
	// Receive waits until there are packets, and returns them. They are the caller's until the next Receive.
	// After Stop it returns what has already arrived, and then net.ErrClosed.
	Receive() ([]Packet, error)
	// Send sends the replies in the packets last received, each from the address that was asked. What cannot be
	// sent is lost, as any datagram may be; the first such error is returned. The packets stay as they are.
	Send() (sent int, err error)
	// Stop wakes Receive and lets it come to its end.
	Stop()
	// Leave wakes Receive, too, and leaves what waits in the socket to another process that has it: Receive gives at most what it
	// holds already, and then net.ErrClosed.
	Leave()
	// Duplicate gives another descriptor of the socket, for another process.
	Duplicate() (fd int, err error)
	Close() error
	LocalAddr() netip.AddrPort
}

// Packet is a datagram and the reply to it.
type Packet struct {
	Client netip.Addr // who sent it
	Port   uint16     // from where
	Query  []byte     // what it holds: at least one octet; more than MaxSize are cut
	Reply  []byte     // empty on receipt, with room for MaxSize octets; what stays empty is not sent

	slot int32 // where the socket keeps the sender's address
}

// MaxSize is the longest packet taken whole: the largest EDNS size in common use.
const MaxSize = 4096

// socketBuffer is how many octets may wait in the kernel, if it grants so many: what arrives while a loop is away
// for some milliseconds.
const socketBuffer = 4 << 20
