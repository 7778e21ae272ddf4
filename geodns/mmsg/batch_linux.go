package mmsg

import (
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
// While there is work its system calls do not wait, and the Go scheduler need not know of them (RawSyscall6).
// A call that may wait tells it (Syscall6), or the garbage collector would wait too.
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

	count   int // packets last received, answerable or not
	valid   int // of these in packets
	turns   uint
	stopped atomic.Bool
	drained uint // turns since stopped
	left    atomic.Bool
	thread  atomic.Int32 // that receives; 0: none has yet
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
	// Fewer packets than this, and the next call may wait: asking first whether it must would cost more.
	busy = batch / 2
	// A send waits this long for a device whose queue is full.
	sendTimeout = 100 * time.Millisecond
)

func newBatchConn(fd int, addr netip.AddrPort) *batchConn {
	c := &batchConn{fd: fd, addr: addr, v6: addr.Addr().Is6(), buffers: make([]byte, 2*batch*MaxSize)}
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
	c.count = batch
	return c
}

func (c *batchConn) Receive() ([]Packet, error) {
	if c.turns++; c.turns%turnsBetweenYields == 0 {
		runtime.Gosched()
	}
	if c.thread.Load() == 0 {
		c.thread.Store(int32(unix.Gettid()))
	}
	for {
		if c.left.Load() {
			c.waitFor(0)
			return nil, net.ErrClosed
		}
		c.rearm()
		stopped := c.stopped.Load()
		if stopped {
			if c.drained++; c.drained > turnsAfterStop {
				return nil, net.ErrClosed
			}
		}
		n, err := c.receive(stopped)
		switch {
		case err == unix.EINTR:
		case err == unix.EAGAIN && stopped:
			return nil, net.ErrClosed
		case err == unix.EAGAIN: // another thread was faster, or a checksum was wrong
		case err != 0:
			return nil, os.NewSyscallError("recvmmsg", err)
		default:
			c.count = n
			if packets := c.unpack(n); len(packets) > 0 {
				return packets, nil
			}
		}
	}
}

// rearm undoes what the kernel wrote into the messages last received.
func (c *batchConn) rearm() {
	for i := range c.received[:c.count] {
		c.received[i].Namelen = uint32(len(c.senders[i]))
		c.received[i].SetControllen(c.control)
	}
}

func (c *batchConn) receive(stopped bool) (n int, err syscall.Errno) {
	var r uintptr
	if c.count >= busy || stopped {
		r, _, err = unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(c.fd), uintptr(unsafe.Pointer(&c.received)), batch, unix.MSG_DONTWAIT, 0, 0)
		if err != unix.EAGAIN || stopped {
			return int(r), err
		}
	}
	r, _, err = unix.Syscall6(unix.SYS_RECVMMSG, uintptr(c.fd), uintptr(unsafe.Pointer(&c.received)), batch, unix.MSG_WAITFORONE, 0, 0)
	return int(r), err
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
	unix.Shutdown(c.fd, unix.SHUT_RD) // reports ENOTCONN, and wakes who waits in recvmmsg all the same
}

// Leave has a call that waits end soon. What the socket is told is told to all that have it: it cannot be shut down, and a time
// limit must be short-lived, since the others' calls see it too. A signal makes the call that waits begin anew, and see it
// (signal(7): recvmmsg is restarted).
func (c *batchConn) Leave() {
	c.waitFor(time.Microsecond)
	c.left.Store(true)
	if thread := int(c.thread.Load()); thread > 0 {
		unix.Tgkill(unix.Getpid(), thread, unix.SIGURG) // the runtime's own, which nobody minds
	}
}

// waitFor sets how long the socket waits for packets; 0: for ever.
func (c *batchConn) waitFor(limit time.Duration) {
	timeout := unix.NsecToTimeval(limit.Nanoseconds())
	unix.SetsockoptTimeval(c.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout)
}

func (c *batchConn) Duplicate() (int, error) { return inet.DuplicateFD(c.fd) }

func (c *batchConn) Close() error { return unix.Close(c.fd) }

func (c *batchConn) LocalAddr() netip.AddrPort { return c.addr }
