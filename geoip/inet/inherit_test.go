package inet

import (
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestInheritedSocketsAreFoundByTheirAddress: what is bound is taken as it is; for what is not, a socket is opened.
func TestInheritedSocketsAreFoundByTheirAddress(t *testing.T) {
	t.Parallel()
	var fds []int
	give := func(s any, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		fd, err := Duplicate(s.(syscall.Conn))
		if err != nil {
			t.Fatal(err)
		}
		fds = append(fds, fd)
		if l, ok := s.(net.Listener); ok {
			defer l.Close()
			return l.Addr().String()
		}
		defer s.(net.PacketConn).Close()
		return s.(net.PacketConn).LocalAddr().String()
	}
	tcp := give(net.Listen("tcp", "127.0.0.1:0"))
	every := give(net.Listen("tcp", ":0"))
	udp := give(net.ListenPacket("udp", "127.0.0.1:0"))
	left := give(net.ListenPacket("udp", "127.0.0.1:0"))
	give(net.Listen("unix", t.TempDir()+"/socket"))
	s, err := Inherit(fds)
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{tcp, every[strings.LastIndex(every, ":"):]} {
		l, _, err := s.ListenTCP(net.ListenConfig{}, "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if !strings.HasSuffix(l.Addr().String(), address) {
			t.Errorf("got %v, want %s", l.Addr(), address)
		}
		if taken := s.Take("tcp", address); taken != nil {
			t.Errorf("%s can be taken twice", address)
		}
	}
	conn, err := s.ListenPacket(net.ListenConfig{}, "udp", udp)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if l, err := s.ListenUnix(); err != nil || l == nil {
		t.Errorf("got %v, %v", l, err)
	} else {
		l.Close()
	}
	opened, _, err := s.ListenTCP(net.ListenConfig{}, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	opened.Close()
	if got, want := s.Close(), []string{"udp " + left}; !slices.Equal(got, want) {
		t.Errorf("left are %v, want %v", got, want)
	}
}

func TestWhatIsNoSocketIsNotInherited(t *testing.T) {
	t.Parallel()
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := Inherit([]int{int(f.Fd())}); err == nil || !strings.Contains(err.Error(), "is no socket") {
		t.Errorf("got %v", err)
	}
	var none *Sockets
	if none.Take("tcp", ":53") != nil || none.Close() != nil {
		t.Error("none has some")
	}
}
