package origin

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"strconv"
)

// stream is a response that turned out not to be one to keep. It passes through.
type stream struct {
	response *http.Response
	cancel   context.CancelFunc
	broken   func(error) // is told if it ends too early; nil: it does not
}

// streamOf passes on what was stored, with a header that only one visitor may see.
func streamOf(found *response, header http.Header) *stream {
	header.Set("Content-Length", strconv.Itoa(len(found.page.Body())))
	body := io.NopCloser(bytes.NewReader(found.page.Body()))
	return &stream{response: &http.Response{StatusCode: found.page.Status, Header: header, Body: body}, cancel: func() {}}
}

func (s *stream) drop() {
	s.cancel()
	s.response.Body.Close()
}

func (s *stream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer s.drop()
	header := w.Header()
	leaveUntyped(s.response.Header, header)
	maps.Copy(header, s.response.Header)
	w.WriteHeader(s.response.StatusCode)
	if r.Method == http.MethodHead {
		return
	}
	control := http.NewResponseController(w)
	buffer := make([]byte, 32<<10)
	for {
		n, err := s.response.Body.Read(buffer)
		if n > 0 {
			if _, err := w.Write(buffer[:n]); err != nil {
				return // the visitor left
			}
			control.Flush()
		}
		switch {
		case err == io.EOF:
			return
		case err != nil:
			s.broken(err)
			panic(http.ErrAbortHandler) // so that the visitor sees that it is cut short
		}
	}
}
