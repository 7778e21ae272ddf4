package mmsg

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

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

// pktinfo is a control message that holds struct in_pktinfo or in6_pktinfo: which of our addresses was asked.
// As received it already is what makes the reply leave from there; only the interface must go.
type pktinfo [5]uint64 // aligned like struct cmsghdr, and of the size of an IPv6 one

func pktinfoSize(v6 bool) int {
	if v6 {
		return unix.CmsgSpace(unix.SizeofInet6Pktinfo)
	}
	return unix.CmsgSpace(unix.SizeofInet4Pktinfo)
}

func (p *pktinfo) bytes() []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(p)), unsafe.Sizeof(*p))
}

// leaveByAnyInterface leaves the choice of the way back to the routing table: it need not be the way in.
func (p *pktinfo) leaveByAnyInterface(v6 bool) {
	info := unsafe.Pointer(&p.bytes()[unix.CmsgLen(0)])
	if v6 {
		(*unix.Inet6Pktinfo)(info).Ifindex = 0
	} else {
		(*unix.Inet4Pktinfo)(info).Ifindex = 0
	}
}
