package webserver

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"

	"tinycdn/webserver/upload"
)

// sends says whether a request has a body, as far as is known.
func sends(r *http.Request) bool { return r.Body != nil && r.Body != http.NoBody }

func (s *Server) newUpload(w *stream, r *http.Request, x *exchange) *upload.Upload {
	source := upload.Source{Body: r.Body, Length: r.ContentLength, SetReadDeadline: w.control.SetReadDeadline}
	return upload.New(source, s.uploads.Share(x.reply.Site, x.request.Client))
}

// takeIn keeps the beginning of an upload, and gives the request that an application may be asked with. If all of it is there,
// its length is known. The trailer section is left out (RFC 9110, 6.5.1): applications may take fields in it for ours.
func (s *Server) takeIn(u *upload.Upload, r *http.Request) (*http.Request, error) {
	if err := u.Keep(s.leaving); err != nil {
		return nil, err
	}
	kept := *r // net/http looks into its own when it answers
	kept.Body, kept.Trailer = u.Reader(), nil
	if length, ok := u.Whole(); ok {
		kept.ContentLength, kept.TransferEncoding = length, nil
		if kept.Body = http.NoBody; length > 0 {
			kept.GetBody = func() (io.ReadCloser, error) { return u.Reader(), nil } // for another connection, if one was closed meanwhile
			kept.Body = u.Reader()
		}
	}
	return &kept, nil
}

// refuse answers a request whose upload is not to come.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, x *exchange, err error) {
	status := http.StatusBadRequest
	switch {
	case errors.Is(err, upload.ErrSlow):
		status = http.StatusRequestTimeout
	case errors.Is(err, upload.ErrFull), errors.Is(err, upload.ErrStopping):
		status = http.StatusServiceUnavailable
		w.Header()["Retry-After"] = []string{"1"}
	}
	leaveUnread(r)
	site, _ := s.siteOf(&x.request)
	site.error(x.request.Path, status).ServeHTTP(w, r)
}

// sendContinue tells a visitor that his body is waited for (RFC 9110, 10.1.1). The readers of HTTP/1.1 and HTTP/2 do that by
// themselves.
func sendContinue(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor < 3 || !strings.EqualFold(r.Header.Get("Expect"), "100-continue") {
		return
	}
	header := w.Header()
	saved := maps.Clone(header)
	clear(header)
	w.WriteHeader(http.StatusContinue)
	maps.Copy(header, saved)
}

// readNoMore has what is still to come of a body not be waited for once the server stops, until the function that it gives is
// called. Over HTTP/1, net/http reads it before it answers, and nobody needs it.
func (s *Server) readNoMore(w http.ResponseWriter) (end func() bool) {
	control := http.NewResponseController(w)
	return context.AfterFunc(s.leaving, func() { control.SetReadDeadline(time.Unix(1, 0)) })
}

// leaveUnread lets go of what has come of a body over HTTP/2, and of what still comes: nobody counts it, and the client may take as
// long as it likes with the answer. Over HTTP/3 the window of the connection bounds it, over HTTP/1 nothing comes unread.
func leaveUnread(r *http.Request) {
	if r.ProtoMajor == 2 && sends(r) {
		r.Body.Close()
	}
}
