package inet

import "syscall"

const ipv6Freebind = 78 // linux/in6.h; package syscall lacks it

func allowAway(fd int, v6 bool) {
	if v6 {
		syscall.SetsockoptInt(fd, syscall.IPPROTO_IPV6, ipv6Freebind, 1)
	} else {
		syscall.SetsockoptInt(fd, syscall.IPPROTO_IP, syscall.IP_FREEBIND, 1)
	}
}
