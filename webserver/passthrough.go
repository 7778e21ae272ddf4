package webserver

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"time"

	"tinycdn/webserver/upload"
)

const (
	// progress is how long a client may take for a stretch of what it is sent.
	progress = 60 * time.Second
	// stretch is how much of a file is sent between two looks at the clock: the least speed is 17 KB a second.
	stretch = 1 << 20
)

// writeTime is how long a client may take for a body.
func writeTime(octets int) time.Duration { return time.Duration(1+octets/stretch) * progress }

// stream passes a response through that is no page: it counts what is written, and gives the client time as long as
// it makes progress.
type stream struct {
	http.ResponseWriter
	control *http.ResponseController
	watched bool           // conns sees to it that the client reads: over HTTP/1, where connection and stream are one
	upload  *upload.Upload // what the client sends meanwhile; nil: nothing
	status  int
	sent    int64
}

func newStream(w http.ResponseWriter, r *http.Request) *stream {
	return &stream{ResponseWriter: w, control: http.NewResponseController(w), watched: r.ProtoMajor < 2}
}

// Unwrap lets http.ResponseController find what it needs below.
func (s *stream) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func (s *stream) WriteHeader(status int) {
	if s.status == 0 && status >= 200 || status == http.StatusSwitchingProtocols {
		s.status = status
		s.boundUpload(bodyTime)
	}
	s.ResponseWriter.WriteHeader(status)
}

func (s *stream) Write(b []byte) (int, error) {
	s.extendDeadline()
	n, err := s.ResponseWriter.Write(b)
	s.clearDeadline()
	s.wrote(int64(n))
	return n, err
}

// ReadFrom lets the kernel copy a file to the connection, a stretch at a time.
func (s *stream) ReadFrom(from io.Reader) (total int64, err error) {
	for {
		s.extendDeadline()
		n, err := io.Copy(s.ResponseWriter, io.LimitReader(from, stretch))
		s.clearDeadline()
		s.wrote(n)
		total += n
		if n < stretch || err != nil {
			return total, err
		}
	}
}

// FlushError sends what was written.
func (s *stream) FlushError() error {
	s.extendDeadline()
	defer s.clearDeadline()
	defer s.boundUpload(0)
	return s.control.Flush()
}

// Hijack hands the connection over to who will speak another protocol there.
func (s *stream) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	connection, buffers, err := s.control.Hijack()
	if err == nil {
		s.status = http.StatusSwitchingProtocols
	}
	return connection, buffers, err
}

func (s *stream) wrote(n int64) {
	s.sent += n
	if s.status == 0 {
		s.status = http.StatusOK
	}
}

// extendDeadline gives the client its time for what is written next.
func (s *stream) extendDeadline() {
	if !s.watched {
		s.control.SetWriteDeadline(time.Now().Add(progress))
	}
}

// clearDeadline lets the stream be silent for as long as it likes: over HTTP/2 a deadline ends it even if nothing is written.
func (s *stream) clearDeadline() {
	if !s.watched {
		s.control.SetWriteDeadline(time.Time{})
	}
}

// boundUpload gives the rest of an upload its time, or lets it have its own again. Over HTTP/1, net/http reads it before it
// sends the header.
func (s *stream) boundUpload(left time.Duration) {
	if s.upload != nil && s.watched {
		s.upload.Bound(left)
	}
}
