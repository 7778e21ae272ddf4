package system

import (
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/psx"
)

const (
	toBind = 1 << unix.CAP_NET_BIND_SERVICE
	// What root reads files of others with, and writes an access log.
	toRead = 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH
)

// dropPrivileges does it in the order in which each step still may. What a kernel or a container does not let us lower beyond
// what was asked for is left as it is.
func dropPrivileges(name string, binding bool) error {
	for capability := uintptr(0); capability <= unix.CAP_LAST_CAP; capability++ {
		if name == "" && toRead>>capability&1 == 1 {
			continue // beyond the bounding set, root would lose it with the next program, of a restart
		}
		prctl(unix.PR_CAPBSET_DROP, capability) // needs CAP_SETPCAP
	}
	if binding {
		prctl(unix.PR_SET_KEEPCAPS, 1) // when we become the user
	}
	if err := becomeUser(name); err != nil {
		return err
	}
	keep := uint64(0)
	if binding {
		keep |= toBind
	}
	if err := keepCapabilities(keep); err != nil && name != "" {
		return err
	}
	prctl(unix.PR_SET_NO_NEW_PRIVS, 1)
	return nil
}

// GiveUpBinding gives up the right to bind ports below 1024.
func GiveUpBinding() error { return keepCapabilities(0) }

// keepCapabilities keeps none but these, and for root what it reads files with.
func keepCapabilities(keep uint64) error {
	if os.Geteuid() == 0 {
		keep |= toRead
	}
	header, now := new(unix.CapUserHeader), new([2]unix.CapUserData)
	header.Version = unix.LINUX_CAPABILITY_VERSION_3
	if err := unix.Capget(header, &now[0]); err != nil {
		return fmt.Errorf("read our capabilities: %w", err)
	}
	next := *now
	for i := range next {
		next[i].Permitted &= uint32(keep >> (32 * i))
		next[i].Effective, next[i].Inheritable = next[i].Permitted, 0 // with it the ambient ones go (capabilities(7))
	}
	if next == *now {
		return nil
	}
	*now = next
	var pinned runtime.Pinner // what all threads are told to read
	defer pinned.Unpin()
	pinned.Pin(header)
	pinned.Pin(now)
	_, _, errno := psx.Syscall3(unix.SYS_CAPSET, uintptr(unsafe.Pointer(header)), uintptr(unsafe.Pointer(now)), 0)
	if errno != 0 {
		return fmt.Errorf("give up capabilities: %w", errno)
	}
	return nil
}

// prctl sets something for all threads.
func prctl(option, value uintptr) { psx.Syscall6(unix.SYS_PRCTL, option, value, 0, 0, 0, 0) }
