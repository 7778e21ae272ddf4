package geodns

import (
	"errors"
	"net"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestIdlestClientGivesItsPlaceToANewOne(t *testing.T) {
	t.Parallel()
	n := start(t, Config{MaxClients: 3})
	var clients []*client
	for i := range 3 {
		c := dial(t, n.addr)
		c.asks(i)
		clients = append(clients, c)
	}
	eventually(t, "the first is counted as the last to ask", func() bool {
		clients[0].asks(4)
		n.clients.mu.Lock()
		defer n.clients.mu.Unlock()
		idlest := n.clients.byIdleness.Front().Value.(*stream)
		return idlest.conn.RemoteAddr().String() != clients[0].LocalAddr().String()
	})
	dial(t, n.addr).asks(5)
	clients[1].expectEnd()
	clients[0].asks(6)
	clients[2].asks(7)
}

func TestUnfinishedQueryDoesNotMakeAClientBusy(t *testing.T) {
	t.Parallel()
	n := start(t, Config{MaxClients: 2})
	slow := dial(t, n.addr)
	slow.send([]byte{0})
	eventually(t, "the octet is buffered", func() bool { return n.budget.used.Load() > 0 })
	one := n.budget.used.Load()
	second := dial(t, n.addr)
	second.asks(1)
	slow.send(append([]byte{40}, make([]byte, 30)...))
	eventually(t, "the octets are buffered", func() bool { return n.budget.used.Load() > one })
	dial(t, n.addr).asks(2)
	slow.expectEnd()
	second.asks(3)
}

func TestClientsOfOneAddressAreLimited(t *testing.T) {
	t.Parallel()
	n := start(t, Config{MaxPerAddress: 2})
	first, second := dialFrom(t, "127.0.0.1", n.addr), dialFrom(t, "127.0.0.1", n.addr)
	first.asks(1)
	second.asks(2)
	refused, err := net.Dial("tcp", n.addr)
	if err == nil {
		defer refused.Close()
		refused.SetDeadline(time.Now().Add(patience))
		(&client{refused.(*net.TCPConn), t}).expectEnd()
	} else if !errors.Is(err, syscall.ECONNRESET) {
		t.Fatal(err)
	}
	dialFrom(t, "127.0.0.2", n.addr).asks(3)
	first.asks(4)
	first.Close()
	eventually(t, "the place is free", func() bool { return n.clientCount() == 2 })
	dialFrom(t, "127.0.0.1", n.addr).asks(5)
}

// More clients that do not read than there are workers, and more that do not finish their query.
func TestStuckClientsDoNotKeepOthersWaiting(t *testing.T) {
	t.Parallel()
	n := start(t, Config{QueryTime: time.Hour, WriteTime: time.Hour}) // none of them is cut off
	var stuck sync.WaitGroup
	for range 4 * runtime.GOMAXPROCS(0) {
		stuck.Go(func() { dialStuck(t, n.addr) })
		dial(t, n.addr).send([]byte{0})
	}
	stuck.Wait()
	for i := range 20 {
		dial(t, n.addr).asks(i)
	}
}

func TestResetStormLeavesNothing(t *testing.T) {
	t.Parallel()
	n := start(t, Config{MaxPerAddress: 1000})
	var storm sync.WaitGroup
	for range 8 {
		storm.Go(func() {
			for i := range 60 {
				conn, err := net.Dial("tcp", n.addr)
				if err != nil {
					t.Error(err)
					return
				}
				conn.Write(framed(query(i, 40), query(i, 40))[:i+10])
				reset(conn.(*net.TCPConn))
			}
		})
	}
	storm.Wait()
	eventually(t, "no connection is left", func() bool { return n.clientCount() == 0 && n.budget.used.Load() == 0 })
	dial(t, n.addr).asks(1)
}
