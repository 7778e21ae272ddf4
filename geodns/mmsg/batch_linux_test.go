package mmsg

import (
	"fmt"
	"net/netip"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

func TestMessageIsStructMmsghdr(t *testing.T) {
	t.Parallel()
	word := unsafe.Sizeof(uintptr(0))
	got := fmt.Sprint(unsafe.Sizeof(message{}), unsafe.Offsetof(message{}.size))
	want := map[uintptr]string{8: "64 56", 4: "32 28"}[word]
	if got != want {
		t.Errorf("got size and offset %s, want %s", got, want)
	}
}

func TestSenderThatCannotBeAnsweredHasNoAddress(t *testing.T) {
	t.Parallel()
	v4 := sender{0: unix.AF_INET, 2: 0xD2, 3: 0x04, 4: 192, 5: 0, 6: 2, 7: 1}
	v6 := sender{0: unix.AF_INET6, 2: 0, 3: 53, 8: 0x20, 9: 0x01, 10: 0x0d, 11: 0xb8, 23: 1}
	withoutPort := v4
	withoutPort[2], withoutPort[3] = 0, 0
	for _, test := range []struct {
		name string
		sender
		size uint32
		want string
	}{
		{"IPv4", v4, unix.SizeofSockaddrInet4, "192.0.2.1 true"},
		{"IPv6", v6, unix.SizeofSockaddrInet6, "2001:db8::1 true"},
		{"port 0", withoutPort, unix.SizeofSockaddrInet4, "invalid IP false"},
		{"no address", v4, 0, "invalid IP false"},
		{"other family", sender{0: unix.AF_UNIX, 3: 1}, unix.SizeofSockaddrInet4, "invalid IP false"},
	} {
		addr, ok := test.addr(test.size)
		if got := fmt.Sprint(addr, ok); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

// RFC 9715, 3.1: replies carry "don't fragment", and no message from the network changes their size.
func TestRepliesAreNeverFragmented(t *testing.T) {
	t.Parallel()
	for addr, option := range map[string][3]int{
		"127.0.0.1:0": {unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_PROBE},
		"[::1]:0":     {unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER, unix.IPV6_PMTUDISC_PROBE},
	} {
		conns, err := Listen(netip.MustParseAddrPort(addr), 1)
		if err != nil {
			t.Fatal(err)
		}
		defer conns[0].Close()
		got, err := unix.GetsockoptInt(conns[0].(*batchConn).fd, option[0], option[1])
		if err != nil || got != option[2] {
			t.Errorf("%s: got path MTU discovery %d, %v; want %d", addr, got, err, option[2])
		}
	}
}

func TestReplyMayLeaveByAnyInterface(t *testing.T) {
	t.Parallel()
	for _, v6 := range []bool{false, true} {
		var info pktinfo
		b := info.bytes()
		for i := range b {
			b[i] = 0xAA
		}
		info.clearInterface(v6)
		got := (*unix.Inet4Pktinfo)(unsafe.Pointer(&b[unix.CmsgLen(0)])).Ifindex
		address := b[unix.CmsgLen(0)+4]
		if v6 {
			got = int32((*unix.Inet6Pktinfo)(unsafe.Pointer(&b[unix.CmsgLen(0)])).Ifindex)
			address = b[unix.CmsgLen(0)]
		}
		if got != 0 || address != 0xAA {
			t.Errorf("IPv6 %v: got interface %d, address %x; want 0, aa", v6, got, address)
		}
	}
}
