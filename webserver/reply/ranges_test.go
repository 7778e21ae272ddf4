package reply

import (
	"math/big"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"

	"tinycdn/webserver/page"
)

func TestRangesAreThoseOfTheBody(t *testing.T) {
	t.Parallel()
	whole := []span(nil)
	for _, c := range []struct {
		field string
		want  []span
		ok    bool
	}{
		{"bytes=0-0", []span{{0, 1}}, true},
		{"bytes=0-99", []span{{0, 100}}, true},
		{"bytes=10-19", []span{{10, 20}}, true},
		{"bytes=99-", []span{{99, 100}}, true},
		{"bytes=0-", []span{{0, 100}}, true},
		{"bytes=50-1000", []span{{50, 100}}, true},
		{"bytes=50-99999999999999999999999", []span{{50, 100}}, true},
		{"bytes=-1", []span{{99, 100}}, true},
		{"bytes=-100", []span{{0, 100}}, true},
		{"bytes=-1000", []span{{0, 100}}, true},
		{"bytes=-99999999999999999999999", []span{{0, 100}}, true},
		{"Bytes=0-0", []span{{0, 1}}, true},
		{"bytes= 0-0 ,\t5-6 ", []span{{0, 1}, {5, 7}}, true},
		{"bytes=,0-0,,", []span{{0, 1}}, true},
		{"bytes=0-0,-1", []span{{0, 1}, {99, 100}}, true},
		{"bytes=5-6,0-0", []span{{5, 7}, {0, 1}}, true}, // as they were asked for
		{"bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7", []span{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {6, 7}, {7, 8}}, true},
		{"bytes=0-0,100-200", []span{{0, 1}}, true}, // one of them can be satisfied

		// None can be satisfied: 416.
		{"bytes=100-", nil, false},
		{"bytes=100-200", nil, false},
		{"bytes=99999999999999999999999-", nil, false},
		{"bytes=-0", nil, false},
		{"bytes=100-,200-,-0", nil, false},

		// What is not valid, or a bomb, is not heeded.
		{"", whole, true},
		{"bytes", whole, true},
		{"bytes=", whole, true},
		{"bytes=,", whole, true},
		{"bytes=-", whole, true},
		{"bytes=5-4", whole, true},
		{"bytes=0-0,5-4", whole, true},
		{"bytes=a-b", whole, true},
		{"bytes=0x0-5", whole, true},
		{"bytes=+0-5", whole, true},
		{"bytes=0-5-6", whole, true},
		{"bytes=--5", whole, true},
		{"bytes=0 - 5", whole, true},
		{"bytes=0-0;5-6", whole, true},
		{"bytes =0-0", whole, true},
		{"lines=0-0", whole, true},
		{"bytes=0-,0-", whole, true},
		{"bytes=0-60,40-", whole, true},
		{"bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8", whole, true},
		{"bytes=" + strings.Repeat("100-,", 9), whole, true},
	} {
		if got, ok := rangesOf(c.field, 100); ok != c.ok || !slices.Equal(got, c.want) {
			t.Errorf("%q: got %v, %v, want %v, %v", c.field, got, ok, c.want, c.ok)
		}
	}
	if got, ok := rangesOf("bytes=0-", 0); !ok || got != nil {
		t.Errorf("of an empty body: got %v, %v", got, ok)
	}
}

func TestManyRangesCostNoCopyOfThePage(t *testing.T) {
	answer := page.Ready(tagged(`"abc"`, 1<<20))
	q := asking("Range: bytes=0-99,100-999999")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 10 {
		var r Reply
		if r.Set(q, &answer); r.Status != http.StatusPartialContent || r.Length() < 1_000_000 {
			t.Fatalf("got %d of %d bytes", r.Status, r.Length())
		}
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / 10; got > 20_000 {
		t.Errorf("%d bytes were allocated", got)
	}
}

// FuzzRanges compares with a reader that marks each byte that is asked for.
func FuzzRanges(f *testing.F) {
	for _, field := range []string{"bytes=0-5", "bytes=-3, 5-", "bytes=5-4", "bytes=99999999999999999999-,-0", "Bytes=0-0,,1-1\t"} {
		f.Add(field, uint8(10))
	}
	f.Fuzz(func(t *testing.T, field string, size uint8) {
		got, ok := rangesOf(field, int(size))
		want, wantOK := slowRanges(field, int(size))
		if ok != wantOK || !slices.Equal(got, want) {
			t.Fatalf("%q of %d: got %v, %v, want %v, %v", field, size, got, ok, want, wantOK)
		}
		sum := 0
		for _, s := range got {
			if s.start < 0 || s.start >= s.end || s.end > int(size) {
				t.Fatalf("%q of %d: got %v", field, size, got)
			}
			sum += s.end - s.start
		}
		if sum > int(size) || len(got) > mostRanges {
			t.Fatalf("%q of %d: %d bytes in %d parts", field, size, sum, len(got))
		}
	})
}

// slowRanges tries for each byte of the body whether it lies between two numbers of any length.
func slowRanges(field string, size int) (spans []span, ok bool) {
	if len(field) < 6 || strings.ToLower(field[:6]) != "bytes=" || size == 0 {
		return nil, true
	}
	asked, bytes := 0, 0
	for _, item := range strings.Split(field[6:], ",") {
		if item = strings.Trim(item, " \t"); item == "" {
			continue
		}
		asked++
		first, last, found := strings.Cut(item, "-")
		if !found || first+last == "" || strings.Trim(first+last, "0123456789") != "" {
			return nil, true
		}
		number := func(digits string, other int64) *big.Int {
			n, ok := new(big.Int).SetString(digits, 10)
			if !ok {
				return big.NewInt(other)
			}
			return n
		}
		from, to := number(first, 0), number(last, int64(size))
		if first == "" {
			from.Sub(big.NewInt(int64(size)), to)
			to = big.NewInt(int64(size))
		} else if from.Cmp(to) > 0 && last != "" {
			return nil, true
		}
		s := span{-1, -1}
		for at := range size {
			if n := big.NewInt(int64(at)); n.Cmp(from) >= 0 && n.Cmp(to) <= 0 {
				if s.start < 0 {
					s.start = at
				}
				s.end = at + 1
				bytes++
			}
		}
		if s.start >= 0 {
			spans = append(spans, s)
		}
	}
	switch {
	case asked == 0 || asked > mostRanges || bytes > size:
		return nil, true
	case len(spans) == 0:
		return nil, false
	}
	return spans, true
}
