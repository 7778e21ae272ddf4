package webserver

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"

	"tinycdn/webserver/page"
)

// clients speak the versions of HTTP over TLS, and name a host when they begin.
func clients(t *testing.T, roots *x509.CertPool, serverName string) map[string]*http.Client {
	t.Helper()
	all := map[string]*http.Client{}
	trust := func() *tls.Config {
		return &tls.Config{RootCAs: roots, ServerName: serverName, ClientSessionCache: tls.NewLRUClientSessionCache(0)}
	}
	for proto, set := range map[string]func(*http.Protocols, bool){"HTTP/1.1": (*http.Protocols).SetHTTP1, "HTTP/2.0": (*http.Protocols).SetHTTP2} {
		protocols := new(http.Protocols)
		set(protocols, true)
		all[proto] = &http.Client{Transport: &http.Transport{TLSClientConfig: trust(), Protocols: protocols}, Timeout: patience}
	}
	quic := &http3.Transport{TLSClientConfig: trust()}
	all["HTTP/3.0"] = &http.Client{Transport: quic, Timeout: patience}
	t.Cleanup(func() {
		for _, c := range all {
			c.CloseIdleConnections()
		}
		quic.Close()
	})
	return all
}

// askFor asks the server at an address for a host, whatever was named when the connection began.
func askFor(c *http.Client, secure, host string) (*http.Response, error) {
	r, err := http.NewRequest("GET", "https://"+secure+"/", nil)
	if err != nil {
		return nil, err
	}
	r.Host = host
	response, err := c.Do(r)
	if err == nil {
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	return response, err
}

func TestRequestThatTheCertificateDoesNotCoverIsMisdirected(t *testing.T) {
	t.Parallel()
	current, roots := certifiedFor(t, time.Now().Add(time.Hour), []string{"a.test", "both.test"}, []string{"b.test"})
	_, port, secure := serve(t, Config{HTTP3: true}, current,
		VirtualHost{Name: "a", Hosts: []string{"a.test", "both.test"}, Parts: only(examplePages())},
		VirtualHost{Name: "b", Hosts: []string{"b.test", "bare.test"}, Parts: only(examplePages())})
	for proto, client := range clients(t, roots, "a.test") {
		for round := range 2 { // the second session is resumed
			for _, c := range []struct {
				host string
				want int
			}{{"a.test", 200}, {"both.test", 200}, {"b.test", 421}, {"B.test.:443", 421}, {"bare.test", 200}, {"nobody.test", 421}, {"a.test", 200}} {
				response, err := askFor(client, secure, c.host)
				if err != nil {
					t.Fatalf("%s: %v", proto, err)
				}
				if response.StatusCode != c.want || response.Proto != proto {
					t.Errorf("round %d: %s: %s: got %d over %s, want %d", round, proto, c.host, response.StatusCode, response.Proto, c.want)
				}
				if resumed := response.TLS.DidResume; resumed != (round > 0) {
					t.Errorf("round %d: %s: resumed %v", round, proto, resumed)
				}
			}
			client.CloseIdleConnections()
			if quic, ok := client.Transport.(*http3.Transport); ok {
				quic.CloseIdleConnections()
			}
		}
	}
	if response := overWire(t, port, "GET /", []string{"Host: b.test"}); response.StatusCode != 200 {
		t.Errorf("without TLS: got %d", response.StatusCode)
	}
}

func TestTrustedProxyAsksForAllHostsOverOneConnection(t *testing.T) {
	t.Parallel()
	current, roots := certifiedFor(t, time.Now().Add(time.Hour), []string{"a.test"}, []string{"b.test"})
	_, _, secure := serve(t, Config{HTTP3: true, Trusted: loopback}, current, named("a", "a.test"), named("b", "b.test"))
	for proto, client := range clients(t, roots, "a.test") {
		for _, from := range []string{"", "192.0.2.1"} {
			r, _ := http.NewRequest("GET", "https://"+secure+"/", nil)
			r.Host = "b.test"
			if from != "" {
				r.Header.Set("X-Forwarded-For", from)
			}
			response, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != 200 {
				t.Errorf("%s: for %q: got %d", proto, from, response.StatusCode)
			}
		}
	}
}

// TestHostThatNoCertificateIsForIsRefused with an alert that tells no names, unless a site is for any host.
func TestHostThatNoCertificateIsForIsRefused(t *testing.T) {
	t.Parallel()
	for _, anyHost := range []bool{false, true} {
		hosts := []string{"a.test", "b.test", "c.test"}
		if anyHost {
			hosts = []string{"*"}
		}
		current, roots := certifiedFor(t, time.Now().Add(time.Hour), []string{"a.test"}, []string{"b.test"})
		_, _, secure := serve(t, Config{HTTP3: true}, current, named("site", hosts...))
		addressed, rootsOfAddress := certifiedFor(t, time.Now().Add(time.Hour), []string{"a.test"}, []string{"127.0.0.1"})
		_, _, secureAddress := serve(t, Config{HTTP3: true}, addressed, named("site", hosts...))
		for _, name := range []string{"c.test", "127.0.0.1"} { // of an address no client says anything
			for proto, client := range clients(t, roots, name) {
				_, err := askFor(client, secure, "a.test")
				want := "unrecognized name"
				if anyHost {
					want = "certificate" // is valid for another, says the client
				}
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("any host %v: %s over %s: got %v, want %q", anyHost, name, proto, err, want)
				}
			}
		}
		for proto, client := range clients(t, rootsOfAddress, "127.0.0.1") {
			response, err := askFor(client, secureAddress, "c.test")
			if err != nil || response.StatusCode != 200 {
				t.Errorf("any host %v: the certificate for the address, over %s: got %v, %v", anyHost, proto, response, err)
			}
			if response, err = askFor(client, secureAddress, "a.test"); err != nil || response.StatusCode != 421 {
				t.Errorf("any host %v: and then another's host, over %s: got %v, %v", anyHost, proto, response, err)
			}
		}
	}
}

