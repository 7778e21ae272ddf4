package querylog

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"

	dnstap "github.com/dnstap/golang-dnstap"
	"google.golang.org/protobuf/proto"
)

// fromFrames reads frames as another library does.
func fromFrames(t testing.TB, frames []byte) (list []*dnstap.Dnstap) {
	t.Helper()
	for len(frames) > 0 {
		n := binary.BigEndian.Uint32(frames)
		d := new(dnstap.Dnstap)
		if err := proto.Unmarshal(frames[4:4+n], d); err != nil {
			t.Fatalf("%x: %v", frames[4:4+n], err)
		}
		list = append(list, d)
		frames = frames[4+n:]
	}
	return list
}

// twin makes the same messages with that library.
func twin(r *record, c *Config) (list []*dnstap.Dnstap) {
	octets := func(a netip.AddrPort) []byte { return a.Addr().AsSlice() }
	kinds := []dnstap.Message_Type{dnstap.Message_AUTH_QUERY, dnstap.Message_AUTH_RESPONSE}
	if len(r.reply) == 0 {
		kinds = kinds[:1]
	}
	for _, kind := range kinds {
		m := &dnstap.Message{
			Type: kind.Enum(), SocketFamily: dnstap.SocketFamily_INET.Enum(), SocketProtocol: dnstap.SocketProtocol_UDP.Enum(),
			QueryAddress: octets(r.client), QueryPort: proto.Uint32(uint32(r.client.Port())), ResponsePort: proto.Uint32(uint32(r.local.Port())),
			QueryTimeSec: proto.Uint64(uint64(r.begin / 1e9)), QueryTimeNsec: proto.Uint32(uint32(r.begin % 1e9)),
		}
		if r.client.Addr().Is6() {
			m.SocketFamily = dnstap.SocketFamily_INET6.Enum()
		}
		if r.to&overTCP != 0 {
			m.SocketProtocol = dnstap.SocketProtocol_TCP.Enum()
		}
		if !r.local.Addr().IsUnspecified() {
			m.ResponseAddress = octets(r.local)
		}
		if kind == dnstap.Message_AUTH_QUERY {
			m.QueryMessage = r.query
		} else {
			m.ResponseTimeSec, m.ResponseTimeNsec = proto.Uint64(uint64(r.sent/1e9)), proto.Uint32(uint32(r.sent%1e9))
			m.ResponseMessage = r.reply
		}
		d := &dnstap.Dnstap{Type: dnstap.Dnstap_MESSAGE.Enum(), Message: m}
		if c.Identity != "" {
			d.Identity = []byte(c.Identity)
		}
		if c.Version != "" {
			d.Version = []byte(c.Version)
		}
		list = append(list, d)
	}
	return list
}

// holdAgainstTwin compares what we encode with what the library would.
func holdAgainstTwin(t testing.TB, r *record, c *Config) {
	t.Helper()
	frames, _ := appendFrames(nil, nil, r, c)
	got, want := fromFrames(t, frames), twin(r, c)
	if len(got) != len(want) {
		t.Fatalf("got %d messages, want %d", len(got), len(want))
	}
	for i := range got {
		if !proto.Equal(got[i], want[i]) {
			t.Errorf("got\n%v\nwant\n%v", got[i], want[i])
		}
	}
}

func TestMessagesAreThoseThatAnotherLibraryMakes(t *testing.T) {
	t.Parallel()
	query, reply := pack(t, "www.example.org.", 1, "81.2.69.0/24", 0, "192.0.2.1", 20)
	for _, r := range []record{
		{client: client4, local: local4, begin: begun, sent: begun + 999_999_999, query: query, reply: reply},
		{to: overTCP, client: client6, local: netip.MustParseAddrPort("[2001:db8::1]:53"), begin: begun, sent: begun, query: query, reply: bytes.Repeat(reply, 500)},
		{client: client4, local: netip.MustParseAddrPort("0.0.0.0:53"), begin: begun, sent: begun, query: query},
		{client: client6, local: netip.MustParseAddrPort("[::]:5353"), begin: begun, sent: begun, query: query[:12], reply: reply[:12]},
	} {
		for _, c := range []Config{{}, aConfig()} {
			holdAgainstTwin(t, &r, &c)
		}
	}
}

func FuzzDNSTap(f *testing.F) {
	f.Add([]byte("query"), []byte("reply"), "fra", uint16(53), int64(1), true, true)
	f.Fuzz(func(t *testing.T, query, reply []byte, identity string, port uint16, begin int64, v6, overTCP1 bool) {
		if len(query) == 0 || len(query) > 65535 || len(reply) > 65535 || begin < 0 {
			return
		}
		r := &record{client: netip.AddrPortFrom(client4.Addr(), port), local: local4, begin: begin, sent: begin, query: query, reply: reply}
		if v6 {
			r.client = netip.AddrPortFrom(client6.Addr(), port)
		}
		if overTCP1 {
			r.to = overTCP
		}
		holdAgainstTwin(t, r, &Config{Identity: identity, Version: identity})
	})
}

func TestFramesAllocateNothing(t *testing.T) {
	c := aConfig()
	query, reply := pack(t, "www.example.org.", 1, "81.2.69.0/24", 0, "192.0.2.1", 20)
	r, frames, scratch := aRecord(query, reply), make([]byte, 0, 4096), make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { appendFrames(frames, scratch, r, &c) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkFrames(b *testing.B) {
	c := aConfig()
	query, reply := pack(b, "www.example.org.", 1, "81.2.69.0/24", 0, "192.0.2.1", 20)
	r, frames, scratch := aRecord(query, reply), make([]byte, 0, 4096), make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		appendFrames(frames, scratch, r, &c)
	}
}
