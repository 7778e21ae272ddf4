package tests

import (
	"cmp"
	"context"
	"crypto/tls"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"testing"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// protocols are the ways in which pages can be asked for, as curl calls them.
var protocols = []string{"http1.1", "http2", "http3"}

// newVisitor makes a client that asks the server at a host's address, whatever its URLs say. It speaks one protocol,
// trusts the certificates of tests, and shows what it gets as it is: it follows no redirect and decodes nothing.
func newVisitor(p ports, host, protocol string) *http.Client {
	secrets := &tls.Config{RootCAs: authority().pool}
	address := func(wanted string) string {
		_, port, _ := net.SplitHostPort(wanted)
		switch port {
		case "80":
			port = strconv.Itoa(p.http)
		case "443":
			port = strconv.Itoa(p.https)
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
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// leave closes what a visitor has open.
func leave(visitor *http.Client) {
	if quick, ok := visitor.Transport.(*http3.Transport); ok {
		quick.Close()
	}
	visitor.CloseIdleConnections()
}

// visitor is one for the pages of a house.
func (h *house) visitor(t *testing.T, protocol string) *http.Client {
	t.Helper()
	visitor := newVisitor(h.ports, "127.0.0.1", protocol)
	t.Cleanup(func() { leave(visitor) })
	return visitor
}

// fetch gets a page, all of it.
func fetch(visitor *http.Client, method, url string, header http.Header, body io.Reader) (*http.Response, []byte, error) {
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
