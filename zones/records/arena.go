package records

// arena is memory that grows without moving, in pieces. An offset of 0 is never given out.
type arena struct {
	list  [][]byte
	used  int  // of the last one
	taken int  // in all
	full  bool // offsets have come to their end; what was taken since is lost
}

const (
	arenaBits = 18 // of an offset, within a piece; the others number the pieces
	// firstPiece is small: most zones are.
	firstPiece = 16 << 10
)

// reset takes back all that was given out, and keeps the first piece for more.
func (a *arena) reset() {
	if len(a.list) > 1 {
		clear(a.list[0])
		clear(a.list[1:])
		a.list = a.list[:1]
	} else if len(a.list) == 1 {
		clear(a.list[0][:a.used])
	}
	a.used, a.taken, a.full = 1, 0, false
}

// alloc gives out n octets.
func (a *arena) alloc(n int) (at uint32, b []byte) {
	if len(a.list) == 0 || a.used+n > len(a.list[len(a.list)-1]) {
		if len(a.list) == 1<<(32-arenaBits) {
			a.full = true
			return 0, make([]byte, n)
		}
		size := min(firstPiece<<(2*min(len(a.list), 10)), 1<<arenaBits) // each is larger, up to the largest
		a.list = append(a.list, make([]byte, max(size, 1+n)))
		a.used = 1
	}
	b = a.list[len(a.list)-1][a.used : a.used+n]
	at = uint32((len(a.list)-1)<<arenaBits | a.used)
	a.used += n
	a.taken += n
	return at, b
}

// at gives what was given out at an offset, and what follows.
func (a *arena) at(at uint32) []byte {
	return a.list[at>>arenaBits][at&(1<<arenaBits-1):]
}
