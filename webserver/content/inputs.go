package content

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// inputs collects what a page is made of. Pages of the same inputs are the same.
type inputs struct {
	bytes  []byte
	newest time.Time
}

func (in *inputs) add(s stamp) {
	in.bytes = append(in.bytes, s.sum[:]...)
	if s.modified.After(in.newest) {
		in.newest = s.modified
	}
}

// text adds words. Each is preceded by its length, so that "ab", "c" is not "a", "bc".
func (in *inputs) text(words ...string) {
	for _, word := range words {
		in.bytes = binary.AppendUvarint(in.bytes, uint64(len(word)))
		in.bytes = append(in.bytes, word...)
	}
}

func (in *inputs) number(n int) { in.bytes = binary.AppendVarint(in.bytes, int64(n)) }

func (in *inputs) stamp() stamp {
	sum := sha256.Sum256(in.bytes)
	return stamp{[16]byte(sum[:]), in.newest}
}
