package protocol

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tinycdn/tests/testkit"
)

// TestAFloodAt443KeepsNobodyOut is of strangers who say nothing, and of others who name the channel's protocol and show keys that nobody
// knows, at each POP, again and again, as many as there are places and more.
func TestAFloodAt443KeepsNobodyOut(t *testing.T) {
	t.Parallel()
	files := strings.Replace(clusterFiles, "admin_socket", "clients = 100\ncerts = [\"cert/example.org.pem\", \"cert/example.org.key\"]\nadmin_socket", 1)
	c := newCluster(t, files+"-- cert/README --\nmade by the test\n")
	now := time.Now()
	if _, err := testkit.Authority().Issue(filepath.Join(c.folder, "cert", "example.org"), now.Add(-time.Hour), now.Add(time.Hour), "example.org"); err != nil {
		t.Fatal(err)
	}
	c.run(0, "", "publish")
	ctx, stop := context.WithCancel(t.Context())
	var floods sync.WaitGroup
	defer floods.Wait()
	defer stop()
	var tried atomic.Int64
	for i := range 20 {
		floods.Go(func() { c.flood(ctx, net.IPv4(127, 0, 77, byte(1+i)), i, &tried) })
	}
	c.await("the flood has begun", func() bool { return tried.Load() > 400 })
	for name, address := range clusterAddresses {
		for range 5 {
			if got := c.secure(address); got != "one\n" {
				t.Errorf("a visitor of %s gets %q", name, got)
			}
		}
	}
	begun := tried.Load()
	c.edit("public/index.html", "two\n")
	c.run(0, "generation 2 at fra, nyc, syd", "publish")
	c.run(0, "", "status")
	if tried.Load() == begun {
		t.Error("meanwhile there was no flood")
	}
	for name, address := range clusterAddresses {
		if got := c.secure(address); got != "two\n" {
			t.Errorf("a visitor of %s gets %q", name, got)
		}
	}
}

// flood is by one stranger, until ctx ends: of every ten connections nine say nothing.
func (c *cluster) flood(ctx context.Context, from net.IP, i int, tried *atomic.Int64) {
	key := newKey()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	shell, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		c.t.Error(err)
	}
	config := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"tinycdn/1"}, Certificates: []tls.Certificate{{Certificate: [][]byte{shell}, PrivateKey: key}}}
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: from}}
	var silent []net.Conn
	for n := 0; ctx.Err() == nil; n++ {
		pop := []string{"127.0.0.1", "127.0.0.2", "127.0.0.3"}[(n+i)%3]
		conn, err := dialer.DialContext(ctx, "tcp", fmt.Sprintf("%s:%d", pop, c.ports.HTTPS))
		tried.Add(1)
		if err != nil {
			continue
		}
		if n%10 > 0 {
			silent = append(silent, conn)
		} else {
			within, done := context.WithTimeout(ctx, time.Second)
			tls.Client(conn, config).HandshakeContext(within)
			done()
			conn.Close()
		}
		for len(silent) > 50 {
			silent[0].Close()
			silent = silent[1:]
		}
	}
	for _, conn := range silent {
		conn.Close()
	}
}

// secure is what a visitor is given over TLS, who comes from elsewhere than a POP.
func (c *cluster) secure(address string) string {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 99)}}
	visitor := &http.Client{Timeout: testkit.Patience, Transport: &http.Transport{
		DisableKeepAlives: true, DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{RootCAs: testkit.Authority().Pool, ServerName: "example.org"},
	}}
	request, err := http.NewRequest("GET", fmt.Sprintf("https://%s:%d/", address, c.ports.HTTPS), nil)
	if err != nil {
		return err.Error()
	}
	request.Host = "example.org"
	response, err := visitor.Do(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return string(text)
}
