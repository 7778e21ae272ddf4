package mmsg

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

// kinds are the Conns to test. All must do the same.
var kinds = map[string]func(addr netip.AddrPort) (Conn, error){
	"plain": ListenPlain,
	"fast": func(addr netip.AddrPort) (Conn, error) {
		conns, err := Listen(addr, 1)
		if err != nil {
			return nil, err
		}
		return conns[0], nil
	},
}

func forEachKind(t *testing.T, test func(t *testing.T, listen func(addr string) Conn)) {
	t.Parallel()
	for name, open := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, func(addr string) Conn {
				conn, err := open(netip.MustParseAddrPort(addr))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { conn.Close() })
				return conn
			})
		})
	}
}

// echo returns every packet of conn to its sender, but those that begin with a minus.
func echo(t *testing.T, conn Conn) {
	var loop sync.WaitGroup
	loop.Go(func() {
		for {
			packets, err := conn.Receive()
			if err != nil {
				if !errors.Is(err, net.ErrClosed) {
					t.Error(err)
				}
				return
			}
			for i := range packets {
				if p := &packets[i]; p.Query[0] != '-' {
					p.Reply = append(p.Reply, p.Query...)
				}
			}
			if _, err := conn.Send(); err != nil {
				t.Error(err)
			}
		}
	})
	t.Cleanup(loop.Wait)
	t.Cleanup(conn.Stop)
}

