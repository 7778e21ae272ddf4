package webserver

import (
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestErrorOfASocketSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for errno, hint := range map[syscall.Errno]string{
		syscall.EACCES: "setcap", syscall.EPERM: "setcap", syscall.EADDRINUSE: "ss -lunpt", syscall.EADDRNOTAVAIL: "ip address",
	} {
		err := bindError("web.listen", ":80", &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", errno)})
		if text := err.Error(); !strings.HasPrefix(text, "web.listen: cannot listen on :80: "+errno.Error()+" (") || !strings.Contains(text, hint) || !errors.Is(err, errno) {
			t.Errorf("%s: got %q, want %q in it", errno, text, hint)
		}
	}
	other := errors.New("other")
	if err := bindError("web.listen", ":80", other); err.Error() != "web.listen: cannot listen on :80: other" {
		t.Errorf("got %q", err)
	}
}
