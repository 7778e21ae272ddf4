package sign

import (
	"bytes"
	"encoding/binary"
	"slices"

	"tinycdn/zones/records"
	"tinycdn/zones/rr"
)

// canonicalData is a record's data in canonical form (RFC 4034, 6.2; RFC 6840, 5.1): the names in it in lower case, but only in types that
// are as old as that rule.
func canonicalData(r *records.Record) []byte {
	switch r.Type {
	case rr.TypeNSAPPTR, rr.TypeTALINK, rr.TypeLP, rr.TypeSVCB, rr.TypeHTTPS:
		return r.Data
	}
	if _, names := records.NamesIn(records.Record{Type: r.Type, Data: r.Data}); names == 0 {
		return r.Data
	}
	return []byte(records.Caseless(*r))
}

// appendSigned appends what a signature of a set is made of (RFC 4034, 3.1.8.1): the data of its RRSIG up to the signature, then the
// records in order.
func appendSigned(b, rrsig, owner []byte, set []records.Record) []byte {
	b = append(b, rrsig...)
	data := make([][]byte, len(set))
	for i := range set {
		data[i] = canonicalData(&set[i])
	}
	slices.SortFunc(data, bytes.Compare)
	for _, d := range data {
		b = append(b, owner...)
		b = binary.BigEndian.AppendUint16(b, set[0].Type)
		b = append(b, 0, 1)
		b = binary.BigEndian.AppendUint32(b, set[0].TTL)
		b = binary.BigEndian.AppendUint16(b, uint16(len(d)))
		b = append(b, d...)
	}
	return b
}

// appendTypes appends types, which are in order, as the bitmaps of NSEC have them (RFC 4034, 4.1.2).
func appendTypes(b []byte, types []uint16) []byte {
	for len(types) > 0 {
		window := types[0] >> 8
		at := len(b)
		b = append(b, byte(window), 0)
		for len(types) > 0 && types[0]>>8 == window {
			bit := int(types[0] & 0xff)
			for len(b) <= at+2+bit/8 {
				b = append(b, 0)
			}
			b[at+2+bit/8] |= 0x80 >> (bit % 8)
			types = types[1:]
		}
		b[at+1] = byte(len(b) - at - 2)
	}
	return b
}

// NSEC is the data of an NSEC record, of types in order.
func NSEC(next []byte, types []uint16) []byte { return appendTypes(bytes.Clone(next), types) }
