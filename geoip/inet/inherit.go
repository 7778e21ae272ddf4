package inet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
)

// Sockets are those that a process found bound when it began: another one has bound them, and has queued in them what nobody has
// read yet. A nil one has none.
type Sockets struct {
	mu   sync.Mutex
	left []socket
}

// socket is one that nobody has taken yet.
type socket struct {
	fd   int
	kind string         // "tcp", "udp" or "unix"
	addr netip.AddrPort // unless it is a "unix" one
}

// Inherit takes over sockets by their descriptors.
func Inherit(fds []int) (*Sockets, error) {
	s := new(Sockets)
	for _, fd := range fds {
		kind, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_TYPE)
		if err != nil {
			return nil, fmt.Errorf("descriptor %d is no socket: %w", fd, err)
		}
		name, err := syscall.Getsockname(fd)
		if err != nil {
			return nil, fmt.Errorf("descriptor %d has no address: %w", fd, err)
		}
		one := socket{fd: fd, kind: "tcp"}
		if kind == syscall.SOCK_DGRAM {
			one.kind = "udp"
		}
		switch name := name.(type) {
		case *syscall.SockaddrInet4:
			one.addr = netip.AddrPortFrom(netip.AddrFrom4(name.Addr), uint16(name.Port))
		case *syscall.SockaddrInet6:
			one.addr = netip.AddrPortFrom(netip.AddrFrom16(name.Addr), uint16(name.Port))
		default:
			one.kind = "unix"
		}
		s.left = append(s.left, one)
	}
	return s, nil
}

// ListenTCP gives a listener that is bound to the address, or else opens one: see ListenTCP.
func (s *Sockets) ListenTCP(c net.ListenConfig, network, address string) (l *net.TCPListener, away bool, err error) {
	fds := s.Take("tcp", address)
	if len(fds) == 0 {
		return ListenTCP(c, network, address)
	}
	return take(fds, func(f *os.File) (*net.TCPListener, bool, error) {
		l, err := net.FileListener(f)
		if err != nil {
			return nil, false, err
		}
		return l.(*net.TCPListener), false, nil
	})
}

// ListenPacket gives a socket for UDP that is bound to the address, or else opens one as c says.
func (s *Sockets) ListenPacket(c net.ListenConfig, network, address string) (net.PacketConn, error) {
	fds := s.Take("udp", address)
	if len(fds) == 0 {
		return c.ListenPacket(context.Background(), network, address)
	}
	conn, _, err := take(fds, func(f *os.File) (net.PacketConn, bool, error) {
		conn, err := net.FilePacketConn(f)
		return conn, false, err
	})
	return conn, err
}

// ListenUnix gives the listener of a path in the file system, of which there is one at most; nil: there is none.
func (s *Sockets) ListenUnix() (*net.UnixListener, error) {
	fds := s.Take("unix", "")
	if len(fds) == 0 {
		return nil, nil
	}
	l, _, err := take(fds, func(f *os.File) (*net.UnixListener, bool, error) {
		l, err := net.FileListener(f)
		if err != nil {
			return nil, false, err
		}
		return l.(*net.UnixListener), false, nil
	})
	return l, err
}

// take has the first of descriptors made into what is wanted, which has one of its own then.
func take[T any](fds []int, open func(*os.File) (T, bool, error)) (T, bool, error) {
	for _, other := range fds[1:] {
		syscall.Close(other)
	}
	f := os.NewFile(uintptr(fds[0]), "socket")
	defer f.Close()
	return open(f)
}

// Take gives the descriptors of those sockets of a kind that are bound to the address, which are the caller's then. An address
// without a host is every local one.
func (s *Sockets) Take(kind, address string) (fds []int) {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var left []socket
	for _, one := range s.left {
		if one.kind == kind && (kind == "unix" || one.isAt(address)) {
			fds = append(fds, one.fd)
		} else {
			left = append(left, one)
		}
	}
	s.left = left
	return fds
}

func (s socket) isAt(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port != fmt.Sprint(s.addr.Port()) {
		return false
	}
	if host == "" {
		return s.addr.Addr().IsUnspecified()
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.WithZone("").Unmap() == s.addr.Addr().Unmap()
}

// Close gives back those that nobody has taken, and says which.
func (s *Sockets) Close() (left []string) {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.left {
		syscall.Close(one.fd)
		left = append(left, one.kind+" "+one.addr.String())
	}
	s.left = nil
	return left
}

// Duplicate gives another descriptor of a socket, which another process may inherit.
func Duplicate(s syscall.Conn) (fd int, err error) {
	raw, err := s.SyscallConn()
	if err != nil {
		return -1, err
	}
	var failed error
	err = raw.Control(func(of uintptr) { fd, failed = DuplicateFD(int(of)) })
	return fd, errors.Join(err, failed)
}

// DuplicateFD is Duplicate by a descriptor.
func DuplicateFD(of int) (fd int, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if fd, err = syscall.Dup(of); err == nil {
		syscall.CloseOnExec(fd)
	}
	return fd, err
}
