package geodns

import (
	"syscall"
	"testing"
)

func TestConnectionsInheritNotSentLowat(t *testing.T) {
	t.Parallel()
	n := start(t, Config{})
	dial(t, n.addr).asks(1)
	n.clients.mu.Lock()
	defer n.clients.mu.Unlock()
	c := n.clients.byIdleness.Front().Value.(*stream)
	err := c.raw.Control(func(fd uintptr) {
		got, err := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpNotSentLowat)
		if err != nil || got != notSentLowat {
			t.Errorf("got %d, %v; want %d", got, err, notSentLowat)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}
