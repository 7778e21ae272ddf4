package zones

import "encoding/binary"

// A Zone is one zone's data, compiled into answers. It never changes.
type Zone struct {
	Apex  []byte   // wire form, lower case
	Files []string // what it was read from

	Names   int // that exist, empty non-terminals included
	Records int
	Serial  uint32

	image  image
	denial packed   // the SOA of negative answers
	maps   []string // names of the maps that geo names use, by their number in the image
}

// Bytes is the memory that the zone's answers take.
func (z *Zone) Bytes() int { return len(z.image.arena) + 8*len(z.image.slots) }

// GeoMap returns the map that gives a name's addresses, if one does, with their TTL in seconds. The name is in
// wire form and lower case.
func (z *Zone) GeoMap(name []byte) (geoMap string, ttl uint32, ok bool) {
	var buf [maxName + 9]byte
	if len(name) > maxName {
		return "", 0, false
	}
	copy(buf[:], name)
	q := Question{Name: &buf, NameLen: len(name)}
	q.split()
	apex := q.labels - countLabels(z.Apex)
	if apex < 0 || string(name[q.start[apex]:]) != string(z.Apex) {
		return "", 0, false
	}
	n, k := z.image.closest(&q, apex)
	if k > 0 && n.flags&isCut == 0 && n.flags&hasWildcard != 0 {
		n, k = z.image.node(n.wildcard), 0
	}
	if k > 0 || n.flags&isGeo == 0 {
		return "", 0, false
	}
	return z.maps[n.geoMap], n.geoTTL, true
}

// serialOf reads the serial number of an SOA.
func serialOf(soa []byte) uint32 {
	_, _, numbers := splitSOA(soa)
	return binary.BigEndian.Uint32(numbers)
}
