package webserver

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
	"tinycdn/zones/diag/diagtest"

	"github.com/quic-go/quic-go/http3"
)

// An address that is taken, over TCP or over UDP, costs the pages there until it is free.
func TestAddressThatIsTakenCostsItselfAlone(t *testing.T) {
	t.Parallel()
	current, roots := certified(t, time.Now().Add(time.Hour))
	trust := &tls.Config{RootCAs: roots, ServerName: "example.org"}
	quic := &http3.Transport{TLSClientConfig: trust.Clone()}
	t.Cleanup(func() { quic.Close() })
	for key, by := range map[string]http.RoundTripper{
		"web.listen": &http.Transport{}, "web.tls_listen": &http.Transport{TLSClientConfig: trust}, "web.http3": quic,
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			var address string
			var taker io.Closer
			if key == "web.http3" {
				socket, err := net.ListenPacket("udp", "127.0.0.8:0")
				if err != nil {
					t.Fatal(err)
				}
				address, taker = socket.LocalAddr().String(), socket
			} else {
				l, err := net.Listen("tcp", "127.0.0.8:0")
				if err != nil {
					t.Fatal(err)
				}
				address, taker = l.Addr().String(), l
			}
			c := Config{Listen: []string{"127.0.0.8:0"}, HTTP3: key == "web.http3", HTTPSRedirect: true}
			if key == "web.listen" {
				c.Listen = append(c.Listen, address)
			} else {
				c.TLSListen = []string{address}
			}
			log := new(diagtest.Log)
			s := Listen(c, current, slog.New(slog.NewTextHandler(log, nil)))
			s.Publish([]VirtualHost{whole(always(text(100)))})
			running(t, func(ctx context.Context) {
				if err := s.Serve(ctx); err != nil {
					t.Error(err)
				}
			})
			open, _ := s.Addrs()
			client := &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			response, err := client.Get("http://" + open[0].String() + "/")
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if want := http.StatusOK; key == "web.tls_listen" && response.StatusCode != want {
				t.Errorf("led to HTTPS, which nobody speaks: got %d, want %d", response.StatusCode, want)
			}
			if want := key + ": cannot listen on " + address + ": address already in use (is another web server running"; !strings.Contains(log.String(), want) {
				t.Errorf("%s is not in the log:\n%s", want, log)
			}
			taker.Close()
			<-s.AllBound()
			client.Transport = by
			url := "https://" + address + "/"
			if key == "web.listen" {
				url = "http://" + address + "/"
			}
			response, err = client.Get(url)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if want := "msg=\"listening at last\" " + key + "=" + address; !strings.Contains(log.String(), want) {
				t.Errorf("%s is not in the log:\n%s", want, log)
			}
		})
	}
}

func TestAddressThatIsAwayKeepsNoPageBack(t *testing.T) {
	t.Parallel()
	current, _ := certified(t, time.Now().Add(time.Hour))
	log := new(diagtest.Log)
	c := Config{Listen: []string{"127.0.0.1:0", "203.0.113.78:0"}, TLSListen: []string{"[2001:db8:ffff::78]:0"}, HTTP3: true}
	s := Listen(c, current, slog.New(slog.NewTextHandler(log, nil)))
	defer s.Close()
	for _, want := range []string{"203.0.113.78", "2001:db8:ffff::78"} {
		if !strings.Contains(log.String(), "this machine does not have") || !strings.Contains(log.String(), want) {
			t.Errorf("%s is not in the log:\n%s", want, log)
		}
	}
}
