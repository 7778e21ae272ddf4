package upload

import "io"

// Whole says how long the upload is, if all of it was kept.
func (u *Upload) Whole() (length int64, ok bool) { return int64(len(u.kept)), u.whole }

// Reader reads what was kept, and then from the visitor. Of an upload that is whole there may be several, one after the other.
func (u *Upload) Reader() io.ReadCloser { return &reader{upload: u} }

type reader struct {
	upload *Upload
	at     int // in what was kept
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.readKept(p)
	if n > 0 || err != nil || len(p) == 0 {
		return n, err
	}
	return r.upload.read(p)
}

// readKept reads nothing if the rest is the visitor's to say. What is read only once is given back then.
func (r *reader) readKept(p []byte) (int, error) {
	u := r.upload
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ended {
		return 0, errEnded
	}
	n := 0
	if r.at < len(u.kept) {
		n = copy(p, u.kept[r.at:])
		r.at += n
	}
	switch {
	case n == 0 && u.whole && len(p) > 0:
		return 0, io.EOF
	case !u.whole && u.kept != nil && r.at == len(u.kept):
		u.share.give(int64(cap(u.kept)))
		u.forget()
	}
	return n, nil
}

// Close lets go of the rest. Of a body over HTTP/1.1 some of it is read then, in the hope that the connection can be used again.
func (r *reader) Close() error {
	r.upload.Bound(paceTime)
	return r.upload.source.Body.Close()
}
