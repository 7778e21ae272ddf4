package sign

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"
)

// signatureLen is how long a signature by P-256 is (RFC 6605, 4).
const signatureLen = 64

// A Cache keeps signatures by what they are of, so that what is the same is not signed twice: a zone that is loaded again, the addresses of a
// POP that is back. It may be used by many at once.
type Cache struct {
	mu    sync.Mutex
	known map[made]signed
	swept time.Time // when those that nobody wants any more were dropped
}

// made is what a signature is made of: a key, and a hash of what it signs.
type made struct {
	digest [sha256.Size]byte
	key    uint64
}

type signed struct {
	signature [signatureLen]byte
	until     int64
}

// printOf tells a key from others.
func printOf(key []byte) uint64 {
	sum := sha256.Sum256(key)
	return binary.BigEndian.Uint64(sum[:])
}

func (c *Cache) find(m made) (s [signatureLen]byte, ok bool) {
	if c == nil {
		return s, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.known[m]
	return found.signature, ok
}

func (c *Cache) keep(m made, s [signatureLen]byte, until int64) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[made]signed{}
	}
	c.known[m] = signed{s, until}
}

// sweep drops signatures that are no longer made: one that is wanted has two weeks left.
func (c *Cache) sweep(now time.Time) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.swept).Abs() < time.Hour {
		return
	}
	c.swept = now
	for m, s := range c.known {
		if s.until < now.Unix()+life-(buckets+1)*day {
			delete(c.known, m)
		}
	}
}

// Len is how many signatures are kept.
func (c *Cache) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.known)
}
