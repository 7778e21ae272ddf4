package files

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"tinycdn/webserver/folder"
)

const (
	// atATime is how many files are opened or read for visitors at a time. Each takes a thread for as long as the disk has it
	// wait, and a disk that hangs would take all that the process may have, the nameserver's with them.
	atATime = 64
	// patience is how long a visitor waits for the disk to be free.
	patience = time.Second
)

// Disk is the way to their files for all sites of a POP. Nil lets any number of visitors in at a time.
type Disk struct {
	places chan struct{}
	open   func(in folder.Folder, name string) (*os.File, error)
}

// NewDisk is a disk that nobody reads from yet.
func NewDisk() *Disk {
	return &Disk{make(chan struct{}, atATime), folder.Folder.Open}
}

var errBusy = errors.New("other files keep the disk busy")

// enter takes a place, as soon as there is one, unless ctx ends before.
func (d *Disk) enter(ctx context.Context) error {
	if d == nil {
		return nil
	}
	select {
	case d.places <- struct{}{}:
		return nil
	default:
	}
	select {
	case d.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return errBusy
	}
}

func (d *Disk) leave() {
	if d != nil {
		<-d.places
	}
}

// open opens a file for a visitor. What has become a private key is not there.
func (s *Site) open(ctx context.Context, of folder.Folder, name string) (*os.File, fs.FileInfo, error) {
	d := s.config.Disk
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	if err := d.enter(ctx); err != nil {
		return nil, nil, err
	}
	defer d.leave()
	open := folder.Folder.Open
	if d != nil {
		open = d.open
	}
	in, err := open(of, name)
	if err != nil {
		return nil, nil, err
	}
	info, err := in.Stat()
	if err != nil || holdsKey(in) {
		in.Close()
		return nil, nil, fs.ErrNotExist
	}
	return in, info, nil
}

// queued is a file that takes a place only while it is read, not while a visitor takes what was read.
type queued struct {
	io.ReadSeeker
	ctx  context.Context
	disk *Disk
}

func (q *queued) Read(b []byte) (int, error) {
	if err := q.disk.enter(q.ctx); err != nil {
		return 0, err
	}
	defer q.disk.leave()
	return q.ReadSeeker.Read(b)
}
