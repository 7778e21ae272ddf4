package webserver

import (
	"io"
	"net/http"
	"strconv"

	"tinycdn/webserver/page"
)

// deliver writes a page as the request wants it: in a coding it accepts, a part of it, or that nothing has changed.
// It gives the status and how many bytes of body there were.
func deliver(w http.ResponseWriter, r *http.Request, p *page.Page, v *page.Variant) (status int, sent int64) {
	h := w.Header()
	if p.Status != http.StatusOK || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return write(w, r, p.Status, v.Fields, v.Body)
	}
	switch outcome, tag := conditions(r.Header, p, v); outcome {
	case notModified:
		for i := range v.Brief {
			h[v.Brief[i].Name] = v.Brief[i].Values
		}
		if tag != v.ETag {
			h["Etag"] = []string{tag}
		}
		w.WriteHeader(http.StatusNotModified)
		return http.StatusNotModified, 0
	case failed:
		failure := page.Plain(http.StatusPreconditionFailed)
		plain := failure.Pick("")
		return write(w, r, failure.Status, plain.Fields, plain.Body)
	}
	// RFC 9110, 14.2: Range is defined for GET alone.
	if r.Method == http.MethodGet && r.Header["Range"] != nil && wantsRange(r.Header, p, v) {
		if spans, ok := rangesOf(r.Header["Range"][0], len(v.Body)); !ok {
			h["Content-Range"] = []string{"bytes */" + strconv.Itoa(len(v.Body))}
			failure := page.Plain(http.StatusRequestedRangeNotSatisfiable)
			plain := failure.Pick("")
			return write(w, r, failure.Status, plain.Fields, plain.Body)
		} else if len(spans) > 0 {
			return writeParts(w, r, v, spans)
		}
	}
	return write(w, r, http.StatusOK, v.Fields, v.Body)
}

func write(w http.ResponseWriter, r *http.Request, status int, fields []page.Lines, body []byte) (int, int64) {
	h := w.Header()
	for i := range fields {
		h[fields[i].Name] = fields[i].Values
	}
	w.WriteHeader(status)
	if r.Method == http.MethodHead || len(body) == 0 {
		return status, 0
	}
	n, _ := w.Write(body) // a client that has gone is no mistake of ours
	return status, int64(n)
}

func writeParts(w http.ResponseWriter, r *http.Request, v *page.Variant, spans []span) (int, int64) {
	h := w.Header()
	for i := range v.Fields {
		h[v.Fields[i].Name] = v.Fields[i].Values
	}
	if len(spans) == 1 {
		s := spans[0]
		h["Content-Range"] = []string{s.contentRange(len(v.Body))}
		h["Content-Length"] = []string{strconv.Itoa(s.end - s.start)}
		w.WriteHeader(http.StatusPartialContent)
		n, _ := w.Write(v.Body[s.start:s.end])
		return http.StatusPartialContent, int64(n)
	}
	heads, length := headsOf(spans, len(v.Body), h.Get("Content-Type"))
	h["Content-Type"] = []string{partsType}
	h["Content-Length"] = []string{strconv.Itoa(length)}
	w.WriteHeader(http.StatusPartialContent)
	sent := 0
	for i, s := range spans {
		head, _ := io.WriteString(w, heads[i])
		part, _ := w.Write(v.Body[s.start:s.end])
		sent += head + part
	}
	last, _ := io.WriteString(w, lastLine)
	return http.StatusPartialContent, int64(sent + last)
}
