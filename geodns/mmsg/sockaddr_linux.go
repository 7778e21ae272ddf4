package mmsg

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/sys/unix"
)

// sender is a socket address as the kernel writes it: struct sockaddr_in or sockaddr_in6.
type sender [unix.SizeofSockaddrInet6]byte

// addr gives the address, unless there is none or no reply can go there.
func (s *sender) addr(size uint32) (netip.Addr, bool) {
	port := s[2] | s[3]
	switch family := binary.NativeEndian.Uint16(s[:]); {
	case port == 0:
	case family == unix.AF_INET && size == unix.SizeofSockaddrInet4:
		return netip.AddrFrom4([4]byte(s[4:8])), true
	case family == unix.AF_INET6 && size == unix.SizeofSockaddrInet6:
		return netip.AddrFrom16([16]byte(s[8:24])), true
	}
	return netip.Addr{}, false
}

// port gives the port, of either family.
func (s *sender) port() uint16 { return binary.BigEndian.Uint16(s[2:]) }
