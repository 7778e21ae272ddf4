package webserver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	"github.com/quic-go/quic-go/quicvarint"

	"tinycdn/webserver/page"
)

// dialQUIC opens a connection for HTTP/3.
func dialQUIC(t *testing.T, to string, roots *x509.CertPool) *quic.Conn {
	t.Helper()
	c, err := quic.DialAddr(t.Context(), to, &tls.Config{RootCAs: roots, ServerName: "example.org", NextProtos: []string{"h3"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseWithError(0, "") })
	return c
}

// TestStreamsWithoutAHeaderAreBounded: each costs memory from its first octet, and no handler knows of it.
func TestStreamsWithoutAHeaderAreBounded(t *testing.T) {
	t.Parallel()
	current, roots := certified(t, time.Now().Add(time.Hour))
	s, _, secure := serve(t, Config{HTTP3: true}, current, whole(examplePages()))
	begun := func(c *quic.Conn) *quic.Stream {
		stream, err := c.OpenStream()
		if err != nil {
			t.Fatal(err)
		}
		stream.Write([]byte{1, 0x60, 0, 0}) // the first octet of a header of 8 KB (RFC 9114, 7.2.2)
		return stream
	}
	conns := []*quic.Conn{dialQUIC(t, secure, roots), dialQUIC(t, secure, roots)}
	for i := range s.awaited.mostFrom {
		begun(conns[i%2])
	}
	until(t, "as many are waited for as may be", func() bool { return s.awaited.count() == s.awaited.mostFrom })
	more := begun(conns[0])
	more.SetReadDeadline(time.Now().Add(patience))
	var reset *quic.StreamError
	if _, err := more.Read(make([]byte, 1)); !errors.As(err, &reset) || reset.ErrorCode != quic.StreamErrorCode(http3.ErrCodeRequestRejected) {
		t.Errorf("one more: got %v, want H3_REQUEST_REJECTED", err)
	}
	// One that has come as a whole waits for nothing, be it for a page or for http3. (Its end may come by itself, later.)
	for _, lines := range [][]string{{":path: /"}, {":path: /", "x: y"}} {
		until(t, "one that is whole is answered", func() bool {
			got, err := answerTo(t, conns[1], asking(t, lines...))
			return err == nil && len(got) > 100
		})
	}
	until(t, "the others are waited for", func() bool { return s.awaited.count() == s.awaited.mostFrom })
	for _, c := range conns {
		c.CloseWithError(0, "")
	}
	until(t, "none is waited for", func() bool { return s.awaited.count() == 0 })

	client := &http3.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "example.org"}}
	defer client.Close()
	for range 2 {
		if response, err := askFor(&http.Client{Transport: client, Timeout: patience}, secure, "example.org"); err != nil || response.StatusCode != 200 {
			t.Errorf("afterwards: got %v, %v", response, err)
		}
	}
	until(t, "what was answered is not waited for", func() bool { return s.awaited.count() == 0 && s.streams.count() == 0 })
}

func TestWindowsGrowAsLongAsThereIsRoom(t *testing.T) {
	t.Parallel()
	current, roots := certified(t, time.Now().Add(time.Hour))
	s, _, secure := serve(t, Config{HTTP3: true}, current, whole(examplePages()))
	one, other := dialQUIC(t, secure, roots), dialQUIC(t, secure, roots)
	if !s.mayGrow(one, mostGrown) || s.mayGrow(other, 1) {
		t.Error("one may take all, and no more")
	}
	one.CloseWithError(0, "")
	until(t, "there is room again", func() bool { return s.grown.Load() == 0 })
	if !s.mayGrow(other, 1) || !s.mayGrow(one, 1) {
		t.Error("there is room, and no growth")
	}
	until(t, "who has left holds none", func() bool { return s.grown.Load() == 1 })
}

