package webserver

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"tinycdn/webserver/page"
)

// closing is a body that is broken off, and knows whether it was let go of.
type closing struct{ closed bool }

func (c *closing) Read([]byte) (int, error) { return 0, errors.New("cut off") }
func (c *closing) Close() error             { c.closed = true; return nil }

// whenWritten calls a function before anything is written, and has no deadlines.
type whenWritten struct {
	sink
	before func()
}

func (w *whenWritten) WriteHeader(status int)            { w.before(); w.sink.WriteHeader(status) }
func (w *whenWritten) Write(b []byte) (int, error)       { return w.sink.Write(b) }
func (w *whenWritten) WriteString(s string) (int, error) { return io.WriteString(&w.sink, s) }

// TestBodiesThatNobodyReadsAreLetGoOf before the client takes as long as it likes with the answer: over HTTP/2 they are in memory.
func TestBodiesThatNobodyReadsAreLetGoOf(t *testing.T) {
	t.Parallel()
	application := streamed(func(http.ResponseWriter, *http.Request) { t.Error("the application was asked") })
	for name, c := range map[string]struct {
		site   Site
		major  int
		closed bool
	}{
		"a page, HTTP/2":           {always(page.Plain(200)), 2, true},
		"a page, HTTP/1":           {always(page.Plain(200)), 1, false}, // else the connection could not be used again
		"a refused upload, HTTP/2": {application, 2, true},
		"a refused upload, HTTP/3": {application, 3, false},
	} {
		s, body, written := newServer(t, Config{}, whole(c.site)), new(closing), false
		r := request("POST /")
		r.Body, r.ContentLength, r.ProtoMajor = body, 100, c.major
		w := &whenWritten{*newSink(), func() {
			written = true
			if body.closed != c.closed {
				t.Errorf("%s: let go of: %v, want %v", name, body.closed, c.closed)
			}
		}}
		s.ServeHTTP(w, r)
		if !written {
			t.Errorf("%s: no answer", name)
		}
	}
}
