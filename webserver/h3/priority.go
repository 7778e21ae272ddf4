package h3

import (
	"bytes"
	"strings"
)

// usual is the urgency of a request that says nothing (RFC 9218, 4.1).
const usual = 3

// priority is that of the answer. Of a client that has never had a Priority nobody knows what it would like best: its answers share the
// line, as http3 has it. To one that has, RFC 9218, 4 applies.
func (x *Exchange) priority(peer *Peer) (urgency int8, incremental bool) {
	if x.plain.Priority == nil {
		return usual, !peer.ranks.Load()
	}
	if !peer.ranks.Load() {
		peer.ranks.Store(true)
	}
	return priorityOf(x.plain.Priority)
}

// priorityOf reads a Priority field: a dictionary, of which u and i count (RFC 9218, 4; RFC 9651, 3.2). One with a string in it, which
// might hold a comma, is as good as none.
func priorityOf(value []byte) (urgency int8, incremental bool) {
	urgency = usual
	if bytes.IndexByte(value, '"') >= 0 {
		return urgency, false
	}
	for more := true; more; {
		var member []byte
		member, value, more = bytes.Cut(value, []byte(","))
		member, _, _ = bytes.Cut(bytes.Trim(member, " \t"), []byte(";"))
		switch item := string(member); {
		case strings.HasPrefix(item, "u=") && len(item) == 3 && item[2] >= '0' && item[2] <= '7':
			urgency = int8(item[2] - '0')
		case item == "i", item == "i=?1":
			incremental = true
		case item == "i=?0":
			incremental = false
		}
	}
	return urgency, incremental
}