// TestStopOverHTTP3 answers what has begun, to its end, and nothing else.
func TestStopOverHTTP3(t *testing.T) {
	t.Parallel()
	current, roots := certified(t, time.Now().Add(time.Hour))
	s := Listen(Config{Listen: []string{"127.0.0.6:0"}, TLSListen: []string{"127.0.0.6:0"}, HTTP3: true}, current, slog.New(slog.DiscardHandler))
	s.grace = time.Hour // whoever is kept for that long shows
	const size = 300_000
	arrived, release := make(chan bool), make(chan bool)
	s.Publish([]VirtualHost{whole(&scripted{answer: func(r *http.Request) page.Answer {
		if r.URL.Path == "/slow" {
			close(arrived)
			<-release
		}
		return page.Ready(text(size))
	}})})
	_, secure := s.Addrs()
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- s.Serve(ctx) }()
	idle := dialQUIC(t, secure[0].String(), roots)
	client := (&http3.Transport{DisableCompression: true}).NewClientConn(dialQUIC(t, secure[0].String(), roots))
	get := func(path string) (int, error) {
		r, _ := http.NewRequestWithContext(t.Context(), "GET", "https://example.org"+path, nil)
		response, err := client.RoundTrip(r)
		if err != nil {
			return 0, err
		}
		defer response.Body.Close()
		n, err := io.Copy(io.Discard, response.Body)
		return int(n), err
	}
	type result struct {
		n   int
		err error
	}
	slow := make(chan result)
	go func() {
		n, err := get("/slow")
		slow <- result{n, err}
	}()
	<-arrived
	stop()
	var err error
	until(t, "no more requests are taken", func() bool { _, err = get("/"); return err != nil })
	if !strings.Contains(err.Error(), "H3_REQUEST_REJECTED") && !strings.Contains(err.Error(), "graceful shutdown") {
		t.Errorf("got %v, want H3_REQUEST_REJECTED, or what the client says behind a GOAWAY", err)
	}
	select {
	case <-idle.Context().Done():
	case <-time.After(patience):
		t.Error("an idle connection is kept")
	}
	close(release)
	if got := <-slow; got.n != size || got.err != nil {
		t.Errorf("what had begun: got %d octets, %v", got.n, got.err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("the server: %v", err)
	}
}

// TestStopSaysGoAway, with the first stream that is not answered, rejects those from there on, and answers those before it.
func TestStopSaysGoAway(t *testing.T) {
	t.Parallel()
	current, roots := certified(t, time.Now().Add(time.Hour))
	s := Listen(Config{Listen: []string{"127.0.0.6:0"}, TLSListen: []string{"127.0.0.6:0"}, HTTP3: true}, current, slog.New(slog.DiscardHandler))
	s.grace = time.Hour // whoever is kept for that long shows
	arrived, release := make(chan bool), make(chan bool)
	s.Publish([]VirtualHost{whole(&scripted{answer: func(*http.Request) page.Answer {
		close(arrived)
		<-release
		return page.Ready(text(5000))
	}})})
	_, secure := s.Addrs()
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- s.Serve(ctx) }()
	c := dialQUIC(t, secure[0].String(), roots)
	control, err := c.AcceptUniStream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	control.SetReadDeadline(time.Now().Add(patience))
	stream, err := c.OpenStream()
	if err != nil {
		t.Fatal(err)
	}
	stream.Write(asking(t, ":path: /slow"))
	stream.Close()
	<-arrived
	stop()
	if got := goAwayOn(t, control); len(got) != 1 || got[0] != 4 {
		t.Errorf("GOAWAY with %v, want 4: the stream after the first", got)
	}
	late, err := answerTo(t, c, asking(t, ":path: /"))
	var reset *quic.StreamError
	if !errors.As(err, &reset) || reset.ErrorCode != quic.StreamErrorCode(http3.ErrCodeRequestRejected) {
		t.Errorf("a request behind it: got %q, %v, want H3_REQUEST_REJECTED", late, err)
	}
	close(release)
	stream.SetReadDeadline(time.Now().Add(patience))
	if got, err := io.ReadAll(stream); err != nil || len(got) < 5000 {
		t.Errorf("the request before it: got %d octets, %v", len(got), err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("the server: %v", err)
	}
}

// goAwayOn reads a control stream until a GOAWAY comes.
func goAwayOn(t *testing.T, control io.Reader) []byte {
	t.Helper()
	in := quicvarint.NewReader(control)
	number := func() uint64 {
		n, err := quicvarint.Read(in)
		if err != nil {
			t.Fatalf("no GOAWAY: %v", err)
		}
		return n
	}
	number() // the type of the stream
	for {
		frame, body := number(), make([]byte, number())
		if _, err := io.ReadFull(in, body); err != nil {
			t.Fatal(err)
		}
		if frame == 7 {
			return body
		}
	}
}
