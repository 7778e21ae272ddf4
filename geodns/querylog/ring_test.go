package querylog

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
)

func TestWhatARingHoldsComesOutAsItWasPutIn(t *testing.T) {
	t.Parallel()
	_, r := aLog(t, aConfig(), filepath.Join(t.TempDir(), "log"))
	// Sizes that do not divide the ring's, so that each piece crosses its end at some time.
	for i := range 5000 {
		query, reply := bytes.Repeat([]byte{byte(i)}, 12+i%301), bytes.Repeat([]byte{byte(i + 1)}, i%701)
		query[2] = 0
		client := netip.AddrPortFrom(client6.Addr(), uint16(i))
		r.Begin()
		r.Sent()
		r.Add(client, local4, i%2 == 0, query, reply)
		got, ok := r.next()
		if !ok || !bytes.Equal(got.query, query) || !bytes.Equal(got.reply, reply) || got.client != client || got.local != local4 ||
			got.begin != r.begin || got.sent != r.sent || r.sent < r.begin || (got.to&overTCP != 0) != (i%2 == 0) || got.to&(toFile|toTap) != toFile {
			t.Fatalf("%d: got %+v", i, got)
		}
		if _, ok := r.next(); ok {
			t.Fatalf("%d: there is another", i)
		}
	}
}

func TestAFullRingDropsAndCounts(t *testing.T) {
	t.Parallel()
	l, r := aLog(t, aConfig(), filepath.Join(t.TempDir(), "log"))
	l.tap = newTap("nowhere", l.log)
	l.tap.ready.Store(true)
	const size = 1000 - headLen
	for range 1000 {
		r.Add(client4, local4, false, make([]byte, size), nil)
	}
	const fit = ringSize / 1000
	if got, want := l.Dropped(), (Dropped{File: 1000 - fit, DNSTap: 1000 - fit}); got != want {
		t.Errorf("dropped %+v, want %+v", got, want)
	}
	count := 0
	for _, ok := r.next(); ok; _, ok = r.next() {
		count++
	}
	if count != fit {
		t.Errorf("%d are there, want %d", count, fit)
	}
	r.Add(client4, local4, false, make([]byte, size), nil)
	if _, ok := r.next(); !ok {
		t.Error("once there is room again, nothing comes in")
	}
}

// The longest query with the longest answer fits an empty ring.
func TestTheLongestMessagesFit(t *testing.T) {
	t.Parallel()
	_, r := aLog(t, aConfig(), filepath.Join(t.TempDir(), "log"))
	r.Add(client4, local4, true, make([]byte, 65535), make([]byte, 65535))
	if got, ok := r.next(); !ok || len(got.query) != 65535 || len(got.reply) != 65535 {
		t.Errorf("got %v", ok)
	}
}

// A loop writes while somebody reads: what comes out is whole, in order, and what is missing is counted.
func TestALoopAndItsReaderDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	l, r := aLog(t, aConfig(), filepath.Join(t.TempDir(), "log"))
	const n = 20_000
	var loop sync.WaitGroup
	ended := make(chan struct{})
	loop.Go(func() {
		defer close(ended)
		query := make([]byte, 500)
		for i := range uint32(n) {
			for at := 4; at < len(query); at += 4 {
				binary.BigEndian.PutUint32(query[at:], i)
			}
			r.Add(client4, local4, false, query[:100+i%400], nil)
		}
	})
	last, came := -1, 0
	look := func() {
		for rec, ok := r.next(); ok; rec, ok = r.next() {
			i := binary.BigEndian.Uint32(rec.query[4:])
			if int(i) <= last || len(rec.query) != int(100+i%400) || binary.BigEndian.Uint32(rec.query[(len(rec.query)/4-1)*4:]) != i {
				t.Fatalf("after %d came %d with %d octets: %x", last, i, len(rec.query), rec.query)
			}
			last = int(i)
			came++
		}
	}
	for done := false; !done; {
		select {
		case <-ended:
			done = true
		default:
		}
		look()
	}
	loop.Wait()
	if dropped := l.Dropped().File; came+int(dropped) != n || came == 0 {
		t.Errorf("%d came and %d were dropped of %d", came, dropped, n)
	}
}

func TestOneOfSoManyGetsALine(t *testing.T) {
	t.Parallel()
	c := aConfig()
	c.Sample = 10
	l, r := aLog(t, c, filepath.Join(t.TempDir(), "log"))
	odd, even := 0, 0
	const n = 100_000
	for i := range n {
		query := make([]byte, 12)
		query[11] = byte(i % 2)
		r.Add(client4, local4, false, query, nil)
		if rec, ok := r.next(); ok && rec.query[11] == 1 {
			odd++
		} else if ok {
			even++
		}
	}
	// Each is some 5,000, with a standard deviation of 50 at most.
	if odd < 4000 || odd > 6000 || even < 4000 || even > 6000 || l.Dropped() != (Dropped{}) {
		t.Errorf("of %d queries there are %d odd and %d even ones; dropped %+v", n, odd, even, l.Dropped())
	}
}

func TestWhatIsNoQueryIsPassedOver(t *testing.T) {
	t.Parallel()
	_, r := aLog(t, aConfig(), filepath.Join(t.TempDir(), "log"))
	for _, msg := range [][]byte{nil, {1}, {0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0}} {
		r.Add(client4, local4, false, msg, nil)
	}
	if rec, ok := r.next(); ok {
		t.Errorf("got %+v", rec)
	}
}

func TestACopyAllocatesNothing(t *testing.T) {
	c := aConfig()
	l, r := aLog(t, c, filepath.Join(t.TempDir(), "log"))
	l.tap = newTap("nowhere", l.log)
	l.tap.ready.Store(true)
	query, reply := pack(t, "www.example.org.", 1, "81.2.69.0/24", 0, "192.0.2.1", 20)
	if n := testing.AllocsPerRun(2000, func() { // of which the last find no room
		r.Begin()
		r.Sent()
		r.Add(client4, local4, false, query, reply)
		r.Wake()
	}); n != 0 || l.Dropped().File == 0 {
		t.Errorf("%v allocations, want 0; dropped %+v", n, l.Dropped())
	}
}

func BenchmarkAdd(b *testing.B) {
	_, r := aLog(b, aConfig(), filepath.Join(b.TempDir(), "log"))
	query, reply := pack(b, "www.example.org.", 1, "81.2.69.0/24", 0, "192.0.2.1", 20)
	b.ReportAllocs()
	for b.Loop() {
		r.Add(client4, local4, false, query, reply)
		r.read.Store(r.head)
	}
}
