package steer

import (
	"encoding/binary"
	"errors"
	"math"

	"tinycdn/geoip"
)

// AppendTo appends what was made of the map's rules and the databases, as Restore reads it.
func (m *Map) AppendTo(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(m.Orders)))
	for _, order := range m.Orders {
		b = append(append(b, byte(len(order))), order...)
	}
	b = binary.AppendUvarint(b, uint64(len(m.Sent)))
	for _, s := range m.Sent {
		b = append(binary.LittleEndian.AppendUint16(b, uint16(s.Cell)), s.POP)
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(s.Addresses))
	}
	return m.Table.AppendTo(b)
}

// sentOctets is how long each of Sent is where it is kept.
const sentOctets = 2 + 1 + 4

var errKept = errors.New("no table of a map")

// Restore makes maps of rules as Compile does, without a database: of what AppendTo has kept of maps by the same rules and POPs. It
// gives the rest of b.
func Restore(pops []POP, rules []Rules, b []byte) ([]*Map, []byte, error) {
	maps, _ := prepare(pops, rules)
	for _, m := range maps {
		orders, rest, err := readOrders(b, len(m.POPs))
		if err != nil || int(m.Default) >= len(orders) {
			return nil, nil, errKept
		}
		if m.Sent, rest, err = readSent(rest, len(m.POPs)); err != nil {
			return nil, nil, err
		}
		if m.Table, b, err = geoip.ReadPacked(rest, len(orders)); err != nil {
			return nil, nil, err
		}
		m.Orders, m.policy.orders, m.policy.shared = orders, nil, nil
	}
	return maps, b, nil
}

// readOrders reads orders of so many POPs.
func readOrders(b []byte, pops int) (orders [][]uint8, rest []byte, err error) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)) {
		return nil, nil, errKept
	}
	b = b[size:]
	for range n {
		if len(b) == 0 || len(b) <= int(b[0]) || b[0] == 0 {
			return nil, nil, errKept
		}
		order := append([]uint8(nil), b[1:][:b[0]]...)
		seen := [256]bool{}
		for _, pop := range order {
			if int(pop) >= pops || seen[pop] {
				return nil, nil, errKept
			}
			seen[pop] = true
		}
		orders, b = append(orders, order), b[1+len(order):]
	}
	return orders, b, nil
}

// readSent reads what is sent to so many POPs.
func readSent(b []byte, pops int) (sent []Sent, rest []byte, err error) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)/sentOctets) {
		return nil, nil, errKept
	}
	b = b[size:]
	if len(b) < int(n)*sentOctets {
		return nil, nil, errKept
	}
	for range n {
		s := Sent{geoip.Cell(binary.LittleEndian.Uint16(b)), b[2], math.Float32frombits(binary.LittleEndian.Uint32(b[3:]))}
		if int(s.POP) >= pops || !s.Cell.Valid() || !(s.Addresses > 0 && s.Addresses <= 1<<32) {
			return nil, nil, errKept
		}
		sent, b = append(sent, s), b[sentOctets:]
	}
	return sent, b, nil
}
