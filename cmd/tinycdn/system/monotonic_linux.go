package system

import (
	"syscall"
	"time"
	"unsafe"
)

// monotonic reads the kernel's monotonic clock, which the runtime keeps to itself.
func monotonic() time.Duration {
	const clockMonotonic = 1
	var now syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&now)), 0)
	return time.Duration(now.Nano())
}
