package wire

import (
	"encoding/binary"
	"net/netip"
)

// Told is what a reply tells, as far as a log of queries has it.
type Told struct {
	Rcode     int // with the upper bits that OPT has
	Truncated bool
	HasSubnet bool
	Scope     uint8      // SCOPE PREFIX-LENGTH, with a client subnet
	First     netip.Addr // the first address among the answers; not valid: there is none
}

// ReadReply reads a reply, and says whether it is one as a whole.
func ReadReply(msg []byte) (t Told, ok bool) {
	if len(msg) < HeaderLen {
		return t, false
	}
	t.Rcode, t.Truncated = int(msg[3]&0x0f), msg[2]&0x02 != 0
	at := HeaderLen
	for range binary.BigEndian.Uint16(msg[4:]) {
		if at = skipName(msg, at); at == 0 || at+4 > len(msg) {
			return t, false
		}
		at += 4
	}
	answers := int(binary.BigEndian.Uint16(msg[6:]))
	records := answers + int(binary.BigEndian.Uint16(msg[8:])) + int(binary.BigEndian.Uint16(msg[10:]))
	for i := range records {
		if at = skipName(msg, at); at == 0 || at+10 > len(msg) {
			return t, false
		}
		data := at + 10
		end := data + int(binary.BigEndian.Uint16(msg[at+8:]))
		if end > len(msg) {
			return t, false
		}
		switch typ := binary.BigEndian.Uint16(msg[at:]); {
		case typ == TypeOPT && i >= answers:
			t.Rcode |= int(msg[at+4]) << 4
			t.readOptions(msg[data:end])
		case (typ == typeA && end-data == 4 || typ == typeAAAA && end-data == 16) && i < answers && !t.First.IsValid():
			t.First, _ = netip.AddrFromSlice(msg[data:end])
		}
		at = end
	}
	return t, at == len(msg)
}

const (
	typeA    = 1  // RFC 1035
	typeAAAA = 28 // RFC 3596
)

// readOptions looks for a client subnet.
func (t *Told) readOptions(opts []byte) {
	for len(opts) >= 4 {
		n := int(binary.BigEndian.Uint16(opts[2:]))
		if 4+n > len(opts) {
			return
		}
		if binary.BigEndian.Uint16(opts) == optionSubnet && n >= 4 {
			t.HasSubnet, t.Scope = true, opts[4+3]
		}
		opts = opts[4+n:]
	}
}
