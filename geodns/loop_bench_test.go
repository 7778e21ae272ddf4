package geodns

import (
	"net/netip"
	"testing"
	"time"

	"github.com/miekg/dns"

	"tinycdn/geodns/mmsg"
	"tinycdn/geodns/rrl"
	"tinycdn/zones/zonestest"
)

// BenchmarkLoop answers batches of a full loop, without its system calls: what cookies and limits cost beside the answers.
func BenchmarkLoop(b *testing.B) {
	f := zonestest.Must(b, zonestest.Everything)
	plain := packQuery(b, "ns1.example.org.", dns.TypeA, "")
	m := question("ns1.example.org.", dns.TypeA)
	cookieOption([]byte("12345678"))(m)
	cookie, err := m.Pack()
	if err != nil {
		b.Fatal(err)
	}
	for _, test := range []struct {
		what    string
		query   []byte
		limited bool
		addr    func(i int) [4]byte
	}{
		{"no limit", plain, false, func(int) [4]byte { return [4]byte{127, 0, 0, 1} }},
		{"exempt", plain, true, func(int) [4]byte { return [4]byte{127, 0, 0, 1} }},
		{"2000 clients", plain, true, func(i int) [4]byte { return [4]byte{10, byte(i % 40), byte(i / 40 % 50), 1} }},
		{"a new client each time", plain, true, func(i int) [4]byte { return [4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)} }},
		{"a flood", plain, true, func(int) [4]byte { return [4]byte{10, 0, 0, 1} }},
		{"cookies", cookie, true, func(int) [4]byte { return [4]byte{127, 0, 0, 1} }},
	} {
		b.Run(test.what, func(b *testing.B) {
			loop := &Loop{cookies: newCookies()}
			if test.limited {
				c, began := defaultRRL(), time.Now()
				limits := rrl.Limits{Rate: c.Rate, Slip: c.Slip, Exempt: c.Exempt, Loops: 2}
				loop.limiter = rrl.New(limits, new(rrl.Meter), func() time.Duration { return time.Since(began) }, func(rrl.Offender) {})
			}
			loop.answer = NewResponder(f.Store, Identity{Name: "fra"}, loop)
			packets := make([]mmsg.Packet, 32)
			for i := range packets {
				packets[i] = mmsg.Packet{Query: test.query, Reply: make([]byte, 0, mmsg.MaxSize)}
			}
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				for i := range packets {
					packets[i].Client = netip.AddrFrom4(test.addr(n * 7919))
					n++
				}
				loop.answerPackets(packets)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(packets)), "ns/query")
		})
	}
}
