package store

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// standstill is how long whoever reads along waits for a content that does not come, or does not go on.
const standstill = 30 * time.Second

// Reader reads what is left of a content from p.Have on, also while it is still arriving: it waits for what is not there yet,
// until ctx ends, or nothing comes for half a minute. One of which the rest does not arrive ends with io.ErrUnexpectedEOF.
func (s *Store) Reader(ctx context.Context, p Part) (io.ReadCloser, error) {
	file, a, err := s.open(ctx, p.Hash)
	if err != nil {
		return nil, err
	}
	if _, err := file.Seek(p.Have, io.SeekStart); err != nil {
		file.Close()
		return nil, err
	}
	return &follower{Store: s, ctx: ctx, file: file, arrival: a, at: p.Have, size: p.Size}, nil
}

// open opens a content, or what there is of one that is arriving, once it is.
func (s *Store) open(ctx context.Context, h manifest.Hash) (*os.File, *arrival, error) {
	late := time.NewTimer(standstill)
	defer late.Stop()
	for {
		s.mu.Lock()
		a, changed := s.arriving[h], s.changed
		s.mu.Unlock()
		path := s.blob(h)
		if a != nil {
			path = s.beginning(h)
		}
		switch file, err := os.Open(path); {
		case err == nil:
			return file, a, nil
		case !isGone(err):
			return nil, nil, err
		case a != nil:
			continue // it has arrived meanwhile, or has not begun to be written
		}
		select {
		case <-changed:
		case <-late.C:
			return nil, nil, fmt.Errorf("%v is not here, and does not come", h)
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
}

type follower struct {
	*Store
	ctx      context.Context
	file     *os.File
	arrival  *arrival // nil: it is there as a whole
	at, size int64
}

func (f *follower) Close() error { return f.file.Close() }

func (f *follower) Read(b []byte) (int, error) {
	if f.at == f.size {
		return 0, io.EOF
	}
	there, err := f.wait()
	if err != nil {
		return 0, err
	}
	n, err := f.file.Read(b[:min(int64(len(b)), there-f.at)])
	f.at += int64(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// wait gives how many octets are there, once they are more than have been read.
func (f *follower) wait() (int64, error) {
	if f.arrival == nil {
		return f.size, nil
	}
	late := time.NewTimer(standstill)
	defer late.Stop()
	for {
		f.mu.Lock()
		length, ended, changed := f.arrival.length, f.arrival.ended, f.arrival.changed
		f.mu.Unlock()
		switch {
		case length > f.at:
			return length, nil
		case ended:
			return 0, io.ErrUnexpectedEOF
		}
		select {
		case <-changed:
		case <-late.C:
			return 0, io.ErrUnexpectedEOF
		case <-f.ctx.Done():
			return 0, f.ctx.Err()
		}
	}
}
