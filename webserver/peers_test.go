package webserver

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"tinycdn/webserver/certs"
)

// Who names the peers' protocol is theirs, also where there is no certificate; everybody else is a visitor.
func TestPeersShareThePortForHTTPS(t *testing.T) {
	t.Parallel()
	other, roots := certified(t, time.Now().Add(time.Hour))
	const protocol = "peers/1"
	peers := &Peers{
		Protocol: protocol, From: func(netip.Addr) bool { return false },
		TLS: &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return other.Store().Pick(hello, true), nil
		},
			NextProtos: []string{protocol}, MinVersion: tls.VersionTLS13},
		Take: func(c *tls.Conn) {
			go func() {
				defer c.Close()
				io.Copy(c, c)
			}()
		},
	}
	var current certs.Current
	s := Listen(Config{Listen: []string{"127.0.0.1:0"}, TLSListen: []string{"127.0.0.1:0"}, Peers: peers}, &current, slog.New(slog.DiscardHandler))
	s.Publish([]VirtualHost{whole(always(text(100)))})
	running(t, func(ctx context.Context) {
		if err := s.Serve(ctx); err != nil {
			t.Error(err)
		}
	})
	_, secure := s.Addrs()
	dial := func(c *tls.Config) (*tls.Conn, error) {
		c.RootCAs, c.ServerName = roots, "example.org"
		return tls.Dial("tcp", secure[0].String(), c)
	}
	echo := func() {
		t.Helper()
		conn, err := dial(&tls.Config{NextProtos: []string{protocol}})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		got := make([]byte, 4)
		io.WriteString(conn, "echo")
		if _, err := io.ReadFull(conn, got); err != nil || string(got) != "echo" || s.conns.Counts().Open != 0 {
			t.Errorf("%q, %v, %+v", got, err, s.conns.Counts())
		}
	}
	echo()
	if _, err := dial(&tls.Config{NextProtos: []string{protocol}, MaxVersion: tls.VersionTLS12}); err == nil {
		t.Error("a peer comes with TLS 1.2")
	}
	if _, err := dial(&tls.Config{}); err == nil {
		t.Error("a visitor is let in without a certificate")
	}
	current.Set(other.Store())
	echo()
	client := &http.Client{Timeout: patience, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "example.org"}, ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	response, err := client.Get("https://" + secure[0].String() + "/")
	if err != nil || response.StatusCode != http.StatusOK || response.ProtoMajor != 2 {
		t.Errorf("%v, %v", response, err)
	}
}
