package h3

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/qpack"
	"github.com/quic-go/quic-go/quicvarint"

	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

var visitor = netip.MustParseAddr("192.0.2.7")

// TestFramesAtEachLength: a HEADERS frame is taken as it is and not before it is all there, however its length is written; a stream
// that begins with anything else is left as it was.
func TestFramesAtEachLength(t *testing.T) {
	t.Parallel()
	s, _ := serving(nil)
	block := packed(fields(chromium...))
	for _, begin := range [][]byte{
		{1, 0x40 | byte(len(block)>>8), byte(len(block))},
		{1, 0x80, 0, byte(len(block) >> 8), byte(len(block))},
		{1, 0xc0, 0, 0, 0, 0, 0, byte(len(block) >> 8), byte(len(block))},
	} {
		frame := append(bytes.Clone(begin), block...)
		for n := range frame {
			for _, open := range []bool{false, true} {
				in := coming(frame[:n]...)
				in.open = open
				if x := s.Read(in); x != nil || len(in.in) != n || in.peeked > len(frame) {
					t.Fatalf("%d octets of %d: got %v, waits for %d", n, len(frame), x, in.peeked)
				}
			}
		}
		in := coming(append(frame, 0, 1, 'x')...)
		in.open = true
		x := s.Read(in)
		if x == nil || x.size != len(frame) || len(in.in) != len(frame)+3 || in.peeked != len(frame) {
			t.Fatalf("all of it: got %v, waits for %d", x, in.peeked)
		}
		x.Drop()
	}
	for name, in := range map[string][]byte{
		"DATA": {0, 1, 'x'}, "unknown": append([]byte{0x21, 0}, asking(plainly()...)...), "unknown, of two octets": append([]byte{0x40, 0x21, 0}, asking(plainly()...)...),
		"HEADERS, written long": append([]byte{0x40}, asking(plainly()...)...), "empty": {1, 0}, "too short": {1, 2, 0, 0},
		"too long": append([]byte{1, 0x50, 0}, make([]byte, 4096)...), "far too long": append([]byte{1, 0xff, 255, 255, 255, 255, 255, 255, 255}, make([]byte, 5000)...),
	} {
		stream := coming(in...)
		stream.open = true
		if x := s.Read(stream); x != nil || len(stream.in) != len(in) || stream.peeked > longestFrame {
			t.Errorf("%s: got %v, %d octets of %d are left, %d waited for", name, x, len(stream.in), len(in), stream.peeked)
		}
	}
	for n := range longestFrame { // with a cookie to fill it
		lines := plainly("cookie: " + strings.Repeat("\x7e", n)) // longer in Huffman's code: taken as it is
		block := []byte{0, 0}
		for _, f := range fields(lines...) {
			block = appendNumber(block, 0x20, 3, len(f.Name))
			block = append(block, f.Name...)
			block = append(appendNumber(block, 0, 7, len(f.Value)), f.Value...)
		}
		frame := framed(block)
		x := s.Read(coming(frame...))
		if (x != nil) != (len(frame) <= longestFrame) {
			t.Fatalf("a frame of %d octets: got %v", len(frame), x)
		}
		if x != nil {
			x.Drop()
		}
	}
}

// answered are the header of an answer as quic-go reads it, and the body.
func answered(t *testing.T, sent []byte) (lines []string, body []byte) {
	t.Helper()
	if len(sent) < 3 || sent[0] != 1 || sent[1]&0xc0 != 0x40 {
		t.Fatalf("no HEADERS frame: %x", sent)
	}
	size := int(sent[1]&0x3f)<<8 | int(sent[2])
	for next := qpack.NewDecoder().Decode(sent[3 : 3+size]); ; {
		f, err := next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, f.Name+": "+f.Value)
	}
	rest := sent[3+size:]
	if len(rest) == 0 {
		return lines, nil
	}
	in := bytes.NewReader(rest)
	kind, _ := quicvarint.Read(in)
	length, err := quicvarint.Read(in)
	if body = rest[len(rest)-in.Len():]; kind != dataFrame || err != nil || length != uint64(len(body)) {
		t.Fatalf("a frame of type %d and %d octets, and %d follow: %v", kind, length, len(body), err)
	}
	return lines, body
}

