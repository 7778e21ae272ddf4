package geodns

import (
	"sync/atomic"
	"time"

	"tinycdn/geodns/wire"
	"tinycdn/geoip"
	"tinycdn/zones"
)

// cacheLine is what two cores cannot write to at once without waiting for each other; some fetch lines in pairs.
const cacheLine = 128

// counts is what one loop has counted. The loop alone writes, and anybody reads: no two loops share a line of a cache, and nothing is
// counted by what a client may make up. See Stats for what it means.
type counts struct {
	_         [cacheLine]byte
	questions atomic.Uint64 // packets, or reads of a connection
	dropped   atomic.Uint64
	asked     [2][Types][Rcodes]atomic.Uint64 // with a client subnet or without
	zones     [zones.Numbered][Rcodes]atomic.Uint64
	countries [geoip.MostCountries]atomic.Uint64
	took      [len(Bounds) + 1]atomic.Uint64
	total     atomic.Uint64 // of these times, in nanoseconds
	limited   struct{ truncated, badCookie, silent atomic.Uint64 }

	until uint8 // so many batches more, and one is measured; the loop's alone
	seen  uint8 // questions, of which one in so many is placed; the loop's alone
	_     [cacheLine]byte
}

// measured is of how many batches one has its time taken: the clock costs more than all that is counted.
const measured = 16

// Bounds are the upper ends of the histogram of times.
var Bounds = [...]time.Duration{
	1 * time.Microsecond, 2 * time.Microsecond, 5 * time.Microsecond, 10 * time.Microsecond, 20 * time.Microsecond,
	50 * time.Microsecond, 100 * time.Microsecond, 200 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond,
}

// start gives the time, if that of the batch that begins is to be taken; else zero.
func (c *counts) start() (begin time.Time) {
	if c.until--; c.until%measured == 0 {
		begin = time.Now()
	}
	return begin
}

// end notes how long n queries took together: each had to wait for all.
func (c *counts) end(begin time.Time, n int) {
	if begin.IsZero() {
		return
	}
	took, bucket := time.Since(begin), 0
	for bucket < len(Bounds) && took > Bounds[bucket] {
		bucket++
	}
	c.took[bucket].Add(uint64(n))
	c.total.Add(uint64(n) * uint64(took))
}

// count notes a query and what came of it: an RCODE, or silence.
func (c *counts) count(q *wire.Query, rcode int) {
	subnet, kind := 0, uint8(noType)
	if q.Subnet.Present {
		subnet = 1
	}
	if q.QuestionEnd > 0 {
		kind = kindOfType(q.Type)
	}
	c.asked[subnet][kind][kindOfRcode(rcode)].Add(1)
}

// placed is of how many questions the country and the name of one are looked up: it costs more than all that is counted.
const placed = 16

// drop notes what was no query. There is no reply.
func (l *Loop) drop(reply []byte) []byte {
	l.counts.dropped.Add(1)
	return reply[:0]
}

// countAnswer notes a question that was looked up in a zone, by the zone's number, and now and then for whom and by what name. Its name,
// as it was asked for, is at the beginning of asked.
func (l *Loop) countAnswer(out *zones.Outcome, q *zones.Question, asked []byte) {
	l.counts.zones[out.Zone][kindOfRcode(int(out.Rcode))].Add(1)
	if l.counts.seen++; l.counts.seen%placed != 0 {
		return
	}
	if names := l.names.Load(); names != nil && out.Rcode == wire.NoError {
		names.count(asked, q.Owner)
	}
	if l.country == nil {
		return
	}
	block := q.Client.Resolver
	if q.Client.HasSubnet {
		block = q.Client.Subnet
	}
	l.counts.countries[l.country(block)].Add(placed)
}

// silence is no reply at all, in place of an RCODE.
const silence = -1

// Rcodes is how many kinds of reply are told apart.
const Rcodes = 14

// RcodeNames are what they are called.
var RcodeNames = [Rcodes]string{
	"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH",
	"BADVERS", "BADCOOKIE", "silence", "other",
}

func kindOfRcode(rcode int) int {
	switch {
	case rcode >= 0 && rcode <= wire.NotAuth: // RFC 1035, 2136
		return rcode
	case rcode == wire.BadVers:
		return 10
	case rcode == wire.BadCookie:
		return 11
	case rcode == silence:
		return 12
	}
	return 13
}

// TypeNames are the types that are told apart. All others are the first: who asks for them may choose among 65,536.
var TypeNames = [...]string{
	"other", "A", "NS", "CNAME", "SOA", "PTR", "HINFO", "MX", "TXT", "AAAA", "LOC", "SRV", "NAPTR", "DNAME", "DS", "SSHFP", "RRSIG", "NSEC",
	"DNSKEY", "NSEC3PARAM", "TLSA", "CDS", "CDNSKEY", "SVCB", "HTTPS", "IXFR", "AXFR", "ANY", "CAA", "none",
}

// Types is how many that are.
const Types = len(TypeNames)

// noType is a query without a question.
const noType = Types - 1

// typeNumbers are theirs (IANA, Resource Record TYPEs).
var typeNumbers = [Types]uint16{
	0, 1, 2, 5, 6, 12, 13, 15, 16, 28, 29, 33, 35, 39, 43, 44, 46, 47, 48, 51, 52, 59, 60, 64, 65, 251, 252, 255, 257, 0,
}

// kindsOfTypes gives the place of each type in these lists.
var kindsOfTypes = func() (kinds [258]uint8) {
	for i, number := range typeNumbers[:noType] {
		kinds[number] = uint8(i)
	}
	return kinds
}()

func kindOfType(typ uint16) uint8 {
	if int(typ) < len(kindsOfTypes) {
		return kindsOfTypes[typ]
	}
	return 0
}
