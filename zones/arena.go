package zones

// arena is memory that grows without moving. An offset of 0 is never given out.
type arena struct {
	list [][]byte
	used int  // of the last one
	full bool // offsets have come to their end; what was taken since is lost
}

const arenaBits = 18

// alloc gives out n octets.
func (a *arena) alloc(n int) (at uint32, b []byte) {
	if len(a.list) == 0 || a.used+n > 1<<arenaBits {
		if len(a.list) == 1<<(32-arenaBits) {
			a.full = true
			return 0, make([]byte, n)
		}
		a.list = append(a.list, make([]byte, 1<<arenaBits))
		a.used = 1
	}
	b = a.list[len(a.list)-1][a.used : a.used+n]
	at = uint32((len(a.list)-1)<<arenaBits | a.used)
	a.used += n
	return at, b
}

// at gives what was given out at an offset, and what follows.
func (a *arena) at(at uint32) []byte {
	return a.list[at>>arenaBits][at&(1<<arenaBits-1):]
}

// bytes is how much has been taken, about.
func (a *arena) bytes() int {
	if len(a.list) == 0 {
		return 0
	}
	return (len(a.list)-1)<<arenaBits + a.used
}
