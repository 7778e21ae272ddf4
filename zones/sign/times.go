package sign

import (
	"hash/fnv"
	"time"

	"tinycdn/zones/rr"
)

// Times of signatures come from the clock's epochs alone, so that all who sign a zone come to the same without a word: the names are in seven
// buckets, and on each day one of these is signed anew, at a minute that is drawn from the zone's name. So a signature has 14 to 21
// days left. What is at the apex for the zone as a whole is signed anew each day.

const (
	buckets = 7
	day     = 24 * 60 * 60

	// before is how long a signature has been valid when it is made: a clock may be wrong by that.
	before = day
	// life is how long it then is valid. A secondary, or a resolver that serves it stale, may have it for two weeks (the SOA's expire: RFC
	// 6781, 4.4.2), and the bucket's turn comes after one.
	life = 21 * day

	// LongestTTL is the most that a TTL may be: resolvers keep records with signatures that are about to end.
	LongestTTL = day
)

// epochs are when the signatures of a zone begin.
type epochs struct {
	day    int64 // the number of the day of the last renewal
	minute int64 // of the zone, in seconds
}

// epochsAt are those at a time.
func epochsAt(apex []byte, now time.Time) (e epochs) {
	e.minute = int64(hashOf(apex)%(24*60)) * 60
	e.day = floor(now.Unix()-e.minute, day)
	return e
}

func floor(n, by int64) int64 {
	if n < 0 {
		return -((by - 1 - n) / by)
	}
	return n / by
}

// last is when some of the zone was renewed.
func (e epochs) last() time.Time { return time.Unix(e.day*day+e.minute, 0) }

// next is when some of it will be.
func (e epochs) next() time.Time { return e.last().Add(day * time.Second) }

// of is when the signatures of a name were renewed.
func (e epochs) of(owner []byte) int64 {
	bucket := int64(hashOf(owner) % buckets)
	return (e.day-(e.day+bucket)%buckets)*day + e.minute
}

// hashOf spreads names, in wire form and lower case. It may never change, or POPs of two versions would not agree.
func hashOf(name []byte) uint64 {
	h := fnv.New64a()
	h.Write(name)
	return h.Sum64()
}

// isDaily says whether a type is renewed each day.
func isDaily(typ uint16) bool {
	return typ == rr.TypeSOA || typ == rr.TypeDNSKEY || typ == rr.TypeCDS || typ == rr.TypeCDNSKEY
}

// Serial is the serial number of a signed zone: it rises with each renewal, and so secondaries and people notice. One that was
// written in a zone's file goes on from there: a date (YYYYMMDDnn) is raised to that of the renewal, to another number the days
// since 1970 are added.
func Serial(serial uint32, written bool, renewed time.Time) uint32 {
	date := uint32(renewed.UTC().Year()*1000000 + int(renewed.UTC().Month())*10000 + renewed.UTC().Day()*100)
	switch {
	case !written:
		if at := uint32(renewed.Unix()); int32(at-serial) > 0 {
			return at
		}
		return serial
	case serial >= 1970_01_01_00 && serial < 2100_00_00_00:
		return max(serial, date)
	}
	return serial + uint32(floor(renewed.Unix(), day))
}
