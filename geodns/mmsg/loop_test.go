package mmsg

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"syscall"
	"testing"
	"time"
)

func TestStopWakesReceive(t *testing.T) {
	forEachKind(t, func(t *testing.T, listen func(string) Conn) {
		conn := listen("127.0.0.1:0")
		ended := make(chan error)
		go func() {
			_, err := conn.Receive()
			ended <- err
		}()
		conn.Stop()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v, want %v", err, net.ErrClosed)
		}
		if _, err := conn.Receive(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the second time: got %v, want %v", err, net.ErrClosed)
		}
	})
}

// What comes after a burst, or alone, is waited for in another way than what comes in it; and either wait is woken.
func TestBurstsAndSinglePacketsAreBothWaitedFor(t *testing.T) {
	forEachKind(t, func(t *testing.T, listen func(string) Conn) {
		for _, packets := range []int{1, 64} { // the last before Stop
			conn := listen("127.0.0.1:0")
			client := dial(t, "127.0.0.1", conn.LocalAddr().Port())
			received, ended := make(chan int), make(chan error)
			go func() {
				for {
					packets, err := conn.Receive()
					if err != nil {
						ended <- err
						return
					}
					received <- len(packets)
				}
			}()
			for _, n := range []int{64, 1, 1, 64, packets} {
				for range n {
					send(t, client, "packet")
				}
				for n > 0 {
					n -= <-received
				}
			}
			conn.Stop()
			if err := <-ended; !errors.Is(err, net.ErrClosed) {
				t.Errorf("after %d packets: got %v, want %v", packets, err, net.ErrClosed)
			}
		}
	})
}

func TestWhatArrivedBeforeStopIsReceived(t *testing.T) {
	forEachKind(t, func(t *testing.T, listen func(string) Conn) {
		conn := listen("127.0.0.1:0")
		client := dial(t, "127.0.0.1", conn.LocalAddr().Port())
		for range 40 {
			send(t, client, "early")
		}
		conn.Stop()
		received := 0
		for {
			packets, err := conn.Receive()
			if errors.Is(err, net.ErrClosed) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			received += len(packets)
		}
		if received != 40 {
			t.Errorf("got %d packets, want 40", received)
		}
	})
}

func TestSocketsShareTheirClients(t *testing.T) {
	t.Parallel()
	conns, err := Listen(netip.MustParseAddrPort("127.0.0.1:0"), 4)
	if err != nil {
		t.Fatal(err)
	}
	for _, conn := range conns {
		t.Cleanup(func() { conn.Close() })
		if conn.LocalAddr() != conns[0].LocalAddr() {
			t.Errorf("got %v and %v for one address", conn.LocalAddr(), conns[0].LocalAddr())
		}
		echo(t, conn)
	}
	for i := range 50 {
		client := dial(t, "127.0.0.1", conns[0].LocalAddr().Port())
		send(t, client, fmt.Sprint(i))
		expect(t, client, fmt.Sprint(i))
	}
}

func TestAddressInUseIsAnError(t *testing.T) {
	forEachKind(t, func(t *testing.T, listen func(string) Conn) {
		taken := listen("127.0.0.1:0").LocalAddr()
		for _, n := range []int{1, 3} {
			if _, err := Listen(taken, n); !errors.Is(err, syscall.EADDRINUSE) {
				t.Errorf("%d sockets: got %v, want %v", n, err, syscall.EADDRINUSE)
			}
		}
	})
}

// Not parallel: it counts what the whole process allocates.
func TestBatchIsReceivedAndSentWithoutAllocation(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0", "0.0.0.0:0"} {
		conn, err := kinds["fast"](netip.MustParseAddrPort(addr))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		host := conn.LocalAddr().Addr()
		if host.IsUnspecified() {
			host = netip.MustParseAddr("127.0.0.1")
		}
		client := dial(t, host.String(), conn.LocalAddr().Port())
		query, reply := []byte("query"), make([]byte, 100)
		allocs := testing.AllocsPerRun(100, func() {
			for range 5 {
				client.Write(query)
			}
			for n := 0; n < 5; {
				packets, err := conn.Receive()
				if err != nil {
					t.Fatal(err)
				}
				for i := range packets {
					packets[i].Reply = append(packets[i].Reply, packets[i].Query...)
				}
				sent, err := conn.Send()
				if err != nil {
					t.Fatal(err)
				}
				n += sent
			}
			for range 5 {
				client.Read(reply)
			}
		})
		if runtime.GOOS == "linux" && allocs != 0 {
			t.Errorf("%s: got %v allocations, want none", addr, allocs)
		}
	}
}

// A loop in system calls that the scheduler does not know of must not stop the world from being stopped.
func TestCollectorWaitsForNoSocket(t *testing.T) {
	t.Parallel()
	idle, err := Listen(netip.MustParseAddrPort("127.0.0.1:0"), 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, conn := range idle {
		t.Cleanup(func() { conn.Close() })
		echo(t, conn)
	}
	busy, err := kinds["fast"](netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { busy.Close() })
	echo(t, busy)
	client := dial(t, "127.0.0.1", busy.LocalAddr().Port())
	done := make(chan bool)
	go func() {
		defer close(done)
		for range 20 {
			runtime.GC()
		}
	}()
	for deadline := time.Now().Add(patience); ; {
		select {
		case <-done:
			return
		default:
			client.Write([]byte("x"))
		}
		if time.Now().After(deadline) {
			t.Fatalf("20 collections have not ended in %v", patience)
		}
	}
}
