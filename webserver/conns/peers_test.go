package conns

import (
	"net"
	"net/netip"
	"testing"
)

// from is a connection of an address that says nothing.
type from struct {
	nowhere
	address string
	closed  *int
}

func (f from) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(f.address))
}
func (f from) Close() error { *f.closed++; return nil }

func TestNoFloodKeepsPeersOutOrClosesThem(t *testing.T) {
	t.Parallel()
	peer := netip.MustParseAddr("192.0.2.1")
	g := New(Config{Clients: 3, PerAddress: 2, Peer: func(a netip.Addr) bool { return a == peer }})
	visitors, peers := 0, 0
	var first net.Conn
	for i := range maxPeers + 2 {
		c := g.accept(from{address: "192.0.2.1:1", closed: &peers})
		if i == 0 {
			first = c
		}
	}
	if open := g.Counts().Open; open != 2 || peers != 0 {
		t.Fatalf("of the peers %d have places, and %d were closed", open, peers)
	}
	for range 10 {
		g.accept(from{address: "198.51.100.1:1", closed: &visitors})
		g.accept(from{address: "198.51.100.2:1", closed: &visitors})
	}
	if peers != 2 || visitors != 17 { // those that had places
		t.Errorf("%d peers were closed, and %d visitors", peers, visitors)
	}
	first.Close()
	first.Close()
	g.accept(from{address: "192.0.2.1:1", closed: &peers})
	if g.Counts().Open != 3 || visitors != 17 {
		t.Errorf("what a peer gives back is another's again: %+v", g.Counts())
	}
}

func TestWhoIsReleasedIsNeverClosed(t *testing.T) {
	t.Parallel()
	g, closed := New(Config{Clients: 1}), 0
	g.Release(g.accept(from{address: "192.0.2.1:1", closed: &closed}))
	g.accept(from{address: "192.0.2.2:1", closed: &closed})
	if g.Counts().Open != 1 || closed != 0 {
		t.Errorf("%+v, and %d closed", g.Counts(), closed)
	}
}