// dial opens a socket that takes packets from port of host alone.
func dial(t *testing.T, host string, port uint16) *net.UDPConn {
	t.Helper()
	conn, err := net.Dial("udp", netip.AddrPortFrom(netip.MustParseAddr(host), port).String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	return conn.(*net.UDPConn)
}

func send(t *testing.T, conn *net.UDPConn, packet string) {
	t.Helper()
	if _, err := conn.Write([]byte(packet)); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, conn *net.UDPConn, want string) {
	t.Helper()
	b := make([]byte, 1<<16)
	n, err := conn.Read(b)
	if err != nil {
		t.Fatalf("waiting for %.20q: %v", want, err)
	}
	if got := string(b[:n]); got != want {
		t.Fatalf("got %.20q (%d octets), want %.20q (%d octets)", got, n, want, len(want))
	}
}

func TestEveryClientGetsItsOwnReply(t *testing.T) {
	forEachKind(t, func(t *testing.T, listen func(string) Conn) {
		conn := listen("127.0.0.1:0")
		var clients []*net.UDPConn
		for i := range 3 * 32 { // more than a batch, and all before the first is read
			c := dial(t, "127.0.0.1", conn.LocalAddr().Port())
			send(t, c, fmt.Sprint("client ", i))
			clients = append(clients, c)
		}
		echo(t, conn)
		for i, c := range clients {
			expect(t, c, fmt.Sprint("client ", i))
		}
	})
}

func TestClientIsTheSender(t *testing.T) {
	forEachKind(t, func(t *testing.T, listen func(string) Conn) {
		for _, host := range []string{"127.0.0.1", "::1"} {
			conn := listen(net.JoinHostPort(host, "0"))
			send(t, dial(t, host, conn.LocalAddr().Port()), "hello")
			packets, err := conn.Receive()
			if err != nil || len(packets) != 1 {
				t.Fatalf("got %v, %v", packets, err)
			}
			if got := packets[0].Client.String(); got != host {
				t.Errorf("got client %s, want %s", got, host)
			}
		}
	})
}

func TestReplyLeavesFromTheAddressAsked(t *testing.T) {
	forEachKind(t, func(t *testing.T, listen func(string) Conn) {
		for wildcard, hosts := range map[string][]string{
			"0.0.0.0:0": {"127.0.0.1", "127.0.0.2", "127.1.2.3"},
			"[::]:0":    {"::1"},
		} {
			conn := listen(wildcard)
			var clients []*net.UDPConn
			for _, host := range hosts { // all in one batch
				c := dial(t, host, conn.LocalAddr().Port())
				send(t, c, "to "+host)
				clients = append(clients, c)
			}
			echo(t, conn)
			for i, c := range clients {
				expect(t, c, "to "+hosts[i])
			}
		}
	})
}

func TestEmptyReplyIsNotSent(t *testing.T) {
	forEachKind(t, func(t *testing.T, listen func(string) Conn) {
		conn := listen("127.0.0.1:0")
		client := dial(t, "127.0.0.1", conn.LocalAddr().Port())
		for _, packet := range []string{"-1", "2", "-3", "-4", "5", "-6"} {
			send(t, client, packet)
		}
		echo(t, conn)
		expect(t, client, "2")
		expect(t, client, "5")
		send(t, client, "last")
		expect(t, client, "last")
	})
}

func TestLongPacketIsCut(t *testing.T) {
	forEachKind(t, func(t *testing.T, listen func(string) Conn) {
		conn := listen("127.0.0.1:0")
		echo(t, conn)
		client := dial(t, "127.0.0.1", conn.LocalAddr().Port())
		long := string(bytes.Repeat([]byte{'x'}, MaxSize+1000))
		send(t, client, long)
		expect(t, client, long[:MaxSize])
		send(t, client, "short")
		expect(t, client, "short")
	})
}

func TestEmptyPacketIsPassedOver(t *testing.T) {
	forEachKind(t, func(t *testing.T, listen func(string) Conn) {
		conn := listen("127.0.0.1:0")
		echo(t, conn)
		client := dial(t, "127.0.0.1", conn.LocalAddr().Port())
		send(t, client, "")
		send(t, client, "after it")
		expect(t, client, "after it")
	})
}

func TestReplyBeyondItsRoomIsSent(t *testing.T) {
	forEachKind(t, func(t *testing.T, listen func(string) Conn) {
		conn := listen("127.0.0.1:0")
		client := dial(t, "127.0.0.1", conn.LocalAddr().Port())
		send(t, client, "more")
		packets, err := conn.Receive()
		if err != nil {
			t.Fatal(err)
		}
		long := bytes.Repeat([]byte{'y'}, 3*MaxSize)
		packets[0].Reply = append(packets[0].Reply, long...)
		if n, err := conn.Send(); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		expect(t, client, string(long))
	})
}

func TestRefusedReplyDoesNotHoldUpOthers(t *testing.T) {
	t.Parallel()
	conn, err := kinds["fast"](netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client := dial(t, "127.0.0.1", conn.LocalAddr().Port())
	wanted := []string{"one", "too long", "three"}
	for _, packet := range wanted {
		send(t, client, packet)
	}
	var failure error
	for got := 0; got < len(wanted); {
		packets, err := conn.Receive()
		if err != nil {
			t.Fatal(err)
		}
		for i := range packets {
			packets[i].Reply = packets[i].Query
			if string(packets[i].Query) == "too long" {
				packets[i].Reply = make([]byte, 1<<17)
			}
		}
		_, err = conn.Send()
		failure = errors.Join(failure, err)
		got += len(packets)
	}
	if !errors.Is(failure, syscall.EMSGSIZE) {
		t.Errorf("got %v, want %v", failure, syscall.EMSGSIZE)
	}
	expect(t, client, "one")
	expect(t, client, "three")
}

func TestClientThatIsGoneDoesNotDisturbOthers(t *testing.T) {
	forEachKind(t, func(t *testing.T, listen func(string) Conn) {
		conn := listen("127.0.0.1:0")
		for range 40 { // their replies meet "port unreachable"
			gone := dial(t, "127.0.0.1", conn.LocalAddr().Port())
			send(t, gone, "hello")
			gone.Close()
		}
		echo(t, conn)
		client := dial(t, "127.0.0.1", conn.LocalAddr().Port())
		for range 3 {
			send(t, client, "still there?")
			expect(t, client, "still there?")
		}
	})
}

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
	for deadline := time.Now().Add(30 * time.Second); ; {
		select {
		case <-done:
			return
		default:
			client.Write([]byte("x"))
		}
		if time.Now().After(deadline) {
			t.Fatal("20 collections have not ended in 30 s")
		}
	}
}
