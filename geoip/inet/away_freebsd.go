package inet

import "syscall"

// allowAway is for root alone here.
func allowAway(fd int, v6 bool) {
	if v6 {
		syscall.SetsockoptInt(fd, syscall.IPPROTO_IPV6, syscall.IPV6_BINDANY, 1)
	} else {
		syscall.SetsockoptInt(fd, syscall.IPPROTO_IP, syscall.IP_BINDANY, 1)
	}
}
