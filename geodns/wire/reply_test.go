package wire

import (
	"bytes"
	"testing"

	"github.com/miekg/dns"
)

func TestSubnetIsReadAndEchoed(t *testing.T) {
	data := []byte{0, 2, 56, 0, 0x20, 0x01, 0x0d, 0xb8, 1, 2, 3}
	msg := message(t, "a.", dns.TypeA, withOptions(subnetOption(data...), &dns.EDNS0_NSID{Code: dns.EDNS0NSID}))
	var q Query
	if got := Parse(msg, &q); got != Fine {
		t.Fatalf("got verdict %d", got)
	}
	s := q.Subnet
	if s.Family != FamilyIPv6 || s.Source != 56 || s.Hi != 0x20010db801020300 || s.Lo != 0 {
		t.Errorf("got %+v", s)
	}
	reply := AppendHead(nil, msg, &q)
	before := len(reply)
	reply = fra.AppendOPT(reply, &q, BadVers, 48)
	if got := fra.OPTLen(&q); got != len(reply)-before {
		t.Errorf("OPTLen: got %d, want %d", got, len(reply)-before)
	}
	SetHeader(reply, &q, Header{Rcode: BadVers})
	var m dns.Msg
	if err := m.Unpack(reply); err != nil {
		t.Fatal(err)
	}
	data[3] = 48
	e := m.IsEdns0()
	if got := e.Option[0].(*dns.EDNS0_SUBNET); got.SourceScope != 48 || got.SourceNetmask != 56 {
		t.Errorf("got %v", got)
	}
	if !bytes.Contains(reply, data) {
		t.Errorf("the option is not the query's, octet for octet: %x", reply)
	}
	if got := e.Option[1].(*dns.EDNS0_NSID).Nsid; got != "667261" {
		t.Errorf("NSID: got %s, want fra", got)
	}
	if m.Rcode != dns.RcodeBadVers || e.Version() != 0 {
		t.Errorf("rcode %d, version %d", m.Rcode, e.Version())
	}
}

func TestHeaderKeepsWhatIsTheQuerysAndNoMore(t *testing.T) {
	msg := message(t, "WwW.example.org.", dns.TypeA, func(m *dns.Msg) {
		m.RecursionDesired, m.CheckingDisabled, m.AuthenticatedData, m.Zero = true, true, true, true
	})
	var q Query
	Parse(msg, &q)
	reply := AppendHead(nil, msg, &q)
	SetHeader(reply, &q, Header{Rcode: dns.RcodeNameError, Authoritative: true, Truncated: true})
	var m dns.Msg
	if err := m.Unpack(reply); err != nil {
		t.Fatal(err)
	}
	want := dns.MsgHdr{Id: 0x1234, Response: true, Authoritative: true, Truncated: true, RecursionDesired: true, Rcode: dns.RcodeNameError}
	if m.MsgHdr != want {
		t.Errorf("got %v, want %v", m.MsgHdr, want)
	}
	if m.Question[0].Name != "WwW.example.org." {
		t.Errorf("the letter case is not the query's: %s", m.Question[0].Name)
	}
}

func TestUDPLimit(t *testing.T) {
	for _, tt := range []struct {
		size uint16
		want int
	}{{0, 512}, {511, 512}, {512, 512}, {700, 700}, {1232, 1232}, {4096, 1232}, {65535, 1232}} {
		q := Query{EDNS: true, UDPSize: tt.size}
		if got := fra.UDPLimit(&q); got != tt.want {
			t.Errorf("size %d: got %d, want %d", tt.size, got, tt.want)
		}
		if got := (&Server{UDPSize: 512}).UDPLimit(&q); got != 512 {
			t.Errorf("size %d, of a server that sends 512: got %d", tt.size, got)
		}
	}
	if got := fra.UDPLimit(&Query{UDPSize: 4096}); got != 512 {
		t.Errorf("without EDNS: got %d, want 512", got)
	}
}
