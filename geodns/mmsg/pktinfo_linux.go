package mmsg

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// pktinfo is a control message that holds struct in_pktinfo or in6_pktinfo: which of our addresses was asked.
// As received it already is what makes the reply leave from there; only the interface must go, mostly.
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

// clearInterface leaves the choice of the way back to the routing table: it need not be the way in. Only an address that is
// of one link cannot be left without its interface.
func (p *pktinfo) clearInterface(v6 bool) {
	info := unsafe.Pointer(&p.bytes()[unix.CmsgLen(0)])
	if !v6 {
		(*unix.Inet4Pktinfo)(info).Ifindex = 0
	} else if asked := (*unix.Inet6Pktinfo)(info); asked.Addr[0] != 0xfe || asked.Addr[1]&0xc0 != 0x80 { // fe80::/10
		asked.Ifindex = 0
	}
}
