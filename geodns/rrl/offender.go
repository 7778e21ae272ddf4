package rrl

import (
	"encoding/binary"
	"net/netip"
	"time"

	"tinycdn/geoip"
)

// An Offender is who asks more than the limit.
type Offender struct {
	Network netip.Prefix // or one address
	Rate    int          // queries a second, at this loop alone
}

// tellEvery is how often a loop tells of one.
const tellEvery = time.Second

// worst is who was most over the limit since a time.
type worst struct {
	block   geoip.Block
	bits    uint8
	queries uint32 // in the time constant; 0: nobody
	since   time.Duration
}

func (l *Limiter) note(client geoip.Block, bits uint8, queries uint32) {
	w := &l.worst
	if w.queries == 0 {
		w.since = l.at
	}
	if queries > w.queries {
		w.block, w.bits, w.queries = client, bits, queries
	}
}

// tellWorst tells of the worst, if there was one for so long, and begins anew.
func (l *Limiter) tellWorst(least time.Duration) {
	w := &l.worst
	if w.queries == 0 || l.at-w.since < least {
		return
	}
	l.tell(Offender{Network: prefixOf(w.block, w.bits), Rate: int(float64(w.queries) / l.constant.Seconds())})
	w.queries = 0
}

func prefixOf(b geoip.Block, bits uint8) netip.Prefix {
	var octets [16]byte
	binary.BigEndian.PutUint64(octets[:], b.Hi)
	addr := netip.AddrFrom16(octets)
	if b.V4 {
		addr = netip.AddrFrom4([4]byte(octets[:4]))
	}
	p, _ := addr.Prefix(int(bits)) // no longer than the address is
	return p
}
