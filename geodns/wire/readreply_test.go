package wire

import (
	"net/netip"
	"testing"

	"github.com/miekg/dns"
)

// slowly reads a reply with another library.
func slowly(msg []byte) (t Told, ok bool) {
	m := new(dns.Msg)
	if m.Unpack(msg) != nil {
		return t, false
	}
	t.Rcode, t.Truncated = m.Rcode, m.Truncated
	for _, rr := range m.Answer {
		var addr netip.Addr
		switch rr := rr.(type) {
		case *dns.A:
			addr, _ = netip.AddrFromSlice(rr.A.To4())
		case *dns.AAAA:
			addr, _ = netip.AddrFromSlice(rr.AAAA)
		}
		if addr.IsValid() && !t.First.IsValid() {
			t.First = addr
		}
	}
	if opt := m.IsEdns0(); opt != nil {
		for _, option := range opt.Option {
			if subnet, ok := option.(*dns.EDNS0_SUBNET); ok {
				t.HasSubnet, t.Scope = true, subnet.SourceScope
			}
		}
	}
	return t, true
}

// replies are some as we give them.
func replies(t testing.TB) (list [][]byte) {
	t.Helper()
	for _, rcode := range []int{dns.RcodeSuccess, dns.RcodeNameError, dns.RcodeBadVers, dns.RcodeBadCookie} {
		for _, answers := range [][]string{nil, {"www.example.org. 60 A 192.0.2.1", "www.example.org. 60 A 192.0.2.2"},
			{"www.example.org. 60 CNAME a.example.org.", "a.example.org. 60 AAAA 2001:db8::1"}, {"www.example.org. 60 TXT \"x\""}} {
			for _, edns := range []bool{true, false} {
				m := new(dns.Msg)
				m.SetReply(new(dns.Msg).SetQuestion("www.example.org.", dns.TypeA))
				m.Rcode, m.Compress, m.Truncated = rcode, true, rcode == dns.RcodeNameError
				for _, text := range answers {
					rr, err := dns.NewRR(text)
					if err != nil {
						t.Fatal(err)
					}
					m.Answer = append(m.Answer, rr)
				}
				glue, err := dns.NewRR("ns.example.org. 60 A 192.0.2.53")
				if err != nil {
					t.Fatal(err)
				}
				m.Extra = append(m.Extra, glue)
				if edns {
					m.SetEdns0(1232, false)
					m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_NSID{Code: dns.EDNS0NSID, Nsid: "667261"},
						&dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1, SourceNetmask: 24, SourceScope: 20, Address: netip.MustParseAddr("192.0.2.0").AsSlice()}}
				} else if rcode > 15 {
					continue // it has no place there
				}
				msg, err := m.Pack()
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, msg)
			}
		}
	}
	return list
}

func TestAReplyTellsWhatAnotherLibraryReadsInIt(t *testing.T) {
	t.Parallel()
	for _, msg := range replies(t) {
		got, ok := ReadReply(msg)
		if want, wantOK := slowly(msg); got != want || ok != wantOK {
			t.Errorf("%x:\ngot  %+v, %v\nwant %+v, %v", msg, got, ok, want, wantOK)
		}
		for n := range msg { // cut off, it is none
			if told, ok := ReadReply(msg[:n]); ok {
				t.Errorf("%x: got %+v", msg[:n], told)
			}
		}
	}
}

func FuzzReadReply(f *testing.F) {
	for _, msg := range replies(f) {
		f.Add(msg)
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		got, ok := ReadReply(msg)
		want, also := slowly(msg)
		if !ok || !also { // it reads names and data, too, and passes over what follows a message
			return
		}
		if got.Truncated != want.Truncated || got.Rcode&0x0f != want.Rcode&0x0f || got.First != want.First {
			t.Fatalf("%x: got %+v, want %+v", msg, got, want)
		}
	})
}
