package mmsg

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"tinycdn/geoip/inet"

	"golang.org/x/sys/unix"
)

// batchConn is a Conn over recvmmsg and sendmmsg.
//
// Its system calls do not wait, so the Go scheduler need not know of them (RawSyscall6): where there is nothing, a waiter waits. A send
// that may wait tells it (Syscall6), or the garbage collector would wait too.
type batchConn struct {
	fd   int
	addr netip.AddrPort

	received [batch]message
	replies  [batch]message
	packets  [batch]Packet
	iovecs   [2 * batch]unix.Iovec // of received, then of replies
	senders  [batch]sender
	pktinfos [batch]pktinfo
	control  int // the length of a pktinfo; 0 where the socket's own address says it all
	v6       bool
	buffers  []byte // of queries, then of replies

	waiter *waiter
	tryIt  func(uintptr) bool // try, made a function once
	failed syscall.Errno      // of the last try

	count   int // packets last received, answerable or not
	valid   int // of these in packets
	turns   uint
	stopped atomic.Bool
	drained uint // turns since stopped
	left    atomic.Bool
}

// message is struct mmsghdr.
type message struct {
	unix.Msghdr
	size uint32
}

const (
	// batch is how many packets share a system call at most: more gained nothing when measured.
	batch = 32
	// A loop that never waits is invisible to the scheduler; now and then it lets others run.
	// 16 full batches take about half a millisecond.
	turnsBetweenYields = 16
	// After Stop, what waits in the kernel is still answered, but not for ever if more keeps coming.
	turnsAfterStop = 256
	// So many packets at once, and the next ones are likely there: they are not waited for before that has been looked for. On one core half
	// of that and twice as much cost the same at 500 to 100,000 questions a second (geodnstest/cost, five turns: 0.85 to 1.08 of this).
	busy = batch / 4
	// A send waits this long for a device whose queue is full.
	sendTimeout = 100 * time.Millisecond
)

func newBatchConn(fd int, addr netip.AddrPort) (*batchConn, error) {
	waiter, err := newWaiter(fd)
	if err != nil {
		return nil, err
	}
	c := &batchConn{fd: fd, addr: addr, v6: addr.Addr().Is6(), buffers: make([]byte, 2*batch*MaxSize), waiter: waiter}
	c.tryIt = c.try
	if addr.Addr().IsUnspecified() {
		c.control = pktinfoSize(c.v6)
	}
	for i := range batch {
		in, out := &c.iovecs[i], &c.iovecs[batch+i]
		in.Base = &c.buffers[i*MaxSize]
		in.SetLen(MaxSize)
		c.received[i].Iov, c.replies[i].Iov = in, out
		c.received[i].SetIovlen(1)
		c.replies[i].SetIovlen(1)
		c.received[i].Name = &c.senders[i][0]
		if c.control > 0 {
			c.received[i].Control = &c.pktinfos[i].bytes()[0]
		}
	}
	c.count = batch // all are to be armed
	return c, nil
}

func (c *batchConn) Receive() ([]Packet, error) {
	if c.turns++; c.turns >= turnsBetweenYields {
		c.turns = 0
		runtime.Gosched()
	}
	for {
		if c.left.Load() {
			return nil, net.ErrClosed
		}
		stopped := c.stopped.Load()
		if stopped {
			if c.drained++; c.drained > turnsAfterStop {
				return nil, net.ErrClosed
			}
		}
		err := c.receive(stopped)
		switch {
		case err == nil:
			if packets := c.unpack(c.count); len(packets) > 0 {
				return packets, nil
			}
		case stopped && c.failed == unix.EAGAIN:
			return nil, net.ErrClosed
		case !errors.Is(err, os.ErrDeadlineExceeded): // which says that it stopped, or left
			return nil, err
		}
	}
}

// receive waits for packets, unless it is stopped: then it looks whether there are any.
func (c *batchConn) receive(stopped bool) error {
	if c.count >= busy || stopped {
		c.waiter.forget()
		if c.try(0) || stopped {
			return c.failure()
		}
	}
	if err := c.waiter.wait(c.tryIt); err != nil {
		return err
	}
	return c.failure()
}

