package mmsg

import (
	"errors"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// Listen opens n sockets on addr; the kernel spreads the clients over them. With port 0 they share a free one.
func Listen(addr netip.AddrPort, n int) ([]Conn, error) {
	var conns []Conn
	for range n {
		conn, err := listenBatch(addr, n > 1)
		if err != nil {
			for _, c := range conns {
				c.Close()
			}
			return nil, err
		}
		conns = append(conns, conn)
		addr = conn.LocalAddr()
	}
	return conns, nil
}

// Inherit makes Conns of sockets that Listen of another process has opened.
func Inherit(fds []int) (conns []Conn, err error) {
	for _, fd := range fds {
		addr, err := addrOf(fd)
		if err != nil {
			return nil, err
		}
		conn, err := newBatchConn(fd, addr)
		if err != nil {
			return nil, err
		}
		conns = append(conns, conn)
	}
	return conns, nil
}

func addrOf(fd int) (netip.AddrPort, error) {
	name, err := unix.Getsockname(fd)
	switch name := name.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(name.Addr), uint16(name.Port)), nil
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(name.Addr), uint16(name.Port)), nil
	}
	return netip.AddrPort{}, errors.Join(errors.New("a socket without an address"), err)
}

func listenBatch(addr netip.AddrPort, shared bool) (Conn, error) {
	conn, err := open(addr, shared)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	fd, err := dupBlocking(conn)
	if err != nil {
		return nil, err
	}
	c, err := newBatchConn(fd, conn.LocalAddr().(*net.UDPAddr).AddrPort())
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return c, nil
}

// dupBlocking gives a blocking descriptor of conn's socket that the runtime's poller does not know (see waiter); so conn.File is of no
// use.
func dupBlocking(conn *net.UDPConn) (fd int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var refused error
	err = raw.Control(func(polled uintptr) {
		fd, refused = unix.FcntlInt(polled, unix.F_DUPFD_CLOEXEC, 0)
	})
	if err = errors.Join(err, refused); err != nil {
		return 0, err
	}
	return fd, unix.SetNonblock(fd, false)
}

func setOptions(fd int, addr netip.Addr, shared bool) error {
	if shared {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
			return err
		}
	}
	setBuffer(fd, unix.SO_RCVBUFFORCE, unix.SO_RCVBUF)
	setBuffer(fd, unix.SO_SNDBUFFORCE, unix.SO_SNDBUF)
	timeout := unix.NsecToTimeval(sendTimeout.Nanoseconds())
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &timeout); err != nil {
		return err
	}
	// A forged "packet too big" must not make the kernel cut our replies into fragments.
	if addr.Is6() {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER, unix.IPV6_PMTUDISC_PROBE); err != nil {
			return err
		}
	} else if err := unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_PROBE); err != nil {
		return err
	}
	switch {
	case !addr.IsUnspecified():
		return nil
	case addr.Is6():
		return unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1)
	default:
		return unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_PKTINFO, 1)
	}
}

// setBuffer asks for what only the privileged get, then for what the machine allows; less works as well.
func setBuffer(fd, force, option int) {
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, force, socketBuffer) != nil {
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, option, socketBuffer)
	}
}
