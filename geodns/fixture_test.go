package geodns

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"tinycdn/geodns/mmsg"
	"tinycdn/geodns/wire"
	"tinycdn/geoip"
)

// echo is an Answerer: the query comes back as a response, but nothing for those that silent made.
type echo struct{}

func (echo) Respond(reply, query []byte, _ geoip.Block, _ bool) []byte {
	if len(query) < wire.HeaderLen || query[3] == 'S' {
		return nil
	}
	reply = append(reply, query...)
	reply[2] |= 0x80
	return reply
}

func (e echo) RespondAll(packets []mmsg.Packet) {
	for i := range packets {
		p := &packets[i]
		p.Reply = e.Respond(p.Reply, p.Query, geoip.BlockOfAddr(p.Client), false)
	}
}

func newEcho(*Loop) Answerer { return echo{} }

// query makes a message of size octets that is number n.
func query(n, size int) []byte {
	q := make([]byte, size)
	binary.BigEndian.PutUint32(q[4:], uint32(n))
	for i := wire.HeaderLen; i < size; i++ {
		q[i] = byte(n + i)
	}
	return q
}

func response(n, size int) []byte {
	r := query(n, size)
	r[2] |= 0x80
	return r
}

func silent(n, size int) []byte {
	q := query(n, size)
	q[3] = 'S'
	return q
}

// framed joins messages as TCP carries them.
func framed(messages ...[]byte) []byte {
	var b []byte
	for _, m := range messages {
		b = binary.BigEndian.AppendUint16(b, uint16(len(m)))
		b = append(b, m...)
	}
	return b
}

// a nameserver is a Server under test.
type nameserver struct {
	*Server
	addr string // 127.0.0.1 unless its Config says otherwise
	stop func()
}

// patient fills in what a test leaves open. Where it sets no time, nothing ends by one: a busy machine may take its own.
func patient(c Config) Config {
	if c.Listen == nil {
		c.Listen = []string{"127.0.0.1:0"}
	}
	set(&c.Loops, 2)
	set(&c.IdleTime, time.Hour)
	set(&c.QueryTime, time.Hour)
	set(&c.WriteTime, time.Hour)
	return c
}

// start serves until the test ends.
func start(t *testing.T, config Config) *nameserver {
	t.Helper()
	return startLogged(t, config, io.Discard)
}

func startLogged(t *testing.T, config Config, log io.Writer) *nameserver {
	t.Helper()
	s, err := Listen(patient(config), newEcho, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, s)
}

// serve serves until the test ends.
func serve(t *testing.T, s *Server) *nameserver {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan struct{})
	go func() {
		s.Serve(ctx)
		close(served)
	}()
	n := &nameserver{Server: s, addr: s.Addrs()[0].String()}
	n.stop = func() {
		cancel()
		<-served
	}
	t.Cleanup(n.stop)
	return n
}

// client is a TCP client.
type client struct {
	*net.TCPConn
	t *testing.T
}

// patience is what a test waits before it fails: far longer than anything takes, even on a busy machine.
const patience = time.Minute

func dial(t *testing.T, addr string) *client {
	t.Helper()
	return dialFrom(t, "", addr)
}

// dialFrom dials from a loopback address of the test's choice.
func dialFrom(t *testing.T, local, addr string) *client {
	t.Helper()
	var d net.Dialer
	if local != "" {
		d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(local), 0))
	}
	conn, err := d.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return &client{conn.(*net.TCPConn), t}
}

func (c *client) send(b []byte) {
	c.t.Helper()
	if _, err := c.Write(b); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) expect(want []byte) {
	c.t.Helper()
	got := make([]byte, len(want))
	n, err := io.ReadFull(c, got)
	if err != nil {
		c.t.Fatalf("got %d of %d octets: %v", n, len(want), err)
	}
	if !bytes.Equal(got, want) {
		c.t.Fatalf("got %.60x of %d octets, want %.60x", got, n, want)
	}
}

// asks sends a query and expects the answer.
func (c *client) asks(n int) {
	c.t.Helper()
	c.send(framed(query(n, 40)))
	c.expect(framed(response(n, 40)))
}

// dialStuck gives a client that asks without reading until the server takes no more from it.
func dialStuck(t *testing.T, addr string) *client {
	t.Helper()
	c := dial(t, addr)
	c.SetReadBuffer(4096)
	for message := framed(query(1, 60_000)); ; {
		c.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
		if _, err := c.Write(message); errors.Is(err, os.ErrDeadlineExceeded) {
			return c
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// expectEnd expects that the server closes or resets the connection, and sends nothing before.
func (c *client) expectEnd() {
	c.t.Helper()
	n, err := c.Read(make([]byte, 1))
	if n != 0 || err != io.EOF && !errors.Is(err, syscall.ECONNRESET) {
		c.t.Fatalf("got %d octets, %v; want the end", n, err)
	}
}

// eventually waits for what happens in another goroutine.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not so in %v: %s", patience, what)
		}
	}
}

func (n *nameserver) clientCount() int {
	n.clients.mu.Lock()
	defer n.clients.mu.Unlock()
	return n.clients.byIdleness.Len()
}
