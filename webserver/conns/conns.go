// Package conns lets clients' connections in, keeps their number within limits, and says who is behind each.
package conns

import (
	"cmp"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Config holds the limits. What is left zero has its default.
type Config struct {
	// Clients is how many connections there may be. For one more, another is closed: see choose.
	Clients int
	// PerAddress is how many of them one client may have: an IPv4 address or an IPv6 /64. For one more, another of its
	// own is closed.
	PerAddress int
	// Trusted are the proxies in front of this server. They may say for whom they ask, and have no limit of their own.
	Trusted []netip.Prefix
	// Peer says whether an address is one of whom no limit keeps out; nil: there are none. More than maxPeers connections of them
	// are as any.
	Peer func(netip.Addr) bool
	// ProxyHeaderTime is how long a trusted proxy may take to send the first octets of a connection.
	ProxyHeaderTime time.Duration
	// WriteTime is how long a client may take to accept a chunk of 64 KB. A slow line passes, who does not read does not.
	WriteTime time.Duration
	Log       *slog.Logger
}

// What is allowed where a Config says nothing.
const (
	DefaultClients    = 10_000
	DefaultPerAddress = 250 // the households behind one address of a telephone company are many
)

func (c Config) withDefaults() Config {
	c.Clients = cmp.Or(c.Clients, DefaultClients)
	c.PerAddress = cmp.Or(c.PerAddress, DefaultPerAddress)
	c.ProxyHeaderTime = cmp.Or(c.ProxyHeaderTime, 10*time.Second)
	c.WriteTime = cmp.Or(c.WriteTime, 30*time.Second)
	c.Log = cmp.Or(c.Log, slog.Default())
	return c
}

// Table knows every connection that is open.
type Table struct {
	config  Config
	born    time.Time // when its clock began
	buffers sync.Pool // of *[copySize]byte

	mu      sync.Mutex
	places  places // of all entries
	slow    slow   // those of them that move the least
	buckets map[netip.Addr]*bucket
	counts  Counts
	peers   int // connections that have no place
}

// Counts says how many connections there are, and how many there have been.
type Counts struct {
	Open, Idle int
	Admitted   uint64
	Shed       uint64 // closed because somebody else needed the place
}

// New makes a table that nobody has passed yet.
func New(c Config) *Table {
	t := &Table{config: c.withDefaults(), born: time.Now(), buckets: map[netip.Addr]*bucket{}}
	t.places.init()
	t.buffers.New = func() any { return new([copySize]byte) }
	return t
}

// Counts tells what passes.
func (t *Table) Counts() Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counts
}

// ConnState is for http.Server: it tells which connections are idle.
func (t *Table) ConnState(c net.Conn, state http.ConnState) {
	client := below(c)
	if client == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch state {
	case http.StateActive, http.StateHijacked:
		t.setRequests(&client.entry, 1) // HTTP/2 says no more than that there are some
	case http.StateIdle:
		t.setRequests(&client.entry, 0)
	}
}

// maxPeers is how many connections peers may have beside the places: thirty of them that ask, relay and are asked.
const maxPeers = 256

// Release takes a connection out of the books, so that it is never closed for another one.
func (t *Table) Release(c net.Conn) {
	client := below(c)
	if client == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.remove(&client.entry)
}

// free lets a connection of a peer in without a place.
func (t *Table) free(entry *Entry) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.peers == maxPeers {
		return false
	}
	t.peers++
	entry.table, entry.left, entry.peer = t, true, true
	return true
}

// below finds the connection that was let in below TLS and whatever else was laid upon it.
func below(c net.Conn) *conn {
	for {
		switch upper := c.(type) {
		case *conn:
			return upper
		case interface{ NetConn() net.Conn }:
			c = upper.NetConn()
		default:
			return nil
		}
	}
}

// clock is the time since the table was made. It never jumps, and costs half of what time.Now does.
func (t *Table) clock() time.Duration { return time.Since(t.born) }
