package testkit

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// Protocols are the ways in which pages can be asked for, as curl calls them.
var Protocols = []string{"http1.1", "http2", "http3"}

// NewVisitor makes a client that asks the server at a host's address, whatever its URLs say. It speaks one protocol,
// trusts the certificates of tests, and shows what it gets as it is: it follows no redirect and decodes nothing.
func NewVisitor(p Ports, host, protocol string) *http.Client {
	secrets := &tls.Config{RootCAs: Authority().Pool}
	address := func(wanted string) string {
		_, port, _ := net.SplitHostPort(wanted)
		switch port {
		case "80":
			port = strconv.Itoa(p.HTTP)
		case "443":
			port = strconv.Itoa(p.HTTPS)
		}
		return net.JoinHostPort(host, port)
	}
	var transport http.RoundTripper
	if protocol == "http3" {
		transport = &http3.Transport{
			TLSClientConfig: secrets, DisableCompression: true,
			Dial: func(ctx context.Context, to string, t *tls.Config, q *quic.Config) (*quic.Conn, error) {
				conn, err := quic.DialAddrEarly(ctx, address(to), t, q)
				if err != nil {
					err = &net.OpError{Op: "dial", Net: "udp", Err: err} // as it is over TCP
				}
				return conn, err
			},
		}
	} else {
		only := new(http.Protocols)
		only.SetHTTP1(protocol == "http1.1")
		only.SetHTTP2(protocol == "http2")
		transport = &http.Transport{
			TLSClientConfig: secrets, DisableCompression: true, Protocols: only,
			DialContext: func(ctx context.Context, network, to string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, address(to))
			},
		}
	}
	return &http.Client{
		Transport:     transport,
		Timeout:       Patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// NewAdmin makes a client that asks by a unix socket.
func NewAdmin(socket string) *http.Client {
	return &http.Client{Timeout: Patience, Transport: &http.Transport{
		DisableCompression: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}
}

// Leave closes what a visitor has open.
func Leave(visitor *http.Client) {
	if quick, ok := visitor.Transport.(*http3.Transport); ok {
		quick.Close()
	}
	visitor.CloseIdleConnections()
}

// Visitor is one for the pages of the host.
func (h *Host) Visitor(t *testing.T, protocol string) *http.Client {
	t.Helper()
	visitor := NewVisitor(h.Ports, "127.0.0.1", protocol)
	t.Cleanup(func() { Leave(visitor) })
	return visitor
}

// Fetch gets a page, all of it.
func Fetch(visitor *http.Client, method, url string, header http.Header, body io.Reader) (*http.Response, []byte, error) {
	request, err := http.NewRequest(method, url, body)
	if err != nil {
		return nil, nil, err
	}
	request.Host = cmp.Or(header.Get("Host"), request.Host)
	maps.Copy(request.Header, header)
	request.Header.Del("Host")
	response, err := visitor.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response, text, err
}

// GetRequest is a request for a path of example.org, with more fields.
func GetRequest(path string, fields ...string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: example.org\r\n" + strings.Join(append(fields, ""), "\r\n") + "\r\n"
}

// GetHome gets the home page over a connection that stays open.
func GetHome(conn net.Conn) error {
	conn.SetDeadline(time.Now().Add(Patience))
	if _, err := io.WriteString(conn, GetRequest("/")); err != nil {
		return err
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s, %w", response.Status, err)
	}
	return nil
}
