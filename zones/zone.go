package zones

import "encoding/binary"

// A Zone is one zone's data, compiled into answers. It never changes.
type Zone struct {
	Apex []byte // wire form, lower case

	Names   int // that exist, empty non-terminals included
	Records int
	Serial  uint32

	image  image
	denial packed   // the SOA of negative answers
	maps   []string // names of the maps that geo names use, by their number in the image
}

// serialOf reads the serial number of an SOA.
func serialOf(soa []byte) uint32 {
	_, _, numbers := splitSOA(soa)
	return binary.BigEndian.Uint32(numbers)
}
