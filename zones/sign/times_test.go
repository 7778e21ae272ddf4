package sign

import (
	"testing"
	"time"

	"github.com/miekg/dns"

	"tinycdn/zones/rr"
)

// TestSignaturesHaveTwoWeeksLeft: whatever the zone, the name and the time; and each is made anew every week, and not more often.
func TestSignaturesHaveTwoWeeksLeft(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"\x00", "\x07example\x00", "\x03org\x00", "\x01a\x02bc\x00"} {
		for _, owner := range []string{zone, "\x03www" + zone, "\x01*" + zone, "\x04mail" + zone} {
			last, changes := int64(0), 0
			for hour := range 60 * 24 {
				now := time.Unix(1_800_000_000+int64(hour)*3600, 0)
				e := epochsAt([]byte(zone), now)
				at := e.of([]byte(owner))
				if left := at + life - now.Unix(); left <= 14*day || left > 21*day {
					t.Fatalf("%q at %v: %d seconds left", owner, now, left)
				}
				if at > now.Unix() || e.last().After(now) || !e.next().After(now) || e.next().Sub(now) > day*time.Second {
					t.Fatalf("%q at %v: renewed at %d, last %v, next %v", owner, now, at, e.last(), e.next())
				}
				if at != last {
					changes++
				}
				last = at
			}
			if changes < 9 || changes > 10 {
				t.Errorf("%q is signed anew %d times in 60 days", owner, changes)
			}
		}
	}
}

// TestNamesAreSpreadOverTheWeek: so that a seventh of a zone changes each day.
func TestNamesAreSpreadOverTheWeek(t *testing.T) {
	t.Parallel()
	e := epochsAt(apex, time.Unix(1_800_000_000, 0))
	count := map[int64]int{}
	for a := range byte(26) {
		for b := range byte(26) {
			count[e.of([]byte{2, 'a' + a, 'a' + b, 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0})]++
		}
	}
	for at, n := range count {
		if len(count) != buckets || n < 60 || n > 140 {
			t.Errorf("%d names at %d", n, at)
		}
	}
}

func TestTimesBefore1970(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ n, want int64 }{{0, 0}, {day - 1, 0}, {day, 1}, {-1, -1}, {-day, -1}, {-day - 1, -2}} {
		if got := floor(c.n, day); got != c.want {
			t.Errorf("%d: got %d, want %d", c.n, got, c.want)
		}
	}
}

func TestSerialNumbersRiseWithRenewals(t *testing.T) {
	t.Parallel()
	renewed := time.Date(2026, 11, 30, 7, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		serial  uint32
		written bool
		want    uint32
	}{
		{1_700_000_000, false, uint32(renewed.Unix())}, // the files are older
		{uint32(renewed.Unix()) + 5, false, uint32(renewed.Unix()) + 5},
		{2026112903, true, 2026113000},
		{2026113003, true, 2026113003},
		{2026120100, true, 2026120100},
		{7, true, 7 + uint32(renewed.Unix()/day)},
		{4_294_967_295, true, uint32(renewed.Unix()/day) - 1},
	} {
		if got := Serial(c.serial, c.written, renewed); got != c.want {
			t.Errorf("%d, written %v: got %d, want %d", c.serial, c.written, got, c.want)
		}
	}
}

// TestBitmapsAreAsTheLibraryHasThem, and are read as they were meant.
func TestBitmapsAreAsTheLibraryHasThem(t *testing.T) {
	t.Parallel()
	for _, types := range [][]uint16{{1}, {1, 2, 6, 15, 46, 47, 48}, {1, 46, 47, 257}, {46, 47, 255, 256, 1234, 65280, 65535}} {
		data := appendTypes([]byte{0}, types)
		var wire [512]byte
		n, err := dns.PackRR(&dns.NSEC{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeNSEC, Class: 1}, NextDomain: ".", TypeBitMap: types}, wire[:], 0, nil, false)
		if err != nil || string(wire[11:n]) != string(data) {
			t.Errorf("%v: got %x, want %x", types, data, wire[11:n])
		}
		if got := rr.Types(data[1:]).All(); len(got) != len(types) {
			t.Errorf("%v: read as %v", types, got)
		}
	}
}
