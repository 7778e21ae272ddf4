package tests

import (
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// dialFrom connects over TCP from a loopback address of the client's own.
func (h *house) dialFrom(t *testing.T, source string) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}}
	conn, err := dialer.Dial("tcp", h.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// wantServed asks over a new connection, and must be answered.
func (h *house) wantServed(t *testing.T, source string) {
	t.Helper()
	conn := h.dialFrom(t, source)
	if m := exchange(t, conn, query(t, "www.example.org.", dns.TypeA)); len(m.Answer) != 1 {
		t.Errorf("got %v", m)
	}
	conn.Close()
}

// TestIdleClientsKeepNobodyOut holds a thousand connections that say nothing, as in CVE-2017-15133.
func TestIdleClientsKeepNobodyOut(t *testing.T) {
	t.Parallel()
	h := open(t, oneZone)
	for i := range 1000 {
		h.dialFrom(t, fmt.Sprintf("127.0.1.%d", 1+i%5))
	}
	h.wantServed(t, "127.0.0.1")
}

// TestOneClientHasOnlySoManyConnections: the limit is per address, so that one cannot take the places of all.
func TestOneClientHasOnlySoManyConnections(t *testing.T) {
	t.Parallel()
	h := open(t, "-- tinycdn.toml --\nzones = [\"example.org.toml\"]\n[dns]\nlisten = \"127.0.0.1:$PORT\"\ntcp_per_address = 3\n-- example.org.toml --\n[records]\n'@' = { NS = 'ns.example.net.' }\nwww = { A = '192.0.2.80' }\n")
	for range 3 {
		conn := h.dialFrom(t, "127.0.1.1")
		exchange(t, conn, query(t, "www.example.org.", dns.TypeA)) // it has its place
	}
	fourth := h.dialFrom(t, "127.0.1.1")
	fourth.SetReadDeadline(time.Now().Add(patience))
	if n, err := fourth.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("a fourth connection is kept")
	} else if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		t.Errorf("a fourth connection is neither served nor closed")
	}
	h.wantServed(t, "127.0.1.2")
}

// TestWhoNeverReadsIsCutOff sends queries and takes no answers, as in CVE-2024-0760. The server must not keep them all.
func TestWhoNeverReadsIsCutOff(t *testing.T) {
	t.Parallel()
	h := open(t, oneZone)
	conn := h.dialFrom(t, "127.0.1.1")
	msg := query(t, "example.org.", dns.TypeTXT, func(m *dns.Msg) { m.SetEdns0(1232, false) })
	msg = append([]byte{0, byte(len(msg))}, msg...)
	var many []byte
	for range 1000 {
		many = append(many, msg...)
	}
	conn.SetWriteDeadline(time.Now().Add(patience))
	var err error
	for sent := 0; err == nil && sent < 1<<30; sent += len(many) {
		_, err = conn.Write(many)
	}
	if timeout, ok := err.(net.Error); err == nil || ok && timeout.Timeout() {
		t.Errorf("the server neither takes all that nor ends the connection: %v", err)
	}
	h.wantServed(t, "127.0.0.1")
}

// TestSlowClientsKeepNobodyOut: each of many has begun a query and does not go on (slow loris).
func TestSlowClientsKeepNobodyOut(t *testing.T) {
	t.Parallel()
	h := open(t, oneZone)
	for i := range 200 {
		h.dialFrom(t, "127.0.1.1").Write([]byte{0, 40, byte(i)})
	}
	h.wantServed(t, "127.0.0.1")
}

// TestQueriesOnOneConnectionAreAllAnswered: pipelined, cut in odd places, and by a client that has said its last
// (RFC 7766, 6.2.1; RFC 9210).
func TestQueriesOnOneConnectionAreAllAnswered(t *testing.T) {
	t.Parallel()
	h := open(t, oneZone)
	const count = 500
	var all []byte
	for i := range count {
		msg := query(t, "www.example.org.", dns.TypeA, func(m *dns.Msg) { m.Id = uint16(i) })
		all = append(append(all, 0, byte(len(msg))), msg...)
	}
	conn := h.dialFrom(t, "127.0.0.1")
	for at, size := 0, 1; at < len(all); at, size = at+size, size*2 {
		if _, err := conn.Write(all[at:min(at+size, len(all))]); err != nil {
			t.Fatal(err)
		}
	}
	conn.(*net.TCPConn).CloseWrite()
	for i := range count {
		if m := unpack(t, receive(t, conn)); m.Id != uint16(i) || len(m.Answer) != 1 {
			t.Fatalf("answer %d: got %v", i, m)
		}
	}
	if n, err := conn.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("afterwards: got %d octets and %v, want the end", n, err)
	}
}
