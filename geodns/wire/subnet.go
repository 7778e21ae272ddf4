package wire

import "encoding/binary"

// Families of an EDNS client subnet: IANA's address family numbers.
const (
	FamilyNone = 0 // with SOURCE 0: nothing is said of the client, as with SOURCE 0 of another family
	FamilyIPv4 = 1
	FamilyIPv6 = 2
)

// Subnet is the EDNS client subnet option of a query (RFC 7871, 6).
type Subnet struct {
	Present bool
	Family  uint8
	Source  uint8 // SOURCE PREFIX-LENGTH

	// The address, left-aligned: an IPv4 one in the top 32 bits of Hi. Bits beyond Source are zero.
	Hi, Lo uint64

	raw [20]byte // the option's data as it came, for the answer
	n   uint8
}

// read takes the option's data, and says whether it is what RFC 7871, 6 and 7.1.2 demand: a known
// family, SCOPE zero, just as many octets as SOURCE needs, and no bit beyond SOURCE.
func (s *Subnet) read(data []byte) bool {
	if len(data) < 4 || len(data) > len(s.raw) {
		return false
	}
	family := binary.BigEndian.Uint16(data)
	source, scope := data[2], data[3]
	longest := uint8(0)
	switch family {
	case FamilyNone:
	case FamilyIPv4:
		longest = 32
	case FamilyIPv6:
		longest = 128
	default:
		return false
	}
	if source > longest || scope != 0 || len(data)-4 != int(source+7)/8 {
		return false
	}
	var addr [16]byte
	copy(addr[:], data[4:])
	hi, lo := binary.BigEndian.Uint64(addr[:]), binary.BigEndian.Uint64(addr[8:])
	if source < 64 && (hi<<source != 0 || lo != 0) || source >= 64 && lo<<(source-64) != 0 {
		return false
	}
	s.Present, s.Family, s.Source, s.Hi, s.Lo = true, uint8(family), source, hi, lo
	s.n = uint8(copy(s.raw[:], data))
	return true
}
