package geoip

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"io"
)

// Sum is a hash of what the table says of every address. The same databases and rules give the same.
func (p *Packed) Sum() [sha256.Size]byte {
	all := sha256.New()
	buffer := bufio.NewWriterSize(all, 1<<16) // never fails
	p.v4.writeTo(buffer)
	p.v6.writeTo(buffer)
	buffer.Flush()
	return [sha256.Size]byte(all.Sum(nil))
}

// writeTo writes the runs, and behind them what is to be known of those that begin inside a /64.
func (h *packedHalf) writeTo(w io.Writer) {
	var b [18]byte
	var fine []fineRun
	run := uint32(0)
	for u := h.unpack(); u.next(); run++ {
		value := u.value
		if u.first.lo != 0 {
			fine = append(fine, fineRun{u.first.lo, run, value})
			value = fineMark
		}
		binary.LittleEndian.PutUint64(b[:], u.first.hi)
		binary.LittleEndian.PutUint16(b[8:], value)
		w.Write(b[:10])
	}
	for _, f := range fine {
		binary.LittleEndian.PutUint64(b[:], f.lo)
		binary.LittleEndian.PutUint32(b[8:], f.run)
		binary.LittleEndian.PutUint16(b[12:], f.value)
		w.Write(b[:14])
	}
	binary.LittleEndian.PutUint64(b[:], uint64(run))
	binary.LittleEndian.PutUint64(b[8:], uint64(len(fine)))
	w.Write(b[:16])
}
