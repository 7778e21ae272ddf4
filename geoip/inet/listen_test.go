package inet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestErrorOfASocketSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for errno, hint := range map[syscall.Errno]string{
		syscall.EACCES: "setcap", syscall.EPERM: "setcap", syscall.EADDRINUSE: "is another web server running", syscall.EADDRNOTAVAIL: "ip address",
		syscall.EINVAL: "ip link",
	} {
		err := BindError(&net.OpError{Op: "listen", Err: os.NewSyscallError("bind", errno)}, "web server")
		if text := err.Error(); !strings.HasPrefix(text, errno.Error()+" (") || !strings.Contains(text, hint) || !errors.Is(err, errno) {
			t.Errorf("%s: got %q, want %q in it", errno, text, hint)
		}
	}
	if other := errors.New("other"); BindError(other, "") != other {
		t.Errorf("got %v", BindError(other, ""))
	}
}

func TestAddressesToListenOn(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"pop": "", "pop:5353": "",
		"pop:dns":               `"pop:dns" is not an address and a port, like "192.0.2.1:53", "[2001:db8::1]:53" or ":53"`,
		"pops":                  `"pops" is not an address and a port, like "192.0.2.1:53", "[2001:db8::1]:53" or ":53"`,
		":53":                   "",
		"192.0.2.1:53":          "",
		"[2001:db8::1]:53":      "",
		"[fe80::1%eth0]:53":     "",
		"192.0.2.1":             `"192.0.2.1" has no port (did you mean "192.0.2.1:53"?)`,
		"2001:db8::1":           `"2001:db8::1" has no port (did you mean "[2001:db8::1]:53"?)`,
		"[2001:db8::1]":         `"[2001:db8::1]" has no port (did you mean "[2001:db8::1]:53"?)`,
		"fe80::1%eth0":          `"fe80::1%eth0" has no port (did you mean "[fe80::1%eth0]:53"?)`,
		"fe80::1%eth0:5353":     `"fe80::1%eth0:5353" wants brackets (did you mean "[fe80::1%eth0]:5353"?)`,
		"[fe80::1%eth0]":        `"[fe80::1%eth0]" has no port (did you mean "[fe80::1%eth0]:53"?)`,
		"[fe80::1]:5353":        `fe80::1 is an address of each interface: say of which (such as "[fe80::1%eth0]:5353")`,
		"[fe80::1%]:53":         `"fe80::1%" is not an address (":53" is every local one)`,
		"localhost:53":          `"localhost" is not an address (":53" is every local one)`,
		"[fe80::1%eth0]:domain": `"[fe80::1%eth0]:domain" is not an address and a port, like "192.0.2.1:53", "[2001:db8::1]:53" or ":53"`,
		"":                      `"" is not an address and a port, like "192.0.2.1:53", "[2001:db8::1]:53" or ":53"`,
	} {
		got := ""
		CheckListen(nil, []string{address}, "53", func(_ []string, format string, args ...any) { got = fmt.Sprintf(format, args...) })
		if got != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
	}
}

func TestWhatCannotBeBoundIsTriedEverMoreSeldom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var first, second []time.Duration
		began := time.Now()
		var u Unbound
		u.Add(func() error {
			if first = append(first, time.Since(began)); len(first) < 2 {
				return errors.New("taken")
			}
			return nil
		})
		u.Add(func() error {
			if second = append(second, time.Since(began)); len(second) < 8 {
				return errors.New("taken")
			}
			return nil
		})
		u.Retry(t.Context())
		<-u.None()
		if got, want := fmt.Sprint(first, second), "[1s 3s] [1s 3s 7s 15s 31s 1m1s 1m31s 2m1s]"; got != want {
			t.Errorf("tried after %s, want %s", got, want)
		}
	})
}

func TestNothingIsBoundAfterTheEnd(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var u Unbound
	u.Add(func() error {
		t.Error("bound")
		return nil
	})
	u.Retry(ctx)
	var none Unbound
	none.Retry(t.Context())
	<-none.None()
}
