// Package upload takes in what visitors send to applications: it keeps the beginning of it before anybody is asked, holds
// the visitor to a least speed, and counts the memory that this takes.
package upload

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

const (
	// KeptBytes is how much of an upload there must be before the application is asked, unless it is shorter.
	KeptBytes = 64 << 10
	// Window is how much of an upload may come that nobody reads yet: 5 Mbit/s from 100 ms away, 26 from 20 ms.
	Window = 64 << 10
)

// Why an upload does not come to its end.
var (
	ErrSlow     = errors.New("the upload is too slow")
	ErrFull     = errors.New("there is no room for one more upload")
	ErrStopping = errors.New("the server stops")
	errLength   = errors.New("the upload is longer than it said")
	errEnded    = errors.New("the request has ended")
)

// Source is how an upload comes, and how its reading can be broken off.
type Source struct {
	Body            io.ReadCloser
	Length          int64                 // in bytes; -1: unknown
	SetReadDeadline func(time.Time) error // of Body; not called after End, as HTTP/2 has it
}

// Upload is the body of a request on its way to an application. End must follow.
type Upload struct {
	source Source
	pace   pace
	share  *Share

	mu     sync.Mutex
	kept   []byte // by mu: of the beginning, what the application may still read
	whole  bool   // by mu: there is nothing behind kept
	came   bool   // by mu: the end was read
	failed error  // by mu: why the reading was broken off
	ended  bool   // by mu: the handler has returned
}

// New takes in an upload. Its memory is counted in a share that is its own.
func New(source Source, share *Share) *Upload {
	u := &Upload{source: source, share: share}
	u.pace.late = func() { u.fail(ErrSlow) }
	source.SetReadDeadline(time.Time{}) // the pace is kept in another way
	return u
}

// Keep reads the beginning, or all of what is short. With an error of this package the request has to be answered by it, with any
// other the visitor has left or sends what is wrong. When stopping ends, it is not waited for any longer.
func (u *Upload) Keep(stopping context.Context) error {
	defer context.AfterFunc(stopping, func() { u.fail(ErrStopping) })()
	err := u.keep()
	if err != nil {
		u.fail(err) // else net/http would wait for the rest before it answers
	}
	return err
}

func (u *Upload) keep() error {
	var end [1]byte
	for len(u.kept) < KeptBytes || u.isComplete() {
		into := end[:]
		if !u.isComplete() {
			if len(u.kept) == cap(u.kept) && !u.grow() {
				return ErrFull
			}
			into = u.kept[len(u.kept):cap(u.kept)]
			if left := u.source.Length - int64(len(u.kept)); left > 0 {
				into = into[:min(int64(len(into)), left)]
			}
		}
		n, err := u.read(into)
		switch {
		case n > 0 && u.isComplete():
			return errLength
		case err != nil && err != io.EOF:
			return err
		}
		u.kept = u.kept[:len(u.kept)+n]
		if err == io.EOF {
			u.whole = true
			return nil
		}
	}
	if !u.share.take(Window) {
		return ErrFull
	}
	return nil
}

// isComplete says that all is there but the word that this is the end.
func (u *Upload) isComplete() bool { return int64(len(u.kept)) == u.source.Length }

// grow makes room for more of the beginning.
func (u *Upload) grow() bool {
	size := sizeAbove(cap(u.kept))
	if !u.share.take(int64(size - cap(u.kept))) {
		return false
	}
	larger := buffers.get(size)
	u.kept, larger = append(larger, u.kept...), u.kept
	buffers.put(larger)
	return true
}

// read reads from the visitor, whose speed counts as long as that takes.
func (u *Upload) read(p []byte) (int, error) {
	u.pace.begin()
	n, err := u.source.Body.Read(p)
	u.pace.end(n)
	if err == nil {
		return n, nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if err == io.EOF {
		u.came = true
	} else if u.failed != nil {
		err = u.failed
	}
	return n, err
}

// fail breaks the reading off.
func (u *Upload) fail(why error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.came && u.failed == nil {
		u.failed = why
		u.deadline(time.Unix(1, 0))
	}
}

// deadline is called with mu held.
func (u *Upload) deadline(t time.Time) {
	if !u.ended {
		u.source.SetReadDeadline(t)
	}
}

// Bound gives what is left of the upload its time, or if that is zero as much as its speed allows: while net/http reads on so
// that it can use a connection again, nobody sees how fast it comes.
func (u *Upload) Bound(left time.Duration) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.failed != nil:
	case left == 0:
		u.deadline(time.Time{})
	case !u.came:
		u.deadline(time.Now().Add(left))
	}
}

// End gives back what the upload holds. Who passes it on may still try to read it.
func (u *Upload) End() {
	u.pace.stop()
	u.mu.Lock()
	defer u.mu.Unlock()
	u.ended = true
	u.forget()
	u.share.release()
}

// forget is called with mu held.
func (u *Upload) forget() {
	buffers.put(u.kept)
	u.kept = nil
}
