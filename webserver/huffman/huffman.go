// Package huffman reads texts in the code that HTTP/2 and HTTP/3 pack headers with (RFC 7541, 5.2 and appendix B).
package huffman

import (
	"encoding/binary"
	"slices"
)

// AppendDecoded writes a text that was packed behind dst; false: it is not well packed. It allocates only where
// dst has not the room that the longest text of so many octets needs.
func AppendDecoded(dst, packed []byte) (text []byte, ok bool) {
	n := len(dst)
	text = slices.Grow(dst, len(packed)*8/shortest+1) // symbols come by twos, and the second may be none
	text = text[:cap(text)]
	bits, have := uint64(0), 0 // what comes next, from the highest bit on, and how much of it is there
	for {
		if len(packed) >= 8 {
			bits |= binary.BigEndian.Uint64(packed) >> have
			packed = packed[(63-have)>>3:]
			have |= 56
		} else {
			for ; have <= 56 && len(packed) > 0; packed = packed[1:] {
				bits |= uint64(packed[0]) << (56 - have)
				have += 8
			}
		}
		for have >= atOnce {
			p := &pairs[bits>>(64-atOnce)]
			if p.count == 0 {
				break
			}
			text[n], text[n+1] = p.symbols[0], p.symbols[1]
			n += int(p.count)
			bits <<= p.length & 63
			have -= int(p.length)
		}
		if have < longest && len(packed) > 0 {
			continue
		}
		if have == 0 {
			return text[:n], true
		}
		symbol, length := next(bits | ^uint64(0)>>have) // as if ones followed, of which the end's code is made
		if length > have {
			break
		}
		if symbol == end {
			return nil, false
		}
		text[n] = byte(symbol)
		n++
		bits <<= length
		have -= length
	}
	// RFC 7541, 5.2: the padding is less than an octet, of the first bits of the end's code.
	return text[:n], have < 8 && bits>>(64-have) == 1<<have-1
}

// next finds the symbol that comes next by its length: the codes of a length follow each other, behind all shorter ones.
func next(bits uint64) (symbol, length int) {
	for length = shortest; ; length++ {
		l := &lengths[length]
		if past := int(bits>>(64-length)) - l.first; past < len(l.symbols) {
			return int(l.symbols[past]), length
		}
	}
}