func TestAnswersAreThosePagesHave(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 63, 64, 700, 1200, 16383, 16384, longestBody} {
		p := html(strings.Repeat("x", size))
		s, observed := serving(ready(p))
		for _, c := range []struct {
			more   string
			method string
			status string
			body   int
		}{{"cookie: a=b", "GET", "200", size}, {"cookie: a=b", "HEAD", "200", 0}, {"if-none-match: *", "GET", "304", 0}} {
			lines := plainly(c.more)
			lines[0] = ":method: " + c.method
			in := coming(asking(lines...)...)
			x := s.Read(in)
			if result := s.Answer(x, in, new(Peer), visitor); result != Answered || !in.closed || len(in.in) > 0 {
				t.Errorf("%d octets, %s: got %v, closed %v", size, lines, result, in.closed)
			}
			x.Drop()
			header, body := answered(t, in.sent.Bytes())
			want := []string{":status: " + c.status, "date: Tue, 03 Mar 2026 12:00:00 GMT", "x-content-type-options: nosniff", "x-pop: fra", "cache-status: tinycdn; hit", "age: 0", "server-timing: gen;dur=0.001"}
			head := &p.Negotiate("").Head
			if c.status == "304" {
				head = &p.Negotiate("").NotModified
			}
			for _, f := range head.Fields {
				want = append(want, strings.ToLower(f.Name)+": "+f.Values[0])
			}
			if !slices.Equal(header, want) || len(body) != c.body {
				t.Errorf("%d octets: got\n%q and %d octets, want\n%q and %d", size, header, len(body), want, c.body)
			}
			last := (*observed)[len(*observed)-1]
			if until := begin.Add(time.Duration(c.body) * time.Second); c.body <= 700 {
				if !in.deadline.IsZero() {
					t.Errorf("%d octets, which fit into a packet: the client has until %v", size, in.deadline)
				}
			} else if !in.deadline.Equal(until) {
				t.Errorf("%d octets: the client has until %v, want %v", size, in.deadline, until)
			}
			if last.Sent != int64(c.body) || fmt.Sprint(last.Status) != c.status {
				t.Errorf("%d octets: told of %d octets with %d", size, last.Sent, last.Status)
			}
		}
	}
}

