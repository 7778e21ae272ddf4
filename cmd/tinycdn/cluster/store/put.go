package store

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// patience is how long a content may stand still that somebody is sending, before another who sends it takes over: the first is a
// laptop that was closed.
const patience = 10 * time.Second

// arrival is a content that somebody is sending. Others may read what there is of it.
type arrival struct {
	file    *os.File
	changed chan struct{} // is closed when there is more, or no more comes
	length  int64
	ended   bool
}

// begun is how much there is of a content that has not arrived as a whole.
func (s *Store) begun(h manifest.Hash) int64 {
	info, err := os.Lstat(s.beginning(h))
	if err != nil {
		return 0
	}
	return info.Size()
}

func (s *Store) beginning(h manifest.Hash) string {
	return filepath.Join(s.dir, "arriving", h.String())
}

// Put takes what is left of a content, from what is there of it on: p.Have octets. What has come stays when the rest does not,
// so that the next Put goes on there. What turns out to be something else is thrown away. Where somebody else is sending the
// same, it waits for that.
func (s *Store) Put(p Part, rest io.Reader) error {
	a, err := s.begin(p)
	if err != nil {
		return err
	}
	if a == nil {
		_, err := io.Copy(io.Discard, rest)
		return err
	}
	defer a.file.Close()
	defer s.end(p.Hash, a)
	sum := sha256.New()
	if n, err := io.Copy(sum, io.LimitReader(a.file, p.Have)); err != nil || n != p.Have {
		return fmt.Errorf("of %v there are %d octets, not %d: %w", p.Hash, n, p.Have, err)
	}
	if err := a.file.Truncate(p.Have); err != nil { // who began may have sent more, or something else
		return err
	}
	n, err := io.Copy(io.MultiWriter(a.file, sum, &growing{s, a}), io.LimitReader(rest, p.Size-p.Have))
	switch {
	case err != nil:
		return err
	case p.Have+n < p.Size:
		return io.ErrUnexpectedEOF
	}
	return s.finish(p, a, sum)
}

// finish makes what has arrived one of the contents, if it is the one that it should be.
func (s *Store) finish(p Part, a *arrival, sum hash.Hash) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.ended {
		return errTakenOver
	}
	if got := manifest.Hash(sum.Sum(nil)); got != p.Hash {
		os.Remove(a.file.Name())
		return fmt.Errorf("what came as %v is %v", p.Hash, got)
	}
	if err := os.MkdirAll(filepath.Dir(s.blob(p.Hash)), 0o750); err != nil {
		return err
	}
	if err := os.Rename(a.file.Name(), s.blob(p.Hash)); err != nil {
		return err
	}
	info, err := os.Lstat(s.blob(p.Hash))
	if err == nil {
		s.stamps[p.Hash] = stampOf(info)
		s.used += info.Size()
	}
	delete(s.asked, p.Hash)
	return err
}

// begin makes sure that nobody else writes the same content. It gives nil for one that has arrived meanwhile.
func (s *Store) begin(p Part) (*arrival, error) {
	for {
		a, other, changed, err := s.tryBegin(p)
		if other == nil {
			return a, err
		}
		stands := time.NewTimer(patience)
		select {
		case <-changed:
		case <-stands.C:
			if err := s.takeOver(p.Hash, other); err != nil {
				return nil, err
			}
		}
		stands.Stop()
	}
}

func (s *Store) tryBegin(p Part) (a, other *arrival, changed chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if other = s.arriving[p.Hash]; other != nil {
		return nil, other, other.changed, nil
	}
	if s.Has(p.Hash) {
		return nil, nil, nil, nil
	}
	if there := s.begun(p.Hash); p.Have < 0 || p.Have > there || p.Have > p.Size {
		return nil, nil, nil, fmt.Errorf("of %v there are %d octets, not %d of %d", p.Hash, there, p.Have, p.Size)
	}
	// It may be a key. Who may read it is decided when it is in a tree.
	file, err := os.OpenFile(s.beginning(p.Hash), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, nil, err
	}
	a = &arrival{file: file, changed: make(chan struct{}), length: p.Have}
	s.arriving[p.Hash] = a
	s.tell()
	return a, nil, nil, nil
}

var errTakenOver = errors.New("somebody else went on with this, as nothing came for a while")

// takeOver ends an arrival that stands still. What has come goes on in another file: the first may still be written to.
func (s *Store) takeOver(h manifest.Hash, a *arrival) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.ended {
		return nil
	}
	s.endLocked(h, a)
	beside := s.beginning(h) + ".new"
	if err := os.Remove(beside); err != nil && !isGone(err) {
		return err
	}
	if err := copyFile(beside, s.beginning(h)); err != nil {
		return err
	}
	return os.Rename(beside, s.beginning(h))
}

// end wakes whoever waits for more.
func (s *Store) end(h manifest.Hash, a *arrival) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !a.ended {
		s.endLocked(h, a)
	}
}

func (s *Store) endLocked(h manifest.Hash, a *arrival) {
	delete(s.arriving, h)
	a.ended = true
	close(a.changed)
	s.tell()
}

// tell wakes whoever waits for a content that was neither there nor arriving.
func (s *Store) tell() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// growing tells whoever reads along that there is more.
type growing struct {
	store *Store
	*arrival
}

func (g *growing) Write(b []byte) (int, error) {
	g.store.mu.Lock()
	defer g.store.mu.Unlock()
	if g.ended {
		return 0, errTakenOver
	}
	g.length += int64(len(b))
	close(g.changed)
	g.changed = make(chan struct{})
	return len(b), nil
}
