package testkit

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// Dial connects to the server.
func (h *Host) Dial(t *testing.T, network string) net.Conn {
	t.Helper()
	conn, err := net.Dial(network, h.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// DialFrom connects over TCP from a loopback address of the client's own.
func (h *Host) DialFrom(t *testing.T, source string) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}}
	conn, err := dialer.Dial("tcp", h.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// WantServed asks over a new connection, and must be answered.
func (h *Host) WantServed(t *testing.T, source string) {
	t.Helper()
	conn := h.DialFrom(t, source)
	if m := Exchange(t, conn, Query(t, "www.example.org.", dns.TypeA)); len(m.Answer) != 1 {
		t.Errorf("got %v", m)
	}
	conn.Close()
}

// Query packs a question.
func Query(t *testing.T, name string, typ uint16, change ...func(*dns.Msg)) []byte {
	t.Helper()
	m := new(dns.Msg)
	m.SetQuestion(name, typ)
	for _, f := range change {
		f(m)
	}
	packed, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return packed
}

// Send sends a message, over TCP with its length.
func Send(t *testing.T, conn net.Conn, msg []byte) {
	t.Helper()
	if IsTCP(conn) {
		msg = append([]byte{byte(len(msg) >> 8), byte(len(msg))}, msg...)
	}
	if _, err := conn.Write(msg); err != nil {
		t.Fatal(err)
	}
}

func AddOption(m *dns.Msg, option dns.EDNS0) {
	m.SetEdns0(1232, false)
	m.IsEdns0().Option = []dns.EDNS0{option}
}

func Subnet(address string, bits uint8) dns.EDNS0 {
	return &dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1, SourceNetmask: bits, Address: net.ParseIP(address)}
}

// Receive takes the next message.
func Receive(t *testing.T, conn net.Conn) []byte {
	t.Helper()
	conn.SetReadDeadline(time.Now().Add(Patience))
	buf := make([]byte, 65535)
	if !IsTCP(conn) {
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		return buf[:n]
	}
	if _, err := io.ReadFull(conn, buf[:2]); err != nil {
		t.Fatal(err)
	}
	reply := buf[2 : 2+int(buf[0])<<8+int(buf[1])]
	if _, err := io.ReadFull(conn, reply); err != nil {
		t.Fatal(err)
	}
	return reply
}

func IsTCP(conn net.Conn) bool { return conn.LocalAddr().Network() == "tcp" }

// Exchange sends a message and takes the answer to it.
func Exchange(t *testing.T, conn net.Conn, msg []byte) *dns.Msg {
	t.Helper()
	Send(t, conn, msg)
	return Unpack(t, Receive(t, conn))
}

func Unpack(t *testing.T, reply []byte) *dns.Msg {
	t.Helper()
	m := new(dns.Msg)
	if err := m.Unpack(reply); err != nil {
		t.Fatalf("%v: % x", err, reply)
	}
	return m
}
