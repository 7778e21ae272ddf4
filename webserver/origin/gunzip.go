package origin

import (
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
)

// errCoding: a body is not in the coding that its header tells. It can still be passed on as it is.
var errCoding = errors.New("its Content-Encoding says gzip, and the body is none")

// gunzip decodes within bounds: what is longer than most, or than the room, is errStream. What ends too early is an error
// of its own: the application was cut off.
func gunzip(raw []byte, most int64, r *reservation) ([]byte, error) {
	if !beginsMember(raw) {
		return nil, errCoding
	}
	content := &members{rest: bytes.NewReader(raw)}
	b := &body{from: io.NopCloser(content), most: most, reserved: reservation{site: r.site}, ended: make(chan struct{})}
	b.fill()
	r.taken += b.reserved.taken // one reservation for both
	all, err := b.result()
	switch {
	case err == nil:
		return all, nil
	case !errors.Is(err, errStream) && !errors.Is(err, io.ErrUnexpectedEOF):
		err = errCoding
	}
	r.taken -= b.reserved.taken
	b.reserved.release()
	return nil, err
}

// members reads the members of a gzip file one after the other (RFC 1952, 2.2). What stands behind the last one and is none
// is passed over, as gunzip and browsers do.
type members struct {
	rest *bytes.Reader
	now  gzip.Reader
	open bool
}

func (m *members) Read(p []byte) (n int, err error) {
	for n == 0 && err == nil {
		if !m.open {
			if err := m.next(); err != nil {
				return 0, err
			}
		}
		if n, err = m.now.Read(p); err == io.EOF {
			m.open, err = false, nil
		}
	}
	return n, err
}

// next begins the next member, or says that there is none.
func (m *members) next() error {
	var head [2]byte
	n, _ := m.rest.Read(head[:])
	if !beginsMember(head[:n]) {
		return io.EOF
	}
	m.rest.Seek(-2, io.SeekCurrent)
	err := m.now.Reset(m.rest)
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	m.now.Multistream(false)
	m.open = true
	return err
}

func beginsMember(b []byte) bool { return len(b) >= 2 && b[0] == 0x1f && b[1] == 0x8b }