// TestGoldenHeader holds the bytes of an answer: each field whole or by its name in the static table where it is there.
func TestGoldenHeader(t *testing.T) {
	t.Parallel()
	s, _ := serving(ready(html("hello")))
	in := coming(asking(plainly()...)...)
	x := s.Read(in)
	s.Answer(x, in, new(Peer), visitor)
	x.Drop()
	want := "01409e" + "0000" + // HEADERS of 158 octets, without a dynamic table
		"d9" + // :status: 200
		"561d" + hexOf("Tue, 03 Mar 2026 12:00:00 GMT") + // date
		"fd" + // x-content-type-options: nosniff
		"25" + hexOf("x-pop") + "03" + hexOf("fra") +
		"2705" + hexOf("cache-status") + "0c" + hexOf("tinycdn; hit") +
		"c2" + // age: 0
		"2706" + hexOf("server-timing") + "0d" + hexOf("gen;dur=0.001") +
		"f4" + // content-type: text/html; charset=utf-8
		"5712" + hexOf(`"ZBw6eaZatD_CAOEz"`) + // etag
		"5a1d" + hexOf("Tue, 03 Mar 2026 12:00:00 GMT") + // last-modified
		"e0" + // accept-ranges: bytes
		"5401" + hexOf("5") + // content-length
		"0005" + hexOf("hello") // DATA
	got := hex.EncodeToString(in.sent.Bytes())
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func hexOf(text string) string { return hex.EncodeToString([]byte(text)) }

func TestDeclinedStreamsAreAsTheyCame(t *testing.T) {
	t.Parallel()
	long := page.Field{Name: "X-Long", Value: strings.Repeat("x", 1<<14)}
	for name, respond := range map[string]func(*page.Request, *reply.Reply){
		"a stream":      func(_ *page.Request, r *reply.Reply) { r.Done = func() {} },
		"made just now": func(q *page.Request, r *reply.Reply) { ready(html("x"))(q, r); r.Cache = page.MadeNow },
		"a long body":   ready(html(strings.Repeat("x", longestBody+1))),
		"a long header": ready(page.New(page.Response{Status: 200, Header: []page.Field{long}, Body: []byte("x")})),
	} {
		done := 0
		s, observed := serving(func(q *page.Request, r *reply.Reply) { respond(q, r); r.Done = func() { done++ } })
		frame := asking(plainly()...)
		in := coming(frame...)
		x := s.Read(in)
		if result := s.Answer(x, in, new(Peer), visitor); result != Declined || in.sent.Len() > 0 || in.closed || !bytes.Equal(in.in, frame) || len(*observed) > 0 || done != 1 {
			t.Errorf("%s: got %v, sent %d, told of %d, done %d times", name, result, in.sent.Len(), len(*observed), done)
		}
		x.Drop()
	}
}

func TestWhatGoesWrongFailsTheStreamAlone(t *testing.T) {
	t.Parallel()
	s, observed := serving(ready(html(strings.Repeat("x", 5000))))
	in := coming(asking(plainly()...)...)
	in.taking = 1000
	x := s.Read(in)
	if result := s.Answer(x, in, new(Peer), visitor); result != Failed || in.closed || len(*observed) != 1 || (*observed)[0].Sent >= 5000 {
		t.Errorf("a client that goes: got %v, told of %v", result, *observed)
	}
	x.Drop()
	s, observed = serving(func(*page.Request, *reply.Reply) { panic("a mistake") })
	in = coming(asking(plainly()...)...)
	x = s.Read(in)
	if result := s.Answer(x, in, new(Peer), visitor); result != Failed || in.closed || len(*observed) != 0 {
		t.Errorf("a mistake of ours: got %v", result)
	}
	x.Drop()
	s, _ = serving(ready(html("x")))
	in = coming(asking(plainly()...)...)
	in.open = true
	x = s.Read(in)
	if result := s.Answer(x, in, new(Peer), visitor); result != Unread || !in.closed {
		t.Errorf("a client that may say more: got %v", result)
	}
	x.Drop()
}

// TestHitAllocatesNothing: what a client says again is kept. The lowest of many counts, as the race detector has pools lose some of what
// they are given.
func TestHitAllocatesNothing(t *testing.T) {
	s, _ := serving(ready(image(12_000)))
	s.config.Observe = func(*page.Request, *reply.Reply) {}
	frame := asking(slices.DeleteFunc(slices.Clone(chromium), func(line string) bool { return strings.HasPrefix(line, "if-none") })...)
	in := coming()
	in.sent.Grow(1 << 20)
	var peer Peer
	lowest := math.Inf(1)
	for range 100 {
		lowest = min(lowest, testing.AllocsPerRun(5, func() {
			in.in = frame
			in.sent.Reset()
			x := s.Read(in)
			s.Answer(x, in, &peer, visitor)
			x.Drop()
		}))
	}
	if lowest > 0 {
		t.Errorf("%v allocations", lowest)
	}
	if in.sent.Len() < 12000 || in.urgency != 0 || !in.shared {
		t.Errorf("sent %d octets, urgency %d, %v", in.sent.Len(), in.urgency, in.shared)
	}
}

// BenchmarkHit is all of a hit but QUIC.
func BenchmarkHit(b *testing.B) {
	s, _ := serving(ready(image(12_000)))
	s.config.Observe = func(*page.Request, *reply.Reply) {}
	frame := asking(slices.DeleteFunc(slices.Clone(chromium), func(line string) bool { return strings.HasPrefix(line, "if-none") })...)
	in := coming()
	var peer Peer
	b.ReportAllocs()
	for b.Loop() {
		in.in = frame
		in.sent.Reset()
		x := s.Read(in)
		s.Answer(x, in, &peer, visitor)
		x.Drop()
	}
}

// BenchmarkHead packs the header of an answer.
func BenchmarkHead(b *testing.B) {
	s, _ := serving(ready(image(12_000)))
	x := s.Read(coming(asking(plainly()...)...))
	x.take(new(Peer), visitor)
	s.config.Respond(&x.request, &x.reply)
	date := s.clock.date(begin)
	b.ReportAllocs()
	for b.Loop() {
		x.writeHead(date)
	}
}
