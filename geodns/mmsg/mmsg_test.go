package mmsg

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"testing"
)

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
			client := dial(t, host, conn.LocalAddr().Port())
			send(t, client, "hello")
			packets, err := conn.Receive()
			if err != nil || len(packets) != 1 {
				t.Fatalf("got %v, %v", packets, err)
			}
			if got := packets[0].Client.String(); got != host {
				t.Errorf("got client %s, want %s", got, host)
			}
			if got, want := int(packets[0].Port), client.LocalAddr().(*net.UDPAddr).Port; got != want {
				t.Errorf("got port %d, want %d", got, want)
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