func TestOldCipherSuitesAreNotSpoken(t *testing.T) {
	t.Parallel()
	current, roots := certified(t, time.Now().Add(time.Hour))
	_, _, secure := serve(t, Config{}, current, whole(examplePages()))
	suites := append(tls.CipherSuites(), tls.InsecureCipherSuites()...)
	spoken := map[string]bool{}
	for _, suite := range suites {
		conn, err := tls.Dial("tcp", secure, &tls.Config{
			RootCAs: roots, ServerName: "example.org", MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite.ID},
		})
		if err == nil {
			spoken[suite.Name] = true
			conn.Close()
		}
	}
	want := map[string]bool{ // those for a key of ECDSA
		"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": true, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": true, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": true,
	}
	if fmt.Sprint(spoken) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", spoken, want)
	}
}

// TestMisdirectionCostsAHitNothing: whether the client names the host that it asks for, or another of the certificate's.
func TestMisdirectionCostsAHitNothing(t *testing.T) {
	current, _ := certifiedFor(t, time.Now().Add(time.Hour), []string{"a.test", "both.test"}, []string{"b.test"})
	s := newServer(t, Config{}, VirtualHost{Name: "a", Hosts: []string{"a.test", "both.test"}, Parts: only(examplePages())})
	s.certs = current
	for host, want := range map[string]int{"a.test": 200, "both.test": 200} {
		q := page.Request{Method: "GET", Host: host, URI: "/", Path: "/", Secure: true, Named: "a.test", Client: netip.MustParseAddr("192.0.2.1")}
		x := new(exchange)
		x.request = q
		if n := testing.AllocsPerRun(1000, func() { s.respond(&x.request, &x.reply) }); n != 0 || x.reply.Status != want {
			t.Errorf("%s: %v allocations, %d", host, n, x.reply.Status)
		}
	}
}
