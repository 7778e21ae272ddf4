package health

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// certificate is self-signed, for a host.
func certificate(t testing.TB, host string, from, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotBefore: from, NotAfter: until, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, _ := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// listen has a server for one test, which handles each connection.
func listen(t *testing.T, handle func(net.Conn)) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				handle(conn)
			}()
		}
	}()
	return l.Addr().(*net.TCPAddr).AddrPort()
}

// web has a server for one test.
func web(t testing.TB, cert *tls.Certificate, h http.HandlerFunc) netip.AddrPort {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	if cert != nil {
		s.TLS = &tls.Config{Certificates: []tls.Certificate{*cert}}
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s.Listener.Addr().(*net.TCPAddr).AddrPort()
}

func says(status int, header, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if name, value, ok := strings.Cut(header, ": "); ok {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// own is what tinycdn says that serves generation 42.
const own = `{"ok": true, "generation": {"42": {"ok": true}}}`

// TestWhatIsSeenOfPages asks servers of all kinds, and wants their faults in words; "": it is well.
func TestWhatIsSeenOfPages(t *testing.T) {
	t.Parallel()
	now := time.Now()
	good := certificate(t, "example.org", now.Add(-time.Hour), now.Add(time.Hour))
	expired := certificate(t, "example.org", now.Add(-2*time.Hour), now.Add(-time.Hour))
	early := certificate(t, "example.org", now.Add(time.Hour), now.Add(2*time.Hour))
	others := certificate(t, "example.net", now.Add(-time.Hour), now.Add(time.Hour))
	stranger := certificate(t, "example.org", now.Add(-time.Hour), now.Add(time.Hour))
	roots := x509.NewCertPool()
	for _, c := range []tls.Certificate{good, expired, early, others} {
		roots.AddCert(c.Leaf)
	}
	gone := listen(t, nil)
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		l.Close()
		gone = l.Addr().(*net.TCPAddr).AddrPort()
	}
	silent := listen(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	endless := func(piece string) netip.AddrPort {
		return listen(t, func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\n")
			for {
				if _, err := io.WriteString(c, piece); err != nil {
					return
				}
			}
		})
	}
	// One that answers for ever, and one that does so an octet at a time.
	chunks := web(t, nil, func(w http.ResponseWriter, r *http.Request) {
		for text := []byte(strings.Repeat("for ever ", 100)); r.Context().Err() == nil; {
			w.Write(text)
		}
	})
	drip := listen(t, func(c net.Conn) {
		io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		for tick := time.NewTicker(10 * time.Millisecond); ; <-tick.C {
			if _, err := io.WriteString(c, "H"); err != nil {
				return
			}
		}
	})
	large := web(t, nil, says(200, "", strings.Repeat("ten megabytes ", 10<<20/14)))
	up := &Page{Host: "example.org", Path: OwnPage, Own: true}
	secure := &Page{Host: "example.org", Path: OwnPage, Own: true, Secure: true}
	mine := &Page{Host: "example.org", Path: "/up?x=1", Status: 204}
	word := &Page{Host: "example.org", Path: "/up", Status: 200, Body: "all is well"}
	for _, test := range []struct {
		name string
		at   netip.AddrPort
		page *Page
		want string
	}{
		{"well", web(t, nil, says(200, "X-Pop: syd", own)), up, ""},
		{"well over TLS", web(t, &good, says(200, "X-Pop: syd", own)), secure, ""},
		{"it does not say which POP it is", web(t, nil, says(200, "", own)), up, ""},
		{"ahead", web(t, nil, says(200, "X-Pop: syd", `{"ok": true, "generation": {"43": {}}}`)), up, ""},
		{"of an older version", web(t, nil, says(200, "X-Pop: syd", `{"ok": true}`)), up, ""},
		{"drained", web(t, nil, says(503, "X-Pop: syd", `{"ok": false, "away": "drained"}`)), up, ""},
		{"drained and behind", web(t, nil, says(503, "X-Pop: syd", `{"ok": false, "away": "drained", "generation": {"41": {}}}`)), up, "behind: it serves generation 41, and 42 is live"},
		{"stopping", web(t, nil, says(503, "X-Pop: syd", `{"ok": false, "away": "stopping"}`)), up, "it says that it is stopping"},
		{"not well", web(t, nil, says(503, "X-Pop: syd", `{"ok": false}`)), up, "status 503 Service Unavailable"},
		{"behind", web(t, nil, says(200, "X-Pop: syd", `{"ok": true, "generation": {"41": {}}}`)), up, "behind: it serves generation 41, and 42 is live"},
		{"another POP", web(t, nil, says(200, "X-Pop: fra", own)), up, "POP fra answers at its address"},
		{"another program", web(t, nil, says(200, "", "<h1>It works!</h1>")), up, "what answers there is not tinycdn"},
		{"another program's JSON", web(t, nil, says(200, "", `{"status": "UP"}`)), up, "what answers there is not tinycdn"},
		{"ten megabytes", large, up, "what answers there is not tinycdn"},
		{"a redirect", web(t, nil, says(301, "Location: https://example.net/", "")), up, "status 301 Moved Permanently"},
		{"an error", web(t, nil, says(500, "X-Pop: syd", "")), up, "status 500 Internal Server Error"},
		{"refused", gone, up, "the connection was refused"},
		{"silent", silent, up, "HTTP: no answer within 1s"},
		{"silent before TLS", silent, secure, "TLS: no answer within 1s"},
		{"closed", listen(t, func(c net.Conn) { c.Read(make([]byte, 4096)) }), up, "HTTP: the connection was closed"},
		{"a body without end", chunks, up, "what answers there is not tinycdn"},
		{"a text in a body without end", chunks, &Page{Host: "example.org", Path: "/", Status: 200, Body: "for ever"}, ""},
		{"an octet at a time, for ever", drip, up, "HTTP: no answer within 1s"},
		{"a header without end", endless("a: b\r\n"), up, "HTTP: its header has no end"},
		{"no HTTP", listen(t, func(c net.Conn) { c.Read(make([]byte, 4096)); io.WriteString(c, "220 mail\r\n") }), up, `HTTP: malformed HTTP status code "mail"`},
		{"interim responses without end", listen(t, func(c net.Conn) { io.WriteString(c, strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 50)) }), up, "HTTP: more than 5 interim responses"},
		{"an interim response", listen(t, func(c net.Conn) {
			c.Read(make([]byte, 4096))
			io.WriteString(c, "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"ok\": true}")
		}), up, ""},
		{"no TLS", web(t, nil, says(200, "", own)), secure, "TLS: what answers there does not speak TLS"},
		{"expired", web(t, &expired, says(200, "", own)), secure, "TLS: the certificate has expired"},
		{"of tomorrow", web(t, &early, says(200, "", own)), secure, "TLS: the certificate is not valid yet: are the clocks right?"},
		{"another host's", web(t, &others, says(200, "", own)), secure, "TLS: the certificate is not for example.org"},
		{"a stranger's", web(t, &stranger, says(200, "", own)), secure, "TLS: the certificate is of an authority that nobody knows"},
		{"a page of the user's", web(t, nil, says(204, "", "")), mine, ""},
		{"with another status", web(t, nil, says(200, "", "")), mine, "status 200 OK"},
		{"with its text", web(t, nil, says(200, "", "today, all is well here")), word, ""},
		{"without", web(t, nil, says(200, "", "all is lost")), word, `"all is well" is not in the page`},
		{"in ten megabytes", large, &Page{Host: "example.org", Path: "/", Status: 200, Body: "megabytes"}, ""},
		{"not in ten megabytes", large, word, `"all is well" is not in the page`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, timeout := &Prober{Roots: roots, Live: func() uint64 { return 42 }}, 20*time.Second
			if test.at == silent || test.at == drip { // else a machine may be slow
				timeout = time.Second
			}
			r := p.Look(context.Background(), &Spot{Target: Target{"syd", Pages4}, Addrs: []netip.AddrPort{test.at}, Timeout: timeout, Page: test.page})
			if r.Why != test.want {
				t.Errorf("got %q, want %q", r.Why, test.want)
			}
			if r.Why == "" && len(r.Took) != 3 {
				t.Errorf("it took %v: want the times of connection, TLS and first octet", r.Took)
			}
		})
	}
}

