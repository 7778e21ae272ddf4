package geodns

import (
	"errors"
	"syscall"
)

const (
	tcpNotSentLowat = 25 // linux/tcp.h; package syscall lacks it
	notSentLowat    = 64 << 10
)

// setNotSentLowat keeps the kernel from buffering megabytes of answers for each client that does not read them. What is
// on its way does not count, so a fast client far away gets all its bandwidth. Connections inherit it.
func setNotSentLowat(_, _ string, raw syscall.RawConn) error {
	var refused error
	err := raw.Control(func(fd uintptr) {
		refused = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpNotSentLowat, notSentLowat)
	})
	return errors.Join(err, refused)
}
