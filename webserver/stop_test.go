package webserver

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"

	"tinycdn/webserver/accesslog"
	"tinycdn/webserver/page"
)

// TestStopKeepsNobodyForOthers: neither somebody who reads slowly nor somebody who says nothing may keep the server from
// telling all others that it ends. Who is not told asks on, until in the end his answer is cut off.
func TestStopKeepsNobodyForOthers(t *testing.T) {
	t.Parallel()
	current, roots := certified(t, time.Now().Add(time.Hour))
	pages := examplePages()
	pages["/long"] = text(8 << 20) // more than all buffers on the way hold
	s := Listen(Config{Listen: []string{"127.0.0.6:0"}, TLSListen: []string{"127.0.0.6:0"}}, current, slog.New(slog.DiscardHandler))
	s.grace = time.Hour // whoever is kept for that long shows
	s.Publish([]VirtualHost{whole(pages)})
	plain, secure := s.Addrs()
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- s.Serve(ctx) }()

	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "example.org"}, ForceAttemptHTTP2: true}}
	readOn := func() error {
		response, err := client.Get("https://" + secure[0].String() + "/large")
		if err != nil {
			return err
		}
		defer response.Body.Close()
		_, err = io.Copy(io.Discard, response.Body)
		return err
	}
	if err := readOn(); err != nil {
		t.Fatal(err)
	}
	silent, err := net.Dial("tcp", secure[0].String()) // and no handshake
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	slow, err := http.Get("http://" + plain[0].String() + "/long")
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Body.Close()

	stop()
	err = nil
	for err == nil {
		err = readOn()
	}
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "dial" {
		t.Errorf("over HTTP/2: %v, want to be turned away at the door", err)
	}
	if n, err := io.Copy(io.Discard, slow.Body); n != 8<<20 || err != nil {
		t.Errorf("the slow reader got %d octets and %v", n, err)
	}
	select {
	case err := <-stopped:
		if err != nil {
			t.Errorf("the server: %v", err)
		}
	case <-time.After(patience):
		t.Fatal("the server does not stop: who said nothing keeps it")
	}
}

func TestStopWaitsForWhatHasBegun(t *testing.T) {
	t.Parallel()
	arrived, leave := make(chan struct{}), make(chan struct{})
	s := Listen(Config{Listen: []string{"127.0.0.6:0"}, AccessLog: &accesslog.Config{File: filepath.Join(t.TempDir(), "log")}}, nil, slog.New(slog.DiscardHandler))
	s.Publish([]VirtualHost{whole(&scripted{answer: func(*http.Request) page.Answer {
		close(arrived)
		<-leave
		return page.Answer{Page: text(700)}
	}})})
	plain, _ := s.Addrs()
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- s.Serve(ctx) }()
	answered := make(chan error, 1)
	go func() {
		response, err := http.Get("http://" + plain[0].String())
		if err == nil {
			defer response.Body.Close()
			_, err = io.ReadAll(response.Body)
		}
		answered <- err
	}()
	<-arrived
	stop()
	until(t, "nobody is let in any more", func() bool {
		c, err := net.Dial("tcp", plain[0].String())
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	close(leave)
	if err := <-answered; err != nil {
		t.Errorf("the request that had begun: %v", err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("the server: %v", err)
	}
	if line, err := os.ReadFile(s.config.AccessLog.File); err != nil || strings.Count(string(line), "\n") != 1 {
		t.Errorf("the log has %q, %v", line, err)
	}
}

// TestStopDoesNotWaitForWhatHasNotBegun: a request whose body nobody has seen yet is no work of anybody's.
func TestStopDoesNotWaitForWhatHasNotBegun(t *testing.T) {
	t.Parallel()
	current, roots := certified(t, time.Now().Add(time.Hour))
	s := Listen(Config{Listen: []string{"127.0.0.6:0"}, TLSListen: []string{"127.0.0.6:0"}, HTTP3: true}, current, slog.New(slog.DiscardHandler))
	s.grace = time.Hour // whoever is kept for that long shows
	var asked atomic.Int64
	application := streamed(func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	s.Publish([]VirtualHost{{Name: "app", Hosts: []string{"example.org"}, Parts: only(application)}, {Name: "pages", Hosts: []string{"*"}, Parts: only(always(text(700)))}})
	plain, secure := s.Addrs()
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- s.Serve(ctx) }()

	secrets := &tls.Config{RootCAs: roots, ServerName: "example.org"}
	third := &http3.Transport{TLSClientConfig: secrets.Clone()}
	defer third.Close()
	var visitors sync.WaitGroup
	for name, c := range map[string]struct {
		transport http.RoundTripper
		url, host string
		status    int
	}{
		"HTTP/1":             {new(http.Transport), "http://" + plain[0].String(), "example.org", 503},
		"HTTP/1, for a page": {new(http.Transport), "http://" + plain[0].String(), "example.net", 200},
		"HTTP/2":             {&http.Transport{TLSClientConfig: secrets, ForceAttemptHTTP2: true}, "https://" + secure[0].String(), "example.org", 503},
		"HTTP/3":             {third, "https://" + secure[0].String(), "example.org", 503},
	} {
		started := make(chan bool)
		visitors.Go(func() {
			body, rest := io.Pipe()
			r, err := http.NewRequest("POST", c.url, io.MultiReader(strings.NewReader("x"), body))
			if err != nil {
				t.Error(err)
				return
			}
			r.Host = c.host
			r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{WroteHeaders: func() { close(started) }}))
			response, err := c.transport.RoundTrip(r)
			rest.Close()
			if err != nil {
				t.Errorf("%s: %v", name, err)
				return
			}
			response.Body.Close()
			if response.StatusCode != c.status {
				t.Errorf("%s: got %d, want %d", name, response.StatusCode, c.status)
			}
		})
		if c.transport != third { // it knows no such trace
			<-started
		}
	}
	until(t, "all visitors are known", func() bool { return s.uploads.Held() == 3<<10 })
	stop()
	select {
	case err := <-stopped:
		if err != nil {
			t.Errorf("the server: %v", err)
		}
	case <-time.After(patience):
		t.Fatal("the server does not stop")
	}
	visitors.Wait()
	if asked.Load() != 0 {
		t.Error("the application was asked")
	}
}
