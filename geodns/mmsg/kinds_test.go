package mmsg

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"
)

// patience is what a test waits before it fails: far longer than anything takes, even on a busy machine.
const patience = time.Minute

// kinds are the Conns to test. All must do the same.
var kinds = map[string]func(addr netip.AddrPort) (Conn, error){
	"plain": listenPlain,
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
	conn.SetDeadline(time.Now().Add(patience))
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
