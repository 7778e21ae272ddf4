package h3

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/quic-go/qpack"

	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

// stream is a Stream of which everything has come that ever will.
type stream struct {
	in       []byte
	open     bool // more may come
	sent     bytes.Buffer
	closed   bool
	peeked   int // the most that was waited for
	urgency  int8
	shared   bool
	deadline time.Time
	taking   int // octets that can be written; negative: all
	writes   int
}

var errWaits = errors.New("it would wait")

func coming(in ...byte) *stream { return &stream{in: in, taking: -1} }

func (s *stream) end() error {
	if s.open {
		return errWaits
	}
	return io.EOF
}

func (s *stream) Peek(b []byte) (int, error) {
	s.peeked = max(s.peeked, len(b))
	n := copy(b, s.in)
	if n < len(b) {
		return n, s.end()
	}
	return n, nil
}

func (s *stream) Read(b []byte) (int, error) {
	n := copy(b, s.in)
	if s.in = s.in[n:]; len(s.in) == 0 && !s.open {
		return n, io.EOF
	}
	return n, nil
}

func (s *stream) Write(b []byte) (int, error) {
	s.writes++
	if s.taking >= 0 && len(b) > s.taking {
		n, _ := s.sent.Write(b[:s.taking])
		s.taking = 0
		return n, io.ErrClosedPipe
	}
	return s.sent.Write(b)
}

func (s *stream) Close() error                       { s.closed = true; return nil }
func (s *stream) SetWriteDeadline(t time.Time) error { s.deadline = t; return nil }
func (s *stream) SetPriority(urgency int8, incremental bool) {
	s.urgency, s.shared = urgency, incremental
}

// fields are lines "name: value", with pseudo fields too.
func fields(lines ...string) (all []qpack.HeaderField) {
	for _, line := range lines {
		colon := strings.Index(line[1:], ": ") + 1
		all = append(all, qpack.HeaderField{Name: line[:colon], Value: line[colon+2:]})
	}
	return all
}

// packed is a header block as quic-go packs it.
func packed(fields []qpack.HeaderField) []byte {
	var b bytes.Buffer
	e := qpack.NewEncoder(&b)
	for _, f := range fields {
		e.WriteField(f)
	}
	if b.Len() == 0 {
		return []byte{0, 0}
	}
	return b.Bytes()
}

// asking is the HEADERS frame of a request.
func asking(lines ...string) []byte { return framed(packed(fields(lines...))) }

func framed(block []byte) []byte {
	return append(appendSize([]byte{headersFrame}, len(block)), block...)
}

// plainly is what nearly all ask for, and more lines.
func plainly(more ...string) []string {
	return append([]string{":method: GET", ":scheme: https", ":authority: example.org", ":path: /"}, more...)
}

var chromium = plainly(
	`sec-ch-ua: "Chromium";v="142"`, "sec-ch-ua-mobile: ?0", `sec-ch-ua-platform: "Linux"`, "upgrade-insecure-requests: 1",
	"user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
	"accept: text/html,application/xhtml+xml,*/*;q=0.8", "sec-fetch-site: none", "sec-fetch-mode: navigate", "sec-fetch-user: ?1",
	"sec-fetch-dest: document", "accept-encoding: gzip, deflate, br, zstd", "accept-language: en-US,en;q=0.9", "cookie: a=b", "cookie: c=d",
	"referer: https://example.org/", `if-none-match: "abc"`, "priority: u=0, i",
)

// serving is a server that has one answer.
func serving(respond func(*page.Request, *reply.Reply)) (s *Server, observed *[]reply.Reply) {
	observed = new([]reply.Reply)
	return NewServer(Config{
		Respond:   respond,
		Observe:   func(_ *page.Request, r *reply.Reply) { *observed = append(*observed, *r) },
		WriteTime: func(octets int) time.Duration { return time.Duration(octets) * time.Second },
		LogPanic:  func(string, string, any) {},
	}), observed
}

var begin = time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)

// image is a page that no coding makes smaller.
func image(size int) *page.Page {
	return page.New(page.Response{Status: 200, Header: []page.Field{{Name: "Content-Type", Value: "image/png"}}, Body: make([]byte, size), Modified: begin})
}

// ready answers with a page, as the server of a site does.
func ready(p *page.Page) func(*page.Request, *reply.Reply) {
	site := page.NewHead(page.Field{Name: "X-Content-Type-Options", Value: "nosniff"}, page.Field{Name: "X-Pop", Value: "fra"})
	outcome := page.NewHead(page.Field{Name: "Cache-Status", Value: "tinycdn; hit"}, page.Field{Name: "Age", Value: "0"})
	timing := page.NewHead(page.Field{Name: "Server-Timing", Value: "gen;dur=0.001"})
	return func(q *page.Request, r *reply.Reply) {
		answer := page.Ready(p)
		r.Set(q, &answer)
		r.Begin, r.Heads.Site, r.Heads.Outcome, r.Heads.Timing = begin, &site, &outcome, &timing
	}
}

func html(body string) *page.Page {
	return page.New(page.Response{Status: 200, Header: []page.Field{{Name: "Content-Type", Value: "text/html; charset=utf-8"}}, Body: []byte(body), Modified: begin})
}
