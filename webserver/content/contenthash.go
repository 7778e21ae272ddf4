package content

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"tinycdn/webserver/page"
)

// contentHash tells what something was made of: the same inputs have the same sum.
type contentHash struct {
	sum      key
	modified time.Time // of the newest input's file; of one whose time says nothing, if there is such a one
}

func hashOf(data []byte, modified time.Time) contentHash {
	sum := sha256.Sum256(data)
	return contentHash{key(sum[:]), modified}
}

// inputs collects what a page is made of. Pages of the same inputs are the same.
type inputs struct {
	bytes  []byte
	newest time.Time
}

func (in *inputs) add(h contentHash) {
	in.bytes = append(in.bytes, h.sum[:]...)
	in.date(h.modified)
}

// date takes the time of something that the page is made of; zero: of nothing.
func (in *inputs) date(modified time.Time) {
	switch {
	case modified.IsZero(), !in.newest.IsZero() && page.IsOld(in.newest):
	case page.IsOld(modified), modified.After(in.newest):
		in.newest = modified
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

func (in *inputs) hash() contentHash { return hashOf(in.bytes, in.newest) }