// TestEachAddressIsLookedAt: half of the visitors come to one that is dead.
func TestEachAddressIsLookedAt(t *testing.T) {
	t.Parallel()
	good, bad := web(t, nil, says(200, "", own)), web(t, nil, says(500, "", ""))
	p := &Prober{}
	page := &Page{Host: "example.org", Path: OwnPage, Own: true}
	for want, addrs := range map[string][]netip.AddrPort{"": {good, good}, "status 500 Internal Server Error": {good, bad}} {
		if r := p.Look(t.Context(), &Spot{Target: Target{"syd", Pages4}, Addrs: addrs, Timeout: 20 * time.Second, Page: page}); r.Why != want {
			t.Errorf("got %q, want %q", r.Why, want)
		}
	}
}

func TestALookAsksAsAVisitorWould(t *testing.T) {
	t.Parallel()
	asked := make(chan *http.Request, 1)
	at := web(t, nil, func(w http.ResponseWriter, r *http.Request) { asked <- r })
	p := &Prober{}
	p.Look(t.Context(), &Spot{Target: Target{"syd", Pages4}, Addrs: []netip.AddrPort{at}, Timeout: 20 * time.Second, Page: &Page{Host: "example.org", Path: "/up?x=1"}})
	if r := <-asked; r.Method != "GET" || r.Host != "example.org" || r.RequestURI != "/up?x=1" || !r.Close {
		t.Errorf("got %s %s %s, closing: %v", r.Method, r.Host, r.RequestURI, r.Close)
	}
}
