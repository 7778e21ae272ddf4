package h2

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

// patience is how long a test waits for what must happen. Nothing waits so long unless it fails.
const patience = time.Minute

// site answers "/" with a page of 300,000 octets and "/small" with one of 100, and leaves the rest to handler.
type site struct {
	large, small *page.Page
	handler      http.HandlerFunc
	observed     atomic.Int64 // octets of bodies, as they are told at the end
	told         atomic.Int64 // how many that were
	entered      atomic.Int64 // answers that have a place
	full         atomic.Bool  // there is none
}

func newSite(handler http.HandlerFunc) *site {
	html := []page.Field{{Name: "Content-Type", Value: "text/html; charset=utf-8"}}
	return &site{
		large:   page.New(page.Response{Status: 200, Header: html, Body: bytes.Repeat([]byte("x"), 300_000)}),
		small:   page.New(page.Response{Status: 200, Header: html, Body: bytes.Repeat([]byte("y"), 100)}),
		handler: handler,
	}
}

var empty = page.NewHead()

func (s *site) respond(q *page.Request, r *reply.Reply) {
	a := page.Answer{}
	switch q.Path {
	case "/":
		a = page.Ready(s.large)
	case "/small":
		a = page.Ready(s.small)
	}
	r.Set(q, &a)
	r.Begin = time.Now()
	r.Heads.Site, r.Heads.Outcome, r.Heads.Timing = &empty, &empty, &empty
}

// plain is a connection without TLS.
type plain struct{ *wire }

func (plain) CloseWrite() error { return nil }

// start serves a site, and gives a way to connect to it without TLS.
func start(t testing.TB, s *site) (dial func(testing.TB) net.Conn, server *Server) {
	t.Helper()
	server = s.serve(t)
	return func(t testing.TB) net.Conn {
		here, accepted := pair(t)
		server.take(accepted)
		return here
	}, server
}

// take serves a connection without TLS.
func (s *Server) take(c net.Conn) {
	w := s.Beneath(c).(*wire)
	s.begin(newConn(s, w, plain{w}, "example.org"))
}

// serve makes a server for a site, with one of net/http below.
func (s *site) serve(t testing.TB) *Server {
	server := NewServer(Config{
		Respond: s.respond, Observe: func(_ *page.Request, r *reply.Reply) { s.observed.Add(r.Sent); s.told.Add(1) },
		Enter: func(netip.Addr) bool {
			if s.full.Load() {
				return false
			}
			s.entered.Add(1)
			return true
		},
		Leave:     func(netip.Addr) { s.entered.Add(-1) },
		ConnState: func(net.Conn, http.ConnState) {}, LogPanic: func(_, _ string, fault any) { t.Error(fault) },
		HeaderTime: patience, IdleTime: patience, Progress: patience, Stretch: 1 << 20, HeaderBytes: 16 << 10, Streams: 100, Window: 64 << 10,
	})
	below := &http.Server{Handler: s.handler, Protocols: new(http.Protocols), IdleTimeout: 1 << 62, MaxHeaderBytes: 16 << 10}
	below.Protocols.SetUnencryptedHTTP2(true)
	var work sync.WaitGroup
	work.Go(func() { below.Serve(server.Below()) })
	t.Cleanup(func() {
		server.Leave()
		ctx, enough := context.WithCancel(t.Context())
		enough() // whoever is left is cut off
		server.Stop(ctx)
		below.Close()
		work.Wait()
	})
	return server
}

// pair is two ends of a connection.
func pair(t testing.TB) (here, there net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if here, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { here.Close() })
	if there, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return here, there
}

// client speaks frames.
type client struct {
	*http2.Framer
	net.Conn
	t       testing.TB
	encoder *hpack.Encoder
	decoder *hpack.Decoder
	block   bytes.Buffer
}

func greet(t testing.TB, c net.Conn, settings ...http2.Setting) *client {
	t.Helper()
	c.SetDeadline(time.Now().Add(patience))
	io.WriteString(c, preface)
	v := &client{Framer: http2.NewFramer(c, c), Conn: c, t: t, decoder: hpack.NewDecoder(4096, nil)}
	v.encoder = hpack.NewEncoder(&v.block)
	v.WriteSettings(settings...)
	return v
}

// header packs a GET, with fields "name: value" or ":path /x" in place of its own.
func (v *client) header(method, path string, more ...string) []byte {
	v.block.Reset()
	fields := []hpack.HeaderField{{Name: ":method", Value: method}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "example.org"}, {Name: ":path", Value: path}}
	for i := 0; i < len(more); i += 2 {
		fields = append(fields, hpack.HeaderField{Name: more[i], Value: more[i+1]})
	}
	for _, f := range fields {
		v.encoder.WriteField(f)
	}
	return bytes.Clone(v.block.Bytes())
}

// ask begins a stream; last says that nothing follows.
func (v *client) ask(id uint32, last bool, block []byte) error {
	return v.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block, EndStream: last, EndHeaders: true})
}

// next gives the next frame but those that say how much may be sent.
func (v *client) next() http2.Frame {
	v.t.Helper()
	for {
		f, err := v.ReadFrame()
		if err != nil {
			v.t.Fatalf("waiting for a frame: %v", err)
		}
		switch f.(type) {
		case *http2.SettingsFrame, *http2.WindowUpdateFrame:
			continue
		}
		return f
	}
}

// answer is what came on a stream.
type answered struct {
	fields map[string]string
	body   []byte
	reset  string // why it was broken off
}

func (v *client) status(id uint32) string { return v.whole(id).fields[":status"] }

// whole reads an answer to its end, and gives the client room for it.
func (v *client) whole(id uint32) (a answered) {
	v.t.Helper()
	a.fields = map[string]string{}
	for {
		f := v.next()
		if f.Header().StreamID != id {
			if g, ok := f.(*http2.GoAwayFrame); ok {
				v.t.Fatalf("stream %d: the connection ends with %v", id, g.ErrCode)
			}
			continue
		}
		switch f := f.(type) {
		case *http2.HeadersFrame:
			fields, err := v.decoder.DecodeFull(f.HeaderBlockFragment())
			if err != nil {
				v.t.Fatal(err)
			}
			for _, field := range fields {
				a.fields[field.Name] = field.Value
			}
			if f.StreamEnded() {
				return a
			}
		case *http2.DataFrame:
			a.body = append(a.body, f.Data()...)
			if f.StreamEnded() {
				return a
			}
			if n := uint32(len(f.Data())); n > 0 {
				v.WriteWindowUpdate(0, n)
				v.WriteWindowUpdate(id, n)
			}
		case *http2.RSTStreamFrame:
			a.reset = f.ErrCode.String()
			return a
		}
	}
}

// ends reads until the connection does, and gives why.
func (v *client) ends() string {
	for {
		f, err := v.ReadFrame()
		if err != nil {
			return fmt.Sprint("no word, but ", err)
		}
		if g, ok := f.(*http2.GoAwayFrame); ok {
			return g.ErrCode.String()
		}
	}
}

// echo sends back what it gets, and says that it was asked.
func echo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Below", r.Method+" "+r.URL.Path)
	if n, err := strconv.Atoi(r.URL.Query().Get("octets")); err == nil {
		w.Write(make([]byte, n))
		return
	}
	io.Copy(w, r.Body)
}

// until waits for what must come true.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
	}
}