// try receives what is there. It reports false where that is nothing.
func (c *batchConn) try(uintptr) bool {
	c.rearm()
	for {
		n, _, err := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(c.fd), uintptr(unsafe.Pointer(&c.received)), batch, unix.MSG_DONTWAIT, 0, 0)
		if c.failed = err; err == 0 {
			c.count = int(n)
		}
		if err == unix.EAGAIN {
			c.turns = 0 // who waits lets others run
		}
		if err != unix.EINTR {
			return err != unix.EAGAIN
		}
	}
}

func (c *batchConn) failure() error {
	if c.failed == 0 {
		return nil
	}
	return os.NewSyscallError("recvmmsg", c.failed)
}

// rearm undoes what the kernel wrote into the messages last received.
func (c *batchConn) rearm() {
	for i := range c.received[:c.count] {
		c.received[i].Namelen = uint32(len(c.senders[i]))
		c.received[i].SetControllen(c.control)
	}
}

// unpack gives the packets that can be answered: with octets in them, and a sender that has an address and a port.
func (c *batchConn) unpack(n int) []Packet {
	c.valid = 0
	for i := range c.received[:n] {
		client, ok := c.senders[i].addr(c.received[i].Namelen)
		size := int(c.received[i].size)
		if !ok || size == 0 {
			continue
		}
		in, out := i*MaxSize, (batch+i)*MaxSize
		c.packets[c.valid] = Packet{
			Client: client,
			Port:   c.senders[i].port(),
			Query:  c.buffers[in : in+size : in+MaxSize],
			Reply:  c.buffers[out : out : out+MaxSize],
			slot:   int32(i),
		}
		c.valid++
	}
	return c.packets[:c.valid]
}

func (c *batchConn) Send() (sent int, err error) {
	n := 0
	for i := range c.packets[:c.valid] {
		p := &c.packets[i]
		if len(p.Reply) == 0 {
			continue
		}
		query, reply := &c.received[p.slot], &c.replies[n]
		reply.Iov.Base = &p.Reply[0]
		reply.Iov.SetLen(len(p.Reply))
		reply.Name, reply.Namelen = query.Name, query.Namelen
		if c.control > 0 && int(query.Controllen) == c.control {
			c.pktinfos[p.slot].clearInterface(c.v6)
			reply.Control, reply.Controllen = query.Control, query.Controllen
		}
		n++
	}
	c.valid = 0
	return c.send(n)
}

// send sends the first n replies. One that is refused does not hold up those behind it.
func (c *batchConn) send(n int) (sent int, first error) {
	for i := 0; i < n; {
		k, err := c.sendmmsg(i, n)
		switch {
		case err == 0:
			i += k
			sent += k
		case err == unix.EINTR:
		case err == unix.EAGAIN: // sendTimeout is over: the device is stuck, and the rest would wait as long
			return sent, os.NewSyscallError("sendmmsg", err)
		default:
			if first == nil {
				first = os.NewSyscallError("sendmmsg", err)
			}
			i++
		}
	}
	return sent, first
}

func (c *batchConn) sendmmsg(i, n int) (int, syscall.Errno) {
	r, _, err := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(c.fd), uintptr(unsafe.Pointer(&c.replies[i])), uintptr(n-i), unix.MSG_DONTWAIT, 0, 0)
	if err == unix.EAGAIN { // the send buffer is full
		r, _, err = unix.Syscall6(unix.SYS_SENDMMSG, uintptr(c.fd), uintptr(unsafe.Pointer(&c.replies[i])), uintptr(n-i), 0, 0, 0)
	}
	return int(r), err
}

func (c *batchConn) Stop() {
	c.stopped.Store(true)
	unix.Shutdown(c.fd, unix.SHUT_RD) // nothing more comes; it reports ENOTCONN
	c.waiter.wake()
}

func (c *batchConn) Leave() {
	c.left.Store(true)
	c.waiter.wake()
}

func (c *batchConn) Duplicate() (int, error) { return inet.DuplicateFD(c.fd) }

func (c *batchConn) Close() error {
	c.waiter.close()
	return unix.Close(c.fd)
}

func (c *batchConn) LocalAddr() netip.AddrPort { return c.addr }
