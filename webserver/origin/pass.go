package origin

import (
	"errors"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync/atomic"
	"time"

	"tinycdn/webserver/cache"
	"tinycdn/webserver/page"
	"tinycdn/webserver/upload"
)

// newProxy makes what passes requests on as they are: what is not GET or HEAD, what wants a WebSocket or a range. passOn
// adds for whom.
func (s *Site) newProxy() *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Transport:     s.transport,
		FlushInterval: -1,
		ModifyResponse: func(response *http.Response) error {
			if response.StatusCode == http.StatusSwitchingProtocols && !isWebSocket(response.Request) {
				return errUnasked
			}
			s.noteReached(nil, time.Now())
			s.makeLocal(response)
			return nil
		},
	}
}

// passOn passes a request on, and forgets what it made invalid before the visitor hears that it did.
func (s *Site) passOn(q *page.Request) http.Handler {
	k, client := s.keyOf(q), q.Client
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proxy := *s.proxy
		sent := &sending{ReadCloser: r.Body}
		proxy.ErrorLog = log.New(cutOff{s, r, sent}, "", 0)
		proxy.ErrorHandler = func(w http.ResponseWriter, r *http.Request, err error) {
			if sent.failed.Load() {
				page.Plain(sent.status()).ServeHTTP(w, r)
				return
			}
			s.noteReached(err, time.Now())
			s.tellSpoiled(r, err)
			failures[statusOf(err)].ServeHTTP(w, r)
		}
		proxy.Rewrite = func(pr *httputil.ProxyRequest) {
			if pr.Out.Body != nil {
				pr.Out.Body = sent
			}
			s.address(pr.Out, k, client)
			delete(pr.Out.Header, "Expect") // whoever read the beginning has said that we want the rest
			if !isWebSocket(pr.In) {
				leaveOutUpgrade(pr.Out.Header)
			}
			plainTags(pr.Out.Header)
		}
		proxy.ServeHTTP(&replacing{ResponseWriter: w, own: http.Header{}, before: func(status int, header http.Header) {
			leaveUntyped(header, w.Header())
			s.invalidate(k, r, status, header)
		}}, r)
	})
}

// sending is what a visitor sends, and knows whether that went wrong: what he sent was no HTTP, he left, or was too slow.
type sending struct {
	io.ReadCloser
	failed, slow atomic.Bool
}

func (b *sending) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		b.slow.Store(errors.Is(err, upload.ErrSlow))
		b.failed.Store(true)
	}
	return n, err
}

func (b *sending) status() int {
	if b.slow.Load() {
		return http.StatusRequestTimeout
	}
	return http.StatusBadRequest
}

// cutOff is told by the proxy of what went wrong when the status had been sent already.
type cutOff struct {
	site *Site
	r    *http.Request
	sent *sending
}

func (c cutOff) Write(text []byte) (int, error) {
	if c.r.Context().Err() == nil && !c.sent.failed.Load() { // else it was the visitor
		c.site.tellSpoiled(c.r, errors.New(strings.TrimPrefix(strings.TrimSpace(string(text)), "httputil: ReverseProxy ")))
	}
	return len(text), nil
}

// leaveUntyped keeps a response without a type as it is: to find out what it is, is for the recipient (RFC 9110, 8.3), whom
// we must not forbid that either, unless the application does.
func leaveUntyped(said, header http.Header) {
	if said.Get("Content-Type") != "" {
		return
	}
	said["Content-Type"] = nil // else net/http would guess
	if said["X-Content-Type-Options"] == nil {
		delete(header, "X-Content-Type-Options")
	}
}

// plainTags gives the application the entity tags that it knows in place of those of our codings. Both stay in a list:
// it may have tags of its own that look like ours.
func plainTags(header http.Header) {
	for _, name := range [...]string{"If-Match", "If-None-Match"} {
		for _, field := range header[name] {
			for tag := range strings.SplitSeq(field, ",") {
				tag = strings.TrimSpace(tag)
				if plain := page.PlainTag(tag); plain != tag {
					header.Add(name, plain)
				}
			}
		}
		if values := header[name]; len(values) > 1 {
			header.Set(name, strings.Join(values, ", "))
		}
	}
	if tag := header.Get("If-Range"); tag != "" {
		header.Set("If-Range", page.PlainTag(tag))
	}
}

// replacing is a response writer whose header replaces, field by field, what is in the other one's already.
type replacing struct {
	http.ResponseWriter
	own    http.Header
	before func(status int, header http.Header)
	begun  bool
}

// Header is the application's until it is written, then the writer's, for trailers.
func (w *replacing) Header() http.Header {
	if w.begun {
		return w.ResponseWriter.Header()
	}
	return w.own
}

func (w *replacing) WriteHeader(status int) {
	header := w.ResponseWriter.Header()
	if status < 200 && status != http.StatusSwitchingProtocols {
		saved := header.Clone()
		clear(header)
		maps.Copy(header, w.own)
		w.ResponseWriter.WriteHeader(status)
		clear(header)
		maps.Copy(header, saved)
		return
	}
	if !w.begun {
		w.begun = true
		w.before(status, w.own)
		maps.Copy(header, w.own)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *replacing) Write(p []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (w *replacing) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// invalidate forgets what an unsafe request changed (RFC 9111, 4.4).
func (s *Site) invalidate(k key, r *http.Request, status int, header http.Header) {
	for _, target := range cache.Invalidated(r.Method, r.Host, r.URL, status, header) {
		s.forget(k.host, target)
	}
}
