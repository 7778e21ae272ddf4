package geoip

// The pieces that Spec.Divide is asked about have so many bits. IPv4 has 65,536 of them, which is the most that its runs may grow
// by. Of IPv6 there are too many for that: only what a database knows is divided, and there no network into more than 2^widePieces.
const (
	pieceV4, pieceV6 = 16, 32
	widePieces       = 4
)

// divide adds space of one value, in pieces if the spec has them. known says whether a database knows it.
func (o *output) divide(first, last addr, value uint16, known bool) {
	length := pieceV4
	if !o.v4 {
		length = min(pieceV6, common(first, last)+widePieces)
	}
	if o.spec.Divide == nil || !o.v4 && !known {
		o.add(first, last, value)
		return
	}
	for at := first; ; {
		piece := at.first(length)
		end := at.last(length)
		if !end.less(last) {
			end = last
		}
		o.add(at, end, o.spec.Divide(value, Block{Hi: piece.hi, Bits: uint8(length), V4: o.v4}))
		if end == last {
			return
		}
		at = end.next()
	}
}
