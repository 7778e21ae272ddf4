package mmsg

import (
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"
)

// TestLeaveLeavesTheSocketToAnother: who waits is woken, and whoever has the socket too goes on as if nothing had been, waiting for
// as long as it takes.
func TestLeaveLeavesTheSocketToAnother(t *testing.T) {
	t.Parallel()
	conns, err := Listen(netip.MustParseAddrPort("127.0.0.1:0"), 1)
	if err != nil {
		t.Fatal(err)
	}
	first := conns[0]
	fd, err := first.Duplicate()
	if err != nil {
		t.Fatal(err)
	}
	others, err := Inherit([]int{fd})
	if err != nil {
		t.Fatal(err)
	}
	second := others[0]
	defer second.Close()
	if second.LocalAddr() != first.LocalAddr() {
		t.Errorf("got %v, want %v", second.LocalAddr(), first.LocalAddr())
	}
	client := dial(t, "127.0.0.1", first.LocalAddr().Port())
	for range batch { // so that it has been busy
		send(t, client, "a burst")
	}
	for n := 0; n < batch; {
		packets, err := first.Receive()
		if err != nil {
			t.Fatal(err)
		}
		n += len(packets)
	}
	left := make(chan error)
	go func() {
		_, err := first.Receive()
		left <- err
	}()
	first.Leave()
	select {
	case err := <-left:
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("who waits is not woken")
	}
	first.Close()
	send(t, client, "hello")
	packets, err := second.Receive()
	if err != nil || len(packets) != 1 || string(packets[0].Query) != "hello" {
		t.Fatalf("got %v, %v", packets, err)
	}
	packets[0].Reply = append(packets[0].Reply, "answer"...)
	if _, err := second.Send(); err != nil {
		t.Error(err)
	}
	expect(t, client, "answer")
}
