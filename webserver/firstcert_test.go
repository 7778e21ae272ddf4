package webserver

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"tinycdn/webserver/certs"
	"tinycdn/zones/diag/diagtest"
)

// While there is no certificate pages come over HTTP, and the port for HTTPS is there; with the first, visitors are led to it.
func TestFirstCertificateNeedsNoRestart(t *testing.T) {
	t.Parallel()
	for what, later := range map[string]bool{"bound at the start": false, "bound with the certificate": true} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			var current certs.Current
			log := new(diagtest.Log)
			s := Listen(Config{Listen: []string{"127.0.0.1:0"}, TLSListen: []string{"127.0.0.1:0"}, TLSLater: later, HTTPSRedirect: true}, &current, slog.New(slog.NewTextHandler(log, nil)))
			s.Publish([]VirtualHost{whole(always(text(100)))})
			running(t, func(ctx context.Context) {
				if err := s.Serve(ctx); err != nil {
					t.Error(err)
				}
			})
			plain, secure := s.Addrs()
			if bound := len(secure) == 1; bound == later {
				t.Fatalf("bound for HTTPS: %v", secure)
			}
			client := &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			wantStatus(t, client, "http://"+plain[0].String()+"/", http.StatusOK)
			if !later {
				_, err := tls.Dial("tcp", secure[0].String(), &tls.Config{ServerName: "example.org"})
				if err == nil || !strings.Contains(err.Error(), "remote error: tls:") {
					t.Errorf("without a certificate a handshake ends with %v, want an alert", err)
				}
			}
			certified, roots := certified(t, time.Now().Add(time.Hour))
			current.Set(certified.Store())
			for range 2 {
				if err := s.ListenTLS(); err != nil {
					t.Fatal(err)
				}
			}
			_, secure = s.Addrs()
			if len(secure) != 1 {
				t.Fatalf("bound for HTTPS: %v", secure)
			}
			wantStatus(t, client, "http://"+plain[0].String()+"/", http.StatusMovedPermanently)
			client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "example.org"}}
			wantStatus(t, client, "https://"+secure[0].String()+"/", http.StatusOK)
			if log.String() != "" {
				t.Errorf("the log says\n%s", log)
			}
		})
	}
}

// A port for HTTPS that is somebody else's is nobody's business before there is a certificate.
func TestTakenPortForHTTPSIsToldWithTheFirstCertificate(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var current certs.Current
	log := new(diagtest.Log)
	s := Listen(Config{Listen: []string{"127.0.0.1:0"}, TLSListen: []string{"127.0.0.1:0", taken.Addr().String()}}, &current, slog.New(slog.NewTextHandler(log, nil)))
	defer s.Close()
	if _, secure := s.Addrs(); len(secure) > 0 || log.String() != "" {
		t.Errorf("bound %v; the log says\n%s", secure, log)
	}
	<-s.AllBound()
	want := "web.tls_listen: cannot listen on " + taken.Addr().String() + ": address already in use"
	if err := s.ListenTLS(); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	taken.Close()
	if err := s.ListenTLS(); err != nil {
		t.Error(err)
	}
	if _, secure := s.Addrs(); len(secure) != 2 {
		t.Errorf("bound %v", secure)
	}
}

func wantStatus(t *testing.T, client *http.Client, url string, want int) {
	t.Helper()
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != want {
		t.Errorf("%s: got %d, want %d", url, response.StatusCode, want)
	}
}
