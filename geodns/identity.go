package geodns

import (
	"bytes"

	"tinycdn/geodns/wire"
)

// Identity is what this server says of itself.
type Identity struct {
	Name    string // of the POP: for NSID (RFC 5001), id.server and hostname.bind (RFC 4892); at most 254 octets
	Version string // for version.bind; "": refused

	// Told is asked at each question for a name below tinycdn, such as generation.tinycdn, what is served: by the name before that, in
	// wire form and lower case, which it may not keep. It gives a text of at most 254 octets; "": refused. Nil is as if it always were.
	Told func(what []byte) string
}

// appendIdentity answers a question of class CH: who is this server (RFC 4892), and what does it run? It
// returns the RCODE and the number of records.
func (r *Responder) appendIdentity(reply []byte, q *wire.Query) ([]byte, int, uint16) {
	var text string
	switch string(q.Name[:q.NameLen]) {
	case "\x02id\x06server\x00", "\x08hostname\x04bind\x00":
		text = r.id.Name
	case "\x07version\x06server\x00", "\x07version\x04bind\x00", "\x07version\x07tinycdn\x00":
		text = r.id.Version
	default:
		if what, ok := bytes.CutSuffix(q.Name[:q.NameLen], []byte("\x07tinycdn\x00")); ok && r.id.Told != nil {
			text = r.id.Told(what)
		}
	}
	if text == "" {
		return reply, wire.Refused, 0
	}
	if q.Type != wire.TypeTXT && q.Type != wire.TypeANY {
		return reply, wire.NoError, 0
	}
	// The owner is a pointer to the question's name; TTL 0, and one string.
	reply = append(reply, 0xc0, wire.HeaderLen, 0, wire.TypeTXT, 0, wire.ClassCH, 0, 0, 0, 0, 0, byte(len(text)+1), byte(len(text)))
	return append(reply, text...), wire.NoError, 1
}
