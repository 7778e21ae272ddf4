package geodns

import "tinycdn/geodns/wire"

const (
	classIN = 1
	classCH = 3

	typeTXT  = 16
	typeTKEY = 249
	typeIXFR = 251
	typeAXFR = 252
	typeANY  = 255
)

// appendIdentity answers a question of class CH: who is this server (RFC 4892), and what does it run? It
// returns the RCODE and the number of records.
func (r *Responder) appendIdentity(reply []byte) ([]byte, int, uint16) {
	q := &r.query
	var says string
	switch string(q.Name[:q.NameLen]) {
	case "\x02id\x06server\x00", "\x08hostname\x04bind\x00":
		says = r.id.Name
	case "\x07version\x06server\x00", "\x07version\x04bind\x00":
		says = r.id.Version
	}
	if says == "" {
		return reply, wire.Refused, 0
	}
	if q.Type != typeTXT && q.Type != typeANY {
		return reply, wire.NoError, 0
	}
	reply = append(reply, 0xc0, wire.HeaderLen, 0, typeTXT, 0, classCH, 0, 0, 0, 0, 0, byte(len(says)+1), byte(len(says)))
	return append(reply, says...), wire.NoError, 1
}
