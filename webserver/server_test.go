package webserver

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"

	"tinycdn/webserver/certs"
)

// certified gives a certificate for example.org that holds until then, and who trusts it.
func certified(t testing.TB, until time.Time) (*certs.Current, *x509.CertPool) {
	return certifiedFor(t, until, []string{"example.org", "127.0.0.1"})
}

// certifiedFor gives a certificate for each list of names.
func certifiedFor(t testing.TB, until time.Time, lists ...[]string) (*certs.Current, *x509.CertPool) {
	t.Helper()
	pool := x509.NewCertPool()
	var pairs []certs.Pair
	for i, names := range lists {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i + 1)), Subject: pkix.Name{CommonName: names[0]},
			NotBefore: until.Add(-48 * time.Hour), NotAfter: until, IsCA: true, BasicConstraintsValid: true,
		}
		for _, name := range names {
			if ip := net.ParseIP(name); ip != nil {
				template.IPAddresses = append(template.IPAddresses, ip)
			} else {
				template.DNSNames = append(template.DNSNames, name)
			}
		}
		chain, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		secret, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		pair := certs.Pair{Chain: filepath.Join(t.TempDir(), "chain.pem"), Key: filepath.Join(t.TempDir(), "key.pem")}
		for file, block := range map[string]*pem.Block{pair.Chain: {Type: "CERTIFICATE", Bytes: chain}, pair.Key: {Type: "PRIVATE KEY", Bytes: secret}} {
			if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		own, err := x509.ParseCertificate(chain)
		if err != nil {
			t.Fatal(err)
		}
		pairs = append(pairs, pair)
		pool.AddCert(own)
	}
	current := new(certs.Current)
	current.Set(certs.Load(pairs, nil, time.Now()).Value)
	return current, pool
}

// serve begins a server on ports of its own, for as long as the test runs.
func serve(t testing.TB, c Config, current *certs.Current, sites ...VirtualHost) (s *Server, plain, secure string) {
	t.Helper()
	c.Listen = []string{"127.0.0.1:0"}
	if current != nil {
		c.TLSListen = []string{"127.0.0.1:0"}
	}
	s = Listen(c, current, slog.New(slog.DiscardHandler))
	s.Publish(sites)
	running(t, func(ctx context.Context) {
		if err := s.Serve(ctx); err != nil {
			t.Error(err)
		}
	})
	open, closed := s.Addrs()
	if len(closed) > 0 {
		secure = closed[0].String()
	}
	return s, open[0].String(), secure
}

