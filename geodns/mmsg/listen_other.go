//go:build !linux

package mmsg

import (
	"net"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// Listen opens one socket on addr: n of them would not share the clients here.
func Listen(addr netip.AddrPort, n int) ([]Conn, error) {
	conn, err := listenPlain(addr)
	if err != nil {
		return nil, err
	}
	return []Conn{conn}, nil
}

// Inherit makes Conns of sockets that Listen of another process has opened.
func Inherit(fds []int) (conns []Conn, err error) {
	for _, fd := range fds {
		f := os.NewFile(uintptr(fd), "socket")
		conn, err := net.FilePacketConn(f)
		f.Close()
		if err != nil {
			return nil, err
		}
		conns = append(conns, newPlainConn(conn.(*net.UDPConn)))
	}
	return conns, nil
}

func setOptions(fd int, addr netip.Addr, shared bool) error {
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, socketBuffer) // less works as well
	switch {
	case !addr.IsUnspecified():
		return nil
	case addr.Is6():
		return unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1)
	default:
		return unix.SetsockoptInt(fd, unix.IPPROTO_IP, ipPktinfo, 1)
	}
}
