package testkit

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// AtTerminal runs a command at a terminal of its own, and gives what that is sent until the command has ended. With each piece of it, typed is
// asked what is typed now.
func AtTerminal(t testing.TB, cmd *exec.Cmd, typed func(shown string) string) (shown string, err error) {
	t.Helper()
	ptmx, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer ptmx.Close()
	number, err := unix.IoctlGetInt(int(ptmx.Fd()), unix.TIOCGPTN)
	unlock := 0
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, ptmx.Fd(), unix.TIOCSPTLCK, uintptr(unsafe.Pointer(&unlock))); err != nil || errno != 0 {
		t.Fatal(err, errno)
	}
	tty, err := os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	err = cmd.Start()
	tty.Close()
	if err != nil {
		t.Fatal(err)
	}
	some := make([]byte, 4096)
	for {
		n, err := ptmx.Read(some)
		shown += string(some[:n])
		if err != nil { // the other side is closed
			return shown, cmd.Wait()
		}
		if answer := typed(shown); answer != "" {
			ptmx.WriteString(answer)
		}
	}
}
