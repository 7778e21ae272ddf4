// Package plainfiletest lends tests a disk of their own. Only tests import it.
package plainfiletest

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// inside is in the environment of a process that may mount.
const inside = "TINYCDN_TEST_MOUNTS"

// MayMount says whether this process may mount disks, whoever its user is. If not, a child that may, since users and mounts are its own
// and end with it, has run the test meanwhile, which has nothing left to do. A machine that allows no such child has the test skipped.
func MayMount(t *testing.T) bool {
	t.Helper()
	if os.Getenv(inside) != "" {
		return true
	}
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	child.Env = append(os.Environ(), inside+"=1", "TMPDIR="+t.TempDir()) // what it leaves there if it is killed goes too
	child.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := child.CombinedOutput()
	ended := func(how string) bool { return strings.Contains(string(out), "--- "+how+": "+t.Name()+" ") }
	switch {
	case child.ProcessState == nil && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOSPC)): // as if it had no room for one (user_namespaces(7))
		t.Skipf("this machine gives nobody mounts of his own: %v", err)
	case err == nil && ended("SKIP"):
		t.Skipf("%s", out)
	case err != nil || !ended("PASS"):
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// Disk mounts one in memory, as large as tmpfs takes it to be, such as "16k", for the length of a test, and gives its folder.
func Disk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	err := syscall.Mount("tinycdn-test", dir, "tmpfs", 0, "size="+size)
	if errors.Is(err, fs.ErrPermission) {
		t.Skipf("this machine lets nobody mount a disk: %v", err)
	}
	if err != nil {
		t.Fatalf("no disk can be mounted: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}
