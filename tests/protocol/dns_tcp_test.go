package protocol

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"tinycdn/tests/testkit"

	"github.com/miekg/dns"
)

// TestIdleClientsKeepNobodyOut holds a thousand connections that say nothing, as in CVE-2017-15133.
func TestIdleClientsKeepNobodyOut(t *testing.T) {
	t.Parallel()
	h := testkit.Start(t, testkit.OneZone)
	for i := range 1000 {
		h.DialFrom(t, fmt.Sprintf("127.0.1.%d", 1+i%5))
	}
	h.WantServed(t, "127.0.0.1")
}

// TestOneClientHasOnlySoManyConnections: the limit is per address, so that one cannot take the places of all.
func TestOneClientHasOnlySoManyConnections(t *testing.T) {
	t.Parallel()
	h := testkit.Start(t, "-- tinycdn.toml --\nzones = [\"example.org.toml\"]\n[dns]\nlisten = \"127.0.0.1:$PORT\"\nclients_per_address = 3\n-- example.org.toml --\n[records]\n'@' = { NS = 'ns.example.net.' }\nwww = { A = '192.0.2.80' }\n")
	for range 3 {
		conn := h.DialFrom(t, "127.0.1.1")
		testkit.Exchange(t, conn, testkit.Query(t, "www.example.org.", dns.TypeA)) // it has its place
	}
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP("127.0.1.1")}}
	fourth, err := dialer.Dial("tcp", h.Address)
	if err == nil { // it may be refused even before it can be used
		defer fourth.Close()
		fourth.SetReadDeadline(time.Now().Add(testkit.Patience))
		_, err = fourth.Read(make([]byte, 1))
	}
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a fourth connection is not refused: %v", err)
	}
	h.WantServed(t, "127.0.1.2")
}

// TestWhoNeverReadsIsCutOff sends queries and takes no answers, as in CVE-2024-0760. The server must not keep them all.
func TestWhoNeverReadsIsCutOff(t *testing.T) {
	t.Parallel()
	h := testkit.Start(t, testkit.OneZone)
	conn := h.DialFrom(t, "127.0.1.1")
	msg := testkit.Query(t, "example.org.", dns.TypeTXT, func(m *dns.Msg) { m.SetEdns0(1232, false) })
	msg = append([]byte{0, byte(len(msg))}, msg...)
	var many []byte
	for range 1000 {
		many = append(many, msg...)
	}
	conn.SetWriteDeadline(time.Now().Add(testkit.Patience))
	var err error
	for sent := 0; err == nil && sent < 1<<30; sent += len(many) {
		_, err = conn.Write(many)
	}
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the server neither takes all that nor ends the connection: %v", err)
	}
	h.WantServed(t, "127.0.0.1")
}

// TestSlowClientsKeepNobodyOut: each of many has begun a query and does not go on (slow loris).
func TestSlowClientsKeepNobodyOut(t *testing.T) {
	t.Parallel()
	h := testkit.Start(t, testkit.OneZone)
	for i := range 200 {
		h.DialFrom(t, "127.0.1.1").Write([]byte{0, 40, byte(i)})
	}
	h.WantServed(t, "127.0.0.1")
}

// TestQueriesOnOneConnectionAreAllAnswered: pipelined, cut in odd places, and by a client that has said its last
// (RFC 7766, 6.2.1; RFC 9210).
func TestQueriesOnOneConnectionAreAllAnswered(t *testing.T) {
	t.Parallel()
	h := testkit.Start(t, testkit.OneZone)
	const count = 500
	var all []byte
	for i := range count {
		msg := testkit.Query(t, "www.example.org.", dns.TypeA, func(m *dns.Msg) { m.Id = uint16(i) })
		all = append(append(all, 0, byte(len(msg))), msg...)
	}
	conn := h.DialFrom(t, "127.0.0.1")
	for at, size := 0, 1; at < len(all); at, size = at+size, size*2 {
		if _, err := conn.Write(all[at:min(at+size, len(all))]); err != nil {
			t.Fatal(err)
		}
	}
	conn.(*net.TCPConn).CloseWrite()
	for i := range count {
		if m := testkit.Unpack(t, testkit.Receive(t, conn)); m.Id != uint16(i) || len(m.Answer) != 1 {
			t.Fatalf("answer %d: got %v", i, m)
		}
	}
	if n, err := conn.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("afterwards: got %d octets and %v, want the end", n, err)
	}
}

// TestStopAnswersWhatItHasRead ends a server in the midst of its work: no answer is cut in two, and a client that only
// waits does not hold it up.
func TestStopAnswersWhatItHasRead(t *testing.T) {
	t.Parallel()
	h := testkit.Start(t, strings.Replace(testkit.OneZone, "{ listen", "{ tcp_idle = \"1h\", listen", 1))
	idle := h.DialFrom(t, "127.0.0.1")
	conn := h.DialFrom(t, "127.0.0.1")
	msg := testkit.Query(t, "www.example.org.", dns.TypeA)
	msg = append([]byte{0, byte(len(msg))}, msg...)
	var many []byte
	for range 200 {
		many = append(many, msg...)
	}
	if _, err := conn.Write(many); err != nil {
		t.Fatal(err)
	}
	testkit.Receive(t, conn)
	if err := h.Stop(syscall.SIGTERM); err != nil { // with a patience that is shorter than that client's
		t.Fatal(err)
	}
	conn.SetReadDeadline(time.Now().Add(testkit.Patience))
	rest, err := io.ReadAll(conn)
	if err != nil {
		t.Error(err)
	}
	for len(rest) >= 2 && len(rest) >= 2+int(rest[0])<<8+int(rest[1]) {
		rest = rest[2+int(rest[0])<<8+int(rest[1]):]
	}
	if len(rest) > 0 {
		t.Errorf("the last answer is cut short: % x", rest)
	}
	if n, err := idle.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("the idle client: got %d octets and %v, want the end", n, err)
	}
}
