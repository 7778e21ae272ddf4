//go:build !linux

package geodns

import "syscall"

// setNotSentLowat leaves the size of send buffers to the system.
func setNotSentLowat(_, _ string, _ syscall.RawConn) error { return nil }
