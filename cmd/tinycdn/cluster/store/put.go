package store

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// arrival is a content that somebody is sending. Others may read what there is of it.
type arrival struct {
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
// so that the next Put goes on there. What turns out to be something else is thrown away.
func (s *Store) Put(p Part, rest io.Reader) error {
	file, err := os.OpenFile(s.beginning(p.Hash), os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return err
	}
	defer file.Close()
	a, err := s.begin(p)
	if err != nil {
		return err
	}
	defer s.end(p.Hash, a)
	sum := sha256.New()
	if n, err := io.Copy(sum, io.LimitReader(file, p.Have)); err != nil || n != p.Have {
		return fmt.Errorf("of %v there are %d octets, not %d: %w", p.Hash, n, p.Have, err)
	}
	n, err := io.Copy(io.MultiWriter(file, sum, &growing{s, a}), io.LimitReader(rest, p.Size-p.Have))
	switch {
	case err != nil:
		return err
	case p.Have+n < p.Size:
		return io.ErrUnexpectedEOF
	}
	return s.finish(p, file, sum)
}

// finish makes what has arrived one of the contents, if it is the one that it should be.
func (s *Store) finish(p Part, file *os.File, sum hash.Hash) error {
	if got := manifest.Hash(sum.Sum(nil)); got != p.Hash {
		os.Remove(file.Name())
		return fmt.Errorf("what came as %v is %v", p.Hash, got)
	}
	if err := os.MkdirAll(filepath.Dir(s.blob(p.Hash)), 0o750); err != nil {
		return err
	}
	return os.Rename(file.Name(), s.blob(p.Hash))
}

// begin makes sure that nobody else writes the same content.
func (s *Store) begin(p Part) (*arrival, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.arriving[p.Hash] != nil:
		return nil, fmt.Errorf("%v is arriving already", p.Hash)
	case p.Have > s.begun(p.Hash) || p.Have > p.Size || p.Size < 0:
		return nil, fmt.Errorf("of %v there are %d octets, not %d of %d", p.Hash, s.begun(p.Hash), p.Have, p.Size)
	}
	a := &arrival{changed: make(chan struct{}), length: p.Have}
	s.arriving[p.Hash] = a
	s.tell()
	return a, nil
}

// end wakes whoever waits for more.
func (s *Store) end(h manifest.Hash, a *arrival) {
	s.mu.Lock()
	defer s.mu.Unlock()
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
	g.length += int64(len(b))
	close(g.changed)
	g.changed = make(chan struct{})
	return len(b), nil
}
