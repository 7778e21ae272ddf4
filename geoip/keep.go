package geoip

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// AppendTo appends the table as ReadPacked reads it.
func (p *Packed) AppendTo(b []byte) []byte {
	for _, h := range []*packedHalf{&p.v4, &p.v6} {
		b = binary.AppendUvarint(b, uint64(h.runs))
		b = binary.AppendUvarint(b, uint64(len(h.octets)))
		b = append(b, h.octets...)
	}
	return b
}

// ReadPacked reads a table from the beginning of b, and gives the rest. Its values are below so many. What it takes is sound, whoever
// wrote it: each address has one value, as if Build had made it of some database.
func ReadPacked(b []byte, values int) (p *Packed, rest []byte, err error) {
	p = new(Packed)
	for _, h := range []*packedHalf{&p.v4, &p.v6} {
		runs, size := binary.Uvarint(b)
		octets, size2 := binary.Uvarint(b[max(size, 0):])
		if size <= 0 || size2 <= 0 || octets > uint64(len(b)-size-size2) || runs > octets {
			return nil, nil, errPacked
		}
		b = b[size+size2:]
		h.runs, h.octets, b = int(runs), bytes.Clone(b[:octets]), b[octets:]
		if err := h.check(values, h == &p.v4); err != nil {
			return nil, nil, err
		}
	}
	return p, b, nil
}

// check wants runs that hold all addresses, in their order.
func (h *packedHalf) check(values int, v4 bool) error {
	runs, before, value := 0, addr{}, uint16(0)
	u := h.unpack()
	for ; u.next(); runs++ {
		switch {
		case runs == 0 && u.first != (addr{}), runs > 0 && (!before.less(u.first) || value == u.value),
			v4 && (u.first.lo != 0 || u.first.hi<<32 != 0), u.value == embedded && v4,
			u.value != embedded && u.value != Reserved && int(u.value) >= min(values, int(MaxValue)+1):
			return errPacked
		case runs > 0 && value == embedded && !isEmbedding(before, u.first.prev()):
			return errPacked
		}
		before, value = u.first, u.value
	}
	if u.err != nil || runs == 0 || runs != h.runs || value == embedded {
		return errPacked
	}
	return nil
}

// isEmbedding says whether two addresses are the ends of space that embeds IPv4.
func isEmbedding(first, last addr) bool {
	return slices.ContainsFunc(special6, func(s special) bool {
		from := addrOf(s.prefix.Addr())
		return s.kind == embedding && from == first && from.last(s.prefix.Bits()) == last
	})
}
