package rr

import "encoding/binary"

// SplitSOA takes an SOA's RDATA apart: its two names, and the five numbers behind them.
func SplitSOA(data []byte) (mname, rname, numbers []byte) {
	n := NameLen(data)
	m := n + NameLen(data[n:])
	return data[:n], data[n:m], data[m:]
}

// SerialOf reads the serial number of an SOA.
func SerialOf(soa []byte) uint32 {
	_, _, numbers := SplitSOA(soa)
	return binary.BigEndian.Uint32(numbers)
}
