package conns

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"testing"
)

// A crowd is of idle connections that have asked once. Not parallel: they take many of this process's descriptors.

func TestCrowdFromOneAddressHasItsShareOnly(t *testing.T) {
	g := New(Config{PerAddress: 100})
	addr := serve(t, g, sayAddress)
	crowd(t, g, addr, 1000, func(int) string { return "127.0.0.2" })
	if c := g.Counts(); c.Open != 100 {
		t.Errorf("got %+v, want 100 open", c)
	}
	visit(t, addr, "127.0.0.1").mustBeServed()
	visit(t, addr, "127.0.0.2").mustBeServed()
	if c := g.Counts(); c.Shed != 901 {
		t.Errorf("got %+v, want 901 shed", c)
	}
}

func TestCrowdFromManyAddressesHasItsPlacesOnly(t *testing.T) {
	g := New(Config{Clients: 1000})
	addr := serve(t, g, sayAddress)
	before := memoryInUse()
	crowd(t, g, addr, 3000, func(i int) string { return fmt.Sprintf("127.0.1.%d", 1+i%250) })
	each := float64(memoryInUse()-before) / 1000
	t.Logf("%.1f kB for each idle connection, with its end here", each/1000)
	if each > 40_000 {
		t.Errorf("%.0f octets for each idle connection, want at most 40 kB", each)
	}
	if c := g.Counts(); c.Open != 1000 || c.Shed != 2000 {
		t.Errorf("got %+v, want 1000 open, 2000 shed", c)
	}
	visit(t, addr, "127.0.0.1").mustBeServed()
}

func TestCrowdThatNeverAsksMakesWayToo(t *testing.T) {
	g := New(Config{Clients: 300})
	addr := serve(t, g, sayAddress)
	for i := range 1000 {
		visit(t, addr, fmt.Sprintf("127.0.1.%d", 1+i%100))
	}
	visit(t, addr, "127.0.0.1").mustBeServed()
	if c := g.Counts(); c.Open > 300 {
		t.Errorf("got %+v, want at most 300 open", c)
	}
}

// crowd makes so many connections. Each asks once, and then says no more.
func crowd(t *testing.T, g *Table, addr string, size int, from func(int) string) {
	t.Helper()
	answer := make([]byte, 4096)
	for i := range size {
		c, err := dial(addr, from(i))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		c.(*net.TCPConn).SetLinger(0)
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")
		if n, err := c.Read(answer); err != nil {
			t.Fatalf("connection %d: %d octets, %v", i, n, err)
		}
		waitFor(t, "it to be idle", func() bool { c := g.Counts(); return c.Idle == c.Open })
	}
}

// memoryInUse is what the heap, the stacks and the runtime's books on them hold.
func memoryInUse() uint64 {
	runtime.GC()
	runtime.GC() // the first shrinks stacks, the second counts them
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse + m.OtherSys
}