func TestEveryProtocolServesTheSamePage(t *testing.T) {
	t.Parallel()
	current, pool := certified(t, time.Now().Add(24*time.Hour))
	p := text(12_000)
	s, plain, secure := serve(t, Config{POP: "fra", HSTS: "max-age=60", HTTP3: true}, current, whole(always(p)))
	trust := &tls.Config{RootCAs: pool, ServerName: "example.org"}
	protocols := func(set func(*http.Protocols, bool)) *http.Protocols {
		p := new(http.Protocols)
		set(p, true)
		return p
	}
	quic := &http3.Transport{TLSClientConfig: trust}
	t.Cleanup(func() { quic.Close() })
	for _, c := range []struct {
		url   string
		major int
		by    http.RoundTripper
	}{
		{"http://" + plain, 1, &http.Transport{}},
		{"https://" + secure, 1, &http.Transport{TLSClientConfig: trust.Clone(), Protocols: protocols((*http.Protocols).SetHTTP1)}},
		{"https://" + secure, 2, &http.Transport{TLSClientConfig: trust.Clone(), Protocols: protocols((*http.Protocols).SetHTTP2)}},
		{"https://" + secure, 3, quic},
	} {
		client := &http.Client{Transport: c.by, Timeout: patience}
		t.Cleanup(client.CloseIdleConnections)
		response, err := client.Get(c.url + "/")
		if err != nil {
			t.Fatalf("HTTP/%d: %v", c.major, err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if h := response.Header; err != nil || response.ProtoMajor != c.major || string(body) != string(p.Body()) || h.Get("Etag") != p.Negotiate("gzip").ETag || h.Get("X-Pop") != "fra" {
			t.Errorf("HTTP/%d: got HTTP/%d %d %v with %d bytes, %v", c.major, response.ProtoMajor, response.StatusCode, h, len(body), err)
		}
		isSecure := strings.HasPrefix(c.url, "https")
		if h := response.Header; h.Get("Strict-Transport-Security") != "" != isSecure || h.Get("Alt-Svc") != "" != isSecure {
			t.Errorf("HTTP/%d: got %v", c.major, h)
		}
	}
	if want := fmt.Sprintf(`h3=":%d"; ma=86400`, netip.MustParseAddrPort(secure).Port()); s.altSvc != want {
		t.Errorf("HTTP/3 is said to be at %s, not at %s", s.altSvc, want)
	}
}

func TestPlainHTTPLeadsToHTTPS(t *testing.T) {
	t.Parallel()
	current, _ := certified(t, time.Now().Add(24*time.Hour))
	empty := new(certs.Current)
	proxy := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	s, plain, secure := serve(t, Config{HTTPSRedirect: true, Trusted: proxy, Admin: loopback}, current, named("site", "example.org", "bare.example"))
	anyHost, _, _ := serve(t, Config{HTTPSRedirect: true}, current, named("site", "*"))
	anyHost.plainPort, anyHost.tlsPort = "", ""
	_, ours, _ := net.SplitHostPort(plain)
	_, theirs, _ := net.SplitHostPort(secure)
	standard, _, _ := serve(t, Config{HTTPSRedirect: true}, current, named("site", "example.org"))
	standard.plainPort, standard.tlsPort = "", ""
	without, _, _ := serve(t, Config{HTTPSRedirect: true}, empty, named("site", "example.org"))
	switchedOff, _, _ := serve(t, Config{}, current, named("site", "example.org"))
	for _, c := range []struct {
		about  string
		s      *Server
		line   string
		header string
		status int
		to     string
	}{
		{"a page", s, "GET /a%20b?c=d%2F", "Host: example.org:" + ours, 301, "https://example.org:" + theirs + "/a%20b?c=d%2F"},
		{"a form", s, "POST /a", "Host: example.org:" + ours, 308, "https://example.org:" + theirs + "/a"},
		{"a page, host in capitals", s, "GET /", "Host: EXAMPLE.org.:" + ours, 301, "https://example.org:" + theirs + "/"},
		{"a page, by a router that maps port 80", s, "GET /", "Host: example.org", 301, "https://example.org/"},
		{"a page, by a router that maps another", s, "GET /", "Host: example.org:81", 301, "https://example.org/"},
		{"a page at the standard port", standard, "GET /", "Host: example.org", 301, "https://example.org/"},
		{"a page at the standard port, named", standard, "GET /", "Host: example.org:80", 301, "https://example.org/"},
		{"a page of another host", s, "GET /", "Host: evil.example", 421, ""},
		{"a page of a host without a certificate", s, "GET /", "Host: bare.example", 200, ""},
		{"a page of any host", anyHost, "GET /", "Host: bare.example", 301, "https://bare.example/"},
		{"a challenge of ACME", s, "GET /.well-known/acme-challenge/x", "Host: example.org", 200, ""},
		{"our own", s, "GET /.well-known/tinycdn/health", "Host: example.org", 200, ""},
		{"a page without a certificate", without, "GET /", "Host: example.org", 200, ""},
		{"a page where it is switched off", switchedOff, "GET /", "Host: example.org", 200, ""},
	} {
		response := c.s.ask(request(c.line, c.header))
		if got := response.Header.Get("Location"); response.StatusCode != c.status || got != c.to {
			t.Errorf("%s: got %d %q, want %d %q", c.about, response.StatusCode, got, c.status, c.to)
		}
	}
	byProxy := request("GET /", "Host: example.org", "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https")
	byProxy.RemoteAddr = "10.0.0.1:1"
	if got := s.ask(byProxy).StatusCode; got != 200 {
		t.Errorf("over HTTPS as a trusted proxy says: got %d", got)
	}
	byProxy.RemoteAddr = "192.0.2.1:1"
	if got := s.ask(byProxy).StatusCode; got != 301 {
		t.Errorf("over HTTPS as anybody says: got %d", got)
	}
}

// TestWireIsReadStrictly sends what has been read in two ways by two servers.
func TestWireIsReadStrictly(t *testing.T) {
	t.Parallel()
	_, plain, _ := serve(t, Config{}, nil, named("site", "example.org"))
	const host = "Host: example.org\r\n"
	for _, c := range []struct {
		about, request string
		status         int
		closes         bool
	}{
		{"a request", "GET / HTTP/1.1\r\n" + host + "\r\n", 200, false},
		{"an absolute form, whose host counts", "GET http://example.org/ HTTP/1.1\r\nHost: other.example\r\n\r\n", 200, false},
		{"no host", "GET / HTTP/1.1\r\n\r\n", 400, true},
		{"two hosts", "GET / HTTP/1.1\r\n" + host + "Host: other.example\r\n\r\n", 400, true},
		{"a folded line", "GET / HTTP/1.1\r\n" + host + "X-A: b\r\n Content-Length: 5\r\n\r\n", 200, false},
		{"a space before the colon", "GET / HTTP/1.1\r\n" + host + "Content-Length : 5\r\n\r\n", 400, true},
		{"two lengths", "POST / HTTP/1.1\r\n" + host + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400, true},
		{"a length with a sign", "POST / HTTP/1.1\r\n" + host + "Content-Length: +5\r\n\r\nhello", 400, true},
		{"an unknown coding", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: xchunked\r\n\r\n", 501, true},
		{"a length and chunks", "POST / HTTP/1.1\r\n" + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, true},
		{"a GET with chunks", "GET / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, true},
		{"an empty line before", "\r\nGET / HTTP/1.1\r\n" + host + "\r\n", 200, false},
		{"an empty line before, and one behind", "\r\nGET / HTTP/1.1\r\n" + host + "\r\n\r\n", 200, false},
		{"an absolute form without a path", "GET http://example.org HTTP/1.1\r\n" + host + "\r\n", 200, false},
		{"a control character in the path", "GET /\x01 HTTP/1.1\r\n" + host + "\r\n", 400, true},
		{"a header of 15 KB", "GET / HTTP/1.1\r\n" + host + "X-A: " + strings.Repeat("a", 15<<10) + "\r\n\r\n", 200, false},
		{"a header of 17 KB", "GET / HTTP/1.1\r\n" + host + "X-A: " + strings.Repeat("a", 17<<10) + "\r\n\r\n", 431, true},
		{"a path of 9 KB", "GET /" + strings.Repeat("a", 9<<10) + " HTTP/1.1\r\n" + host + "\r\n", 414, false},
		{"a connection to elsewhere", "CONNECT other.example:443 HTTP/1.1\r\n" + host + "\r\n", 400, false},
		{"a protocol of old", "GET / HTTP/0.9\r\n\r\n", 505, true},
	} {
		connection, err := net.Dial("tcp", plain)
		if err != nil {
			t.Fatal(err)
		}
		connection.SetDeadline(time.Now().Add(patience))
		// The second request shows whether the connection lasts, and where the first one ended.
		go io.WriteString(connection, c.request+"GET /second HTTP/1.1\r\n"+host+"Connection: close\r\n\r\n")
		in := bufio.NewReader(connection)
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Errorf("%s: %v", c.about, err)
			continue
		}
		io.Copy(io.Discard, response.Body)
		_, err = http.ReadResponse(in, nil)
		if response.StatusCode != c.status || (err != nil) != c.closes {
			t.Errorf("%s: got %d, and then %v", c.about, response.StatusCode, err)
		}
		connection.Close()
	}
}

func TestHealthTellsHowLongCertificatesHold(t *testing.T) {
	t.Parallel()
	for left, ok := range map[time.Duration]bool{24 * time.Hour: true, -time.Hour: false} {
		until := time.Now().Add(left)
		current, _ := certified(t, until)
		s, _, _ := serve(t, Config{HTTPSRedirect: true, Admin: loopback}, current, named("site", "example.org"))
		r := request("GET /.well-known/tinycdn/health")
		r.RemoteAddr = "127.0.0.1:1"
		response := s.ask(r)
		body, _ := io.ReadAll(response.Body)
		if want := `"until": "` + until.UTC().Format(time.RFC3339) + `"`; (response.StatusCode == 200) != ok || !strings.Contains(string(body), want) {
			t.Errorf("%v: got %d %s", left, response.StatusCode, body)
		}
	}
}
