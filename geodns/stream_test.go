package geodns

import (
	"bytes"
	"io"
	"testing"
	"time"

	"tinycdn/geodns/wire"
)

func TestPipelinedQueriesAreAnsweredInOrder(t *testing.T) {
	t.Parallel()
	c := dial(t, start(t, Config{}).addr)
	var queries, responses [][]byte
	for i := range 5000 { // more than fits into one read or one write
		size := wire.HeaderLen + i%200
		queries = append(queries, query(i, size))
		responses = append(responses, response(i, size))
	}
	go c.Write(framed(queries...))
	c.expect(framed(responses...))
}

func TestAnswersOfOneReadLeaveInOneWrite(t *testing.T) {
	t.Parallel()
	c := dial(t, start(t, Config{}).addr)
	for range 20 {
		c.send(framed(query(1, 30), query(2, 30), query(3, 30), query(4, 30)))
		want := framed(response(1, 30), response(2, 30), response(3, 30), response(4, 30))
		got := make([]byte, 1000)
		n, err := c.Read(got)
		if err != nil || !bytes.Equal(got[:n], want) {
			t.Fatalf("the first read gave %x, %v; want %x", got[:n], err, want)
		}
	}
}

// A query may be cut anywhere. The stream is served by hand, so that each part is a read of its own.
func TestQueriesMayBeSplitAtEveryOctet(t *testing.T) {
	t.Parallel()
	m := newManual(t, Config{})
	c, stream := m.connect()
	queries := framed(query(1, 12), query(2, 40), query(3, 25))
	responses := framed(response(1, 12), response(2, 40), response(3, 25))
	for first := range len(queries) {
		for second := first; second <= len(queries); second += 5 {
			for _, part := range [][]byte{queries[:first], queries[first:second], queries[second:]} {
				if len(part) == 0 {
					continue
				}
				c.send(part)
				m.read(stream)
			}
			c.expect(responses)
		}
	}
}

func TestQueriesMayComeOctetByOctet(t *testing.T) {
	t.Parallel()
	c := dial(t, start(t, Config{}).addr)
	for _, octet := range framed(query(1, 40), query(2, 40)) {
		c.send([]byte{octet})
	}
	c.expect(framed(response(1, 40), response(2, 40)))
}

func TestLongestMessagesAreAnswered(t *testing.T) {
	t.Parallel()
	c := dial(t, start(t, Config{}).addr)
	go c.Write(framed(query(1, wire.MaxTCP), query(2, 20), query(3, wire.MaxTCP), query(4, wire.MaxTCP)))
	c.expect(framed(response(1, wire.MaxTCP), response(2, 20), response(3, wire.MaxTCP), response(4, wire.MaxTCP)))
}

func TestSilenceIsNoAnswer(t *testing.T) {
	t.Parallel()
	c := dial(t, start(t, Config{}).addr)
	c.send(framed(silent(1, 20), query(2, 20), silent(3, 20), query(4, 20)))
	c.expect(framed(response(2, 20), response(4, 20)))
	c.send(framed(silent(5, 20)))
	c.asks(6)
}

func TestWhatCannotBeDNSEndsTheConnection(t *testing.T) {
	t.Parallel()
	n := start(t, Config{})
	for _, noise := range [][]byte{{0, 0}, {0, wire.HeaderLen - 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}} {
		c := dial(t, n.addr)
		c.send(append(framed(query(1, 20)), noise...))
		c.expect(framed(response(1, 20))) // it was asked before
		c.expectEnd()
	}
}

func TestClientMayCloseItsHalf(t *testing.T) {
	t.Parallel()
	n := start(t, Config{})
	c := dial(t, n.addr)
	c.send(framed(query(1, 20), query(2, 20)))
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	c.expect(framed(response(1, 20), response(2, 20)))
	c.expectEnd()
	eventually(t, "no connection is left", func() bool { return n.clientCount() == 0 })
}

func TestSlowReaderGetsEverything(t *testing.T) {
	t.Parallel()
	c := dial(t, start(t, Config{}).addr)
	c.SetReadBuffer(64 << 10)
	var queries, responses [][]byte
	for i := range 100 {
		queries = append(queries, query(i, 40_000))
		responses = append(responses, response(i, 40_000))
	}
	go func() {
		c.Write(framed(queries...))
		c.CloseWrite()
	}()
	want, got := framed(responses...), []byte(nil)
	for b := make([]byte, 50_000); ; time.Sleep(time.Millisecond) {
		n, err := c.Read(b)
		got = append(got, b[:n]...)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got %d octets, want %d, the same", len(got), len(want))
	}
}

// Not parallel: it counts what the whole process allocates.
func TestPipelineIsAnsweredWithoutAllocation(t *testing.T) {
	c := dial(t, start(t, Config{}).addr)
	queries := framed(query(1, 40), query(2, 40), query(3, 40))
	got := make([]byte, len(queries))
	allocs := testing.AllocsPerRun(200, func() {
		c.Write(queries)
		if _, err := io.ReadFull(c, got); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("got %v allocations, want none", allocs)
	}
}
