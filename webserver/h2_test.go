package webserver

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// overHTTP2 serves the example's pages, and an application below "/app/", to a client that has one connection.
func overHTTP2(t *testing.T, c Config, application http.HandlerFunc) (s *Server, client *http.Client, url string, dialed *atomic.Int64) {
	current, roots := certified(t, time.Now().Add(time.Hour))
	s, _, secure := serve(t, c, current, VirtualHost{Name: "site", Hosts: []string{"*"}, Parts: []Part{
		{Pattern: rest, Site: examplePages()}, {Pattern: "/app/*", Site: streamed(application)},
	}})
	dialed = new(atomic.Int64)
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "example.org"}, ForceAttemptHTTP2: true, MaxConnsPerHost: 1, DisableCompression: true,
		ExpectContinueTimeout: patience,
		DialContext: func(ctx context.Context, network, to string) (net.Conn, error) {
			dialed.Add(1)
			return new(net.Dialer).DialContext(ctx, network, to)
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return s, &http.Client{Transport: transport, Timeout: patience}, "https://" + secure, dialed
}

// visit asks, and gives the answer with all of its body read.
func visit(c *http.Client, method, url string, body io.Reader, header http.Header) (*http.Response, []byte, error) {
	r, err := http.NewRequest(method, url, body)
	if err != nil {
		return nil, nil, err
	}
	for name, values := range header {
		r.Header[name] = values
	}
	response, err := c.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	all, err := io.ReadAll(response.Body)
	return response, all, err
}

// TestPagesUploadsAndStreamsShareAConnection: two hundred of them, as many at a time as a connection may carry, answered by whom they are for.
func TestPagesUploadsAndStreamsShareAConnection(t *testing.T) {
	t.Parallel()
	s, client, url, dialed := overHTTP2(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			io.Copy(w, r.Body)
			return
		}
		for i := range 20 {
			fmt.Fprintf(w, "%04d", i)
			http.NewResponseController(w).Flush()
		}
	})
	_, page, err := visit(client, "GET", url+"/large", nil, nil)
	if err != nil || len(page) == 0 {
		t.Fatal(err)
	}
	upload := bytes.Repeat([]byte("0123456789"), 30_000)
	var stream bytes.Buffer
	for i := range 20 {
		fmt.Fprintf(&stream, "%04d", i)
	}
	var all sync.WaitGroup
	under := make(chan bool, mostStreamsIn*9/10) // for more the client might make another connection
	for i := range 200 {
		under <- true
		all.Go(func() {
			defer func() { <-under }()
			method, path, status, want := "GET", "/large", 200, page
			var body io.Reader
			header := http.Header{}
			switch i % 5 {
			case 1:
				method, path, body, want = "POST", "/app/echo", bytes.NewReader(upload), upload
			case 2:
				path, want = "/app/stream", stream.Bytes()
			case 3:
				header["Range"] = []string{"bytes=10-19"}
				status, want = 206, page[10:20]
			case 4:
				path += "?query"
			}
			response, got, err := visit(client, method, url+path, body, header)
			if err != nil || response.StatusCode != status || !bytes.Equal(got, want) {
				t.Errorf("%s %s: got %v, %d octets, %v", method, path, response, len(got), err)
			}
		})
	}
	all.Wait()
	if n := dialed.Load(); n != 1 {
		t.Errorf("%d connections were made", n)
	}
	until(t, "no stream is left", func() bool { return s.streams.count() == 0 })
	if !s.counted(t, `tinycdn_http_requests_total{site="site",status="200"} 161`) || !s.counted(t, `tinycdn_http_requests_total{site="site",status="206"} 40`) {
		t.Error("not all are counted")
	}
}

// TestWhatIsBelowHTTP2IsAllThere: early hints, 100 Continue, trailers, and a stream of which each piece comes when it is sent.
func TestWhatIsBelowHTTP2IsAllThere(t *testing.T) {
	t.Parallel()
	next := make(chan bool)
	_, client, url, _ := overHTTP2(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/app/early":
			w.Header().Set("Link", "</a.css>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			w.Header().Set("Trailer", "X-Sum")
			io.Copy(w, r.Body)
			w.Header().Set("X-Sum", "42")
		case "/app/pieces":
			for range 3 {
				io.WriteString(w, "piece")
				http.NewResponseController(w).Flush()
				<-next
			}
		}
	})
	var hints, continues atomic.Int64
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(status int, h textproto.MIMEHeader) error { hints.Add(int64(status * len(h["Link"]))); return nil },
		Got100Continue: func() { continues.Add(1) },
	})
	r, _ := http.NewRequestWithContext(ctx, "POST", url+"/app/early", strings.NewReader("a body"))
	r.Header.Set("Expect", "100-continue")
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if string(body) != "a body" || err != nil || response.Trailer.Get("X-Sum") != "42" || hints.Load() != 103 || continues.Load() != 1 {
		t.Errorf("got %q, %v, trailers %v, hints %d, %d continues", body, err, response.Trailer, hints.Load(), continues.Load())
	}

	response, err = client.Get(url + "/app/pieces")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	for range 3 {
		piece := make([]byte, len("piece"))
		if _, err := io.ReadFull(response.Body, piece); err != nil {
			t.Fatal(err)
		}
		next <- true
	}
	if rest, err := io.ReadAll(response.Body); len(rest) != 0 || err != nil {
		t.Errorf("then came %q, %v", rest, err)
	}
}
