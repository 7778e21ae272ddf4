package geodns

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/miekg/dns"

	"tinycdn/geodns/mmsg"
	"tinycdn/geodns/wire"
	"tinycdn/geoip"
	"tinycdn/zones/zonestest"
)

// together is two loops that know the same: one answers what has come together, its twin one query after the other.
type together struct {
	now  time.Duration
	loop [2]*Loop
	r    [2]*Responder
}

func newTogether(t testing.TB) *together {
	x, f, cookies := &together{now: time.Hour}, zonestest.Must(t, zonestest.Everything), newCookies()
	for i := range x.loop {
		x.loop[i] = limitedLoop(&x.now, 1)
		x.loop[i].cookies = cookies
		x.loop[i].country = func(b geoip.Block) uint8 { return uint8(b.Hi >> 56 & 3) }
		x.r[i] = NewResponder(f.Store, Identity{Name: "fra", Version: "tinycdn"}, x.loop[i])
	}
	return x
}

// answer has both answer a batch, and compares what they say and what they count.
func (x *together) answer(t *testing.T, queries [][]byte, clients []netip.Addr) (replies [][]byte) {
	t.Helper()
	for i := range x.loop {
		x.loop[i].begin(len(queries))
		x.loop[i].clock = clock{read: true, now: 1_800_000_000}
	}
	var packets []mmsg.Packet
	for i := range queries {
		packets = append(packets, mmsg.Packet{Client: clients[i], Query: queries[i], Reply: make([]byte, 0, mmsg.MaxSize)})
	}
	x.r[0].RespondAll(packets)
	for i, p := range packets {
		want := x.r[1].Respond(nil, p.Query, geoip.BlockOfAddr(p.Client), false)
		if !bytes.Equal(p.Reply, want) {
			t.Fatalf("query %d of %d from %v, %x:\ngot together %x\nwant        %x", i, len(packets), p.Client, p.Query, p.Reply, want)
		}
		replies = append(replies, p.Reply)
	}
	if a, b := &x.loop[0].counts, &x.loop[1].counts; !reflect.DeepEqual(a, b) {
		t.Fatalf("counted together %v\nand alone %v", a, b)
	}
	return replies
}

func TestQueriesThatComeTogetherAreAnsweredAsIfAlone(t *testing.T) {
	t.Parallel()
	var queries [][]byte
	for _, k := range kinds {
		queries = append(queries, packQuery(t, k.name, k.typ, k.subnet))
		for _, cookie := range []string{"12345678", "12345678\x01\x00\x00\x00123456789012"} {
			m := question(k.name, k.typ)
			cookieOption([]byte(cookie))(m)
			raw, err := m.Pack()
			if err != nil {
				t.Fatal(err)
			}
			queries = append(queries, raw)
		}
	}
	for _, typ := range []uint16{dns.TypeAXFR, dns.TypeTKEY, dns.TypeDS} {
		queries = append(queries, packQuery(t, "www.example.org.", typ, ""))
	}
	whole := len(queries)
	queries = append(queries, packIdentity(t), nil, make([]byte, 12), make([]byte, 600), bytes.Repeat([]byte{0xff}, 40))

	x, random := newTogether(t), rand.New(rand.NewPCG(1, 2))
	last := [][]byte{nil} // replies: no queries, but for what a client may do with their cookies
	limited := 0
	for range 3000 {
		x.now += time.Duration(random.IntN(20)) * time.Millisecond
		var batch [][]byte
		var clients []netip.Addr
		for range 1 + random.IntN(2*batchSize) {
			query := bytes.Clone(queries[random.IntN(len(queries))])
			switch random.IntN(8) {
			case 0:
				query = query[:random.IntN(len(query)+1)]
			case 1:
				query = bytes.Clone(last[random.IntN(len(last))])
				if len(query) > 2 {
					query[2] &^= 0x80
				}
			case 2:
				if len(query) > 0 {
					query[random.IntN(len(query))] ^= 1 << random.IntN(8)
				}
			case 3:
				query = bytes.Clone(queries[random.IntN(whole)]) // one that can be answered
			}
			batch = append(batch, query)
			clients = append(clients, netip.AddrFrom4([4]byte{192, 0, 2, byte(random.IntN(3))}))
		}
		last = x.answer(t, batch, clients)
	}
	for i := range x.loop {
		l := &x.loop[i].counts.limited
		limited += int(min(l.badCookie.Load(), l.silent.Load(), l.truncated.Load()))
	}
	if limited == 0 || x.loop[0].counts.dropped.Load() == 0 {
		t.Errorf("some limit was never met, or nothing was dropped: %v", &x.loop[0].counts.limited)
	}
}

func TestABatchAllocatesNothing(t *testing.T) {
	r := newTogether(t).r[0]
	var packets []mmsg.Packet
	for len(packets) < 2*batchSize {
		for _, k := range kinds {
			packets = append(packets, mmsg.Packet{Client: netip.AddrFrom4([4]byte{127, 0, 0, 1}), Query: packQuery(t, k.name, k.typ, k.subnet), Reply: make([]byte, 0, mmsg.MaxSize)})
		}
	}
	if n := testing.AllocsPerRun(100, func() { r.RespondAll(packets) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

// FuzzTogether takes queries as TCP carries them, and has them come together over UDP.
func FuzzTogether(f *testing.F) {
	var all [][]byte
	for _, k := range kinds {
		all = append(all, packQuery(f, k.name, k.typ, k.subnet))
		f.Add(framed(all...))
	}
	f.Add(framed(all[0], all[1][:len(all[1])-1], packIdentity(f), make([]byte, wire.HeaderLen), nil, all[3], all[4]))
	x := newTogether(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var queries [][]byte
		var clients []netip.Addr
		for {
			query, whole := firstQuery(data)
			if !whole {
				break
			}
			data = data[2+len(query):]
			queries = append(queries, query[:min(len(query), mmsg.MaxSize)])
			clients = append(clients, netip.AddrFrom4([4]byte{192, 0, 2, byte(len(query))}))
		}
		x.answer(t, queries, clients)
	})
}
