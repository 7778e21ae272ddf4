package geoip

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"io"
)

// Sum is a hash of what the table says of every address. The same databases and rules give the same.
func (t *Table) Sum() [sha256.Size]byte {
	all := sha256.New()
	buffer := bufio.NewWriterSize(all, 1<<16) // never fails
	t.v4.writeTo(buffer)
	t.v6.writeTo(buffer)
	buffer.Flush()
	return [sha256.Size]byte(all.Sum(nil))
}

func (h *half) writeTo(w io.Writer) {
	var b [18]byte
	for i, start := range h.starts {
		binary.LittleEndian.PutUint64(b[:], start)
		binary.LittleEndian.PutUint16(b[8:], h.values[i])
		w.Write(b[:10])
	}
	for _, f := range h.fine {
		binary.LittleEndian.PutUint64(b[:], f.lo)
		binary.LittleEndian.PutUint32(b[8:], f.run)
		binary.LittleEndian.PutUint16(b[12:], f.value)
		w.Write(b[:14])
	}
	binary.LittleEndian.PutUint64(b[:], uint64(len(h.starts)))
	binary.LittleEndian.PutUint64(b[8:], uint64(len(h.fine)))
	w.Write(b[:16])
}
