package store

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// stamp is the state of a content's file when it was known to be what its name says. A write changes the time of its last change,
// and so does a link to it, after which it is stamped anew. What the disk forgets by itself, Verify finds.
type stamp struct {
	Size, Written, Changed int64 // mtime and ctime in nanoseconds since 1970
}

func stampOf(info fs.FileInfo) stamp {
	return stamp{info.Size(), info.ModTime().UnixNano(), changed(info).UnixNano()}
}

// sound gives the file of a content that is there and is what it should be; nil: there is none. It is read if its file is not as it
// was when that was last known. A damaged one is thrown away.
func (s *Store) sound(h manifest.Hash) (fs.FileInfo, error) {
	info, err := os.Lstat(s.blob(h))
	if isGone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if s.isStamped(h, info) {
		return info, nil
	}
	got, err := hashOf(s.blob(h), func(int) {})
	if err != nil {
		return nil, err
	}
	if got != h {
		return nil, s.discard(h)
	}
	s.stamp(h, info)
	return info, nil
}

// discard throws a damaged content away.
func (s *Store) discard(h manifest.Hash) error {
	s.mu.Lock()
	delete(s.stamps, h)
	s.counted = false
	s.mu.Unlock()
	if s.Damaged != nil {
		s.Damaged(h)
	}
	if err := os.Remove(s.blob(h)); !isGone(err) {
		return err
	}
	return nil
}

func (s *Store) isStamped(h manifest.Hash, info fs.FileInfo) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.stamps[h]
	return ok && at == stampOf(info)
}

func (s *Store) stamp(h manifest.Hash, info fs.FileInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stamps[h] = stampOf(info)
}

// keepStamped does something to a content's file that does not change what is in it.
func (s *Store) keepStamped(h manifest.Hash, do func() error) error {
	before, err := os.Lstat(s.blob(h))
	was := err == nil && s.isStamped(h, before)
	if err := do(); err != nil {
		return err
	}
	if after, err := os.Lstat(s.blob(h)); was && err == nil {
		s.stamp(h, after)
	}
	return nil
}

// hashOf reads a file; pace is told how much, each time.
func hashOf(path string, pace func(n int)) (h manifest.Hash, err error) {
	f, err := os.Open(path)
	if err != nil {
		return h, err
	}
	defer f.Close()
	sum, b := sha256.New(), make([]byte, 128<<10)
	for {
		n, err := f.Read(b)
		sum.Write(b[:n])
		pace(n)
		if err == io.EOF {
			return manifest.Hash(sum.Sum(nil)), nil
		}
		if err != nil {
			return h, err
		}
	}
}

// The stamps outlive a restart in a file, so that not all is read again: a hash and three numbers each.
func (s *Store) stampsText() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := make([]byte, 0, len(s.stamps)*stampSize)
	for h, at := range s.stamps {
		b = append(b, h[:]...)
		for _, n := range []int64{at.Size, at.Written, at.Changed} {
			b = binary.BigEndian.AppendUint64(b, uint64(n))
		}
	}
	return b
}

// stampSize is how long a stamp is in the file.
const stampSize = sha256.Size + 3*8

// keepStamps leaves it to the system when the stamps are on the disk: without them, or with half of one, contents are read again.
func (s *Store) keepStamps(text []byte) error {
	return replace(filepath.Join(s.dir, "checked"), text, 0o600)
}

func (s *Store) readStamps() {
	text, _ := os.ReadFile(filepath.Join(s.dir, "checked"))
	for one := range slices.Chunk(text, stampSize) {
		if len(one) < stampSize {
			return
		}
		number := func(i int) int64 { return int64(binary.BigEndian.Uint64(one[sha256.Size+8*i:])) }
		s.stamps[manifest.Hash(one[:sha256.Size])] = stamp{number(0), number(1), number(2)}
	}
}
