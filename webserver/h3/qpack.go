package h3

import "tinycdn/webserver/huffman"

// block is a packed header that is still to be read (RFC 9204, 4.5). There is no dynamic table: we have not allowed the client one.
type block struct {
	rest []byte
	text []byte // where what was packed with Huffman's code is written
}

// begin reads the prefix of a block that needs no dynamic table (RFC 9204, 4.5.1).
func (b *block) begin() bool {
	if len(b.rest) < 2 || b.rest[0] != 0 || b.rest[1]&0x7f != 0 {
		return false
	}
	// Its sign means nothing in a block that needs no dynamic table; the decoder of http3 passes over it, too.
	b.rest = b.rest[2:]
	return true
}

// next reads a field. What it gives are parts of the block, or of text, and hold as long as both.
func (b *block) next() (name, value []byte, ok bool) {
	first := b.rest[0]
	switch {
	case first&0xc0 == 0xc0: // RFC 9204, 4.5.2: indexed, static
		at, ok := b.number(6)
		if !ok || at >= len(static) {
			return nil, nil, false
		}
		return static[at].name, static[at].value, true
	case first&0xd0 == 0x50: // RFC 9204, 4.5.4: a literal whose name is in the static table
		at, ok := b.number(4)
		if !ok || at >= len(static) {
			return nil, nil, false
		}
		value, ok = b.string(7)
		return static[at].name, value, ok
	case first&0xe0 == 0x20: // RFC 9204, 4.5.6: a literal with a literal name
		if name, ok = b.string(3); !ok {
			return nil, nil, false
		}
		value, ok = b.string(7)
		return name, value, ok
	}
	return nil, nil, false
}

// number reads an integer that begins in the lowest bits of an octet (RFC 7541, 5.1). One that no block could hold is none.
func (b *block) number(bits int) (n int, ok bool) {
	if len(b.rest) == 0 {
		return 0, false
	}
	most := 1<<bits - 1
	n = int(b.rest[0]) & most
	b.rest = b.rest[1:]
	if n < most {
		return n, true
	}
	for shift := 0; shift < 21 && len(b.rest) > 0; shift += 7 {
		octet := b.rest[0]
		b.rest = b.rest[1:]
		n += int(octet&0x7f) << shift
		if octet&0x80 == 0 {
			return n, n <= longestFrame
		}
	}
	return 0, false
}

// string reads a text whose length begins in the lowest bits of an octet, with the bit above them for Huffman's code (RFC 9204, 4.1.2).
func (b *block) string(bits int) (s []byte, ok bool) {
	if len(b.rest) == 0 {
		return nil, false
	}
	packed := b.rest[0]&(1<<bits) != 0
	n, ok := b.number(bits)
	if !ok || n > len(b.rest) {
		return nil, false
	}
	s, b.rest = b.rest[:n:n], b.rest[n:]
	if !packed {
		return s, true
	}
	begin := len(b.text)
	text, ok := huffman.AppendDecoded(b.text, s)
	if !ok {
		return nil, false
	}
	b.text = text
	return text[begin:], true
}
