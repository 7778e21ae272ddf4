package webserver

import (
	"bufio"
	"bytes"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"tinycdn/webserver/accesslog"
)

// busy is a server as it runs at a POP: with its name in each response, an access log and counters, and a page of
// 12 KB in all its codings.
func busy(t testing.TB, format string, site func(Site) VirtualHost) *Server {
	p := text(12_000)
	p.Pack()
	s := newServer(t, Config{POP: "fra", HSTS: "max-age=7776000"}, site(always(p)))
	access, err := accesslog.Open(accesslog.Config{File: filepath.Join(t.TempDir(), "access.log"), Format: format}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	running(t, access.Run)
	s.access = access
	return s
}

// someOf serves a site on every host at some paths, beside others.
func someOf(site Site) VirtualHost {
	other := always(text(700))
	return VirtualHost{Name: "site", Hosts: []string{"*"}, Parts: []Part{
		{Pattern: rest, Site: other}, {Pattern: "/static/*", Site: other}, {Pattern: "/posts/*", Site: site}, {Pattern: "/feed.xml", Site: other},
	}}
}

// hit is what nearly all requests are.
type hit struct {
	name        string
	header      []string
	status      int
	allocations float64 // at most
}

var hits = []hit{
	{"identity", nil, 200, 0},
	{"a browser", browser, 200, 0},
	{"a browser again", append(slices.Clip(browser), "If-None-Match: its own"), 304, 0},
	{"a range", []string{"Range: bytes=0-999"}, 206, 8}, // of fields that are its own
}

var browser = []string{
	"Accept-Encoding: gzip, deflate, br, zstd", "Referer: https://example.org/",
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}

// request is the one that hits.
func (s *Server) request(h hit) *http.Request {
	r := request("GET /posts/17/", h.header...)
	if r.Header["If-None-Match"] != nil {
		r.Header.Set("If-None-Match", s.ask(request("GET /posts/17/", browser...)).Header.Get("Etag"))
	}
	return r
}

// BenchmarkHit is all that is ours of a request for a page that is there: what is left is reading and writing.
func BenchmarkHit(b *testing.B) {
	for _, c := range []struct {
		name, format string
		site         func(Site) VirtualHost
	}{{"combined", "combined", whole}, {"json", "json", whole}, {"a path", "combined", someOf}} {
		for _, hit := range hits {
			b.Run(c.name+"/"+hit.name, func(b *testing.B) {
				s := busy(b, c.format, c.site)
				r, w := s.request(hit), newSink()
				took := make([]time.Duration, 0, 1<<20)
				b.ReportAllocs()
				for b.Loop() {
					clear(w.header)
					begin := time.Now()
					s.ServeHTTP(w, r)
					if len(took) < cap(took) {
						took = append(took, time.Since(begin))
					}
				}
				if w.status != hit.status {
					b.Fatalf("got status %d, want %d", w.status, hit.status)
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "p50-ns")
				b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "p99-ns")
			})
		}
	}
}

// BenchmarkOverTheWire is a whole request over one connection, beside that of a handler which writes the same bytes and
// does nothing else. The difference is what we add to net/http.
func BenchmarkOverTheWire(b *testing.B) {
	p := text(12_000)
	p.Pack()
	_, ours, _ := serve(b, Config{POP: "fra"}, nil, whole(always(p)))
	body := p.Negotiate("br").Body
	length := strconv.Itoa(len(body))
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", length)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(body)
	}))
	b.Cleanup(bare.Close)
	for _, server := range []struct{ name, address string }{{"bare", bare.Listener.Addr().String()}, {"ours", ours}} {
		b.Run(server.name, func(b *testing.B) {
			connection, err := net.Dial("tcp", server.address)
			if err != nil {
				b.Fatal(err)
			}
			defer connection.Close()
			var out bytes.Buffer
			if err := request("GET /posts/17/", browser...).Write(&out); err != nil {
				b.Fatal(err)
			}
			in := bufio.NewReader(connection)
			b.ReportAllocs()
			for b.Loop() {
				connection.Write(out.Bytes())
				for line := []byte{}; len(line) != len("\r\n"); { // to read it well would cost more than to send it
					if line, err = in.ReadSlice('\n'); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := in.Discard(len(body)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
