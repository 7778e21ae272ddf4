package conns

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
	"tinycdn/geoip/inet"

	"github.com/pires/go-proxyproto"
)

var (
	loopbackIsTrusted = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	someClient        = &net.TCPAddr{IP: net.IPv4(198, 51, 100, 7), Port: 4711}
	someServer        = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443}
)

// header is what a proxy says for a client.
func header(version byte, client, server net.Addr) string {
	text, err := proxyproto.HeaderProxyFromAddrs(version, client, server).Format()
	if err != nil {
		panic(err)
	}
	return string(text)
}

func TestTrustedProxySaysForWhomItAsks(t *testing.T) {
	t.Parallel()
	addr := serve(t, New(Config{Trusted: loopbackIsTrusted}), sayAddress)
	six := &net.TCPAddr{IP: net.ParseIP("2001:db8::7"), Port: 4711}
	for _, c := range []struct{ name, says, want string }{
		{"version 1", header(1, someClient, someServer), someClient.String()},
		{"version 2", header(2, someClient, someServer), someClient.String()},
		{"IPv6 in version 1", header(1, six, six), six.String()},
		{"IPv6 in version 2", header(2, six, six), six.String()},
		{"version 1, client unknown", "PROXY UNKNOWN\r\n", "itself"},
		{"version 2, for itself", header(2, &net.IPAddr{}, &net.IPAddr{}), "itself"},
		{"version 2, a local socket", header(2, &net.UnixAddr{Name: "a", Net: "unix"}, &net.UnixAddr{Name: "b", Net: "unix"}), "itself"},
		{"plain HTTP", "", "itself"},
	} {
		v := visit(t, addr, "127.0.0.1")
		if c.want == "itself" {
			c.want = v.LocalAddr().String()
		}
		for i := range 2 { // the second request comes without a header
			if i == 1 {
				c.says = ""
			}
			if status, body := v.asks(c.says); status != http.StatusOK || body != c.want {
				t.Errorf("%s, request %d: got %d %q, want %q", c.name, i+1, status, body, c.want)
			}
		}
	}
}

func TestNobodyElseSpeaksForOthers(t *testing.T) {
	t.Parallel()
	addr := serve(t, New(Config{Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}}), sayAddress)
	for version := range byte(2) {
		if status, body := visit(t, addr, "127.0.0.1").asks(header(version+1, someClient, someServer)); status != http.StatusBadRequest {
			t.Errorf("version %d: got %d %q, want 400", version+1, status, body)
		}
	}
}

func TestBrokenProxyHeaderIsRefused(t *testing.T) {
	t.Parallel()
	addr := serve(t, New(Config{Trusted: loopbackIsTrusted}), sayAddress)
	for _, says := range []string{
		"PROXY TCP4 198.51.100.7 192.0.2.1 x 443\r\n",
		"PROXY TCP4 198.51.100.7\r\n",
		"PROXY " + strings.Repeat("x", 300) + "\r\n",
		string(proxyproto.SIGV2) + "\x21\x11\x00\x00",
		string(proxyproto.SIGV2) + "\xff\xff\xff\xff",
	} {
		if status, body := visit(t, addr, "127.0.0.1").asks(says); status == http.StatusOK {
			t.Errorf("%q: got %d %q", says, status, body)
		}
	}
}

func TestProxyHeaderGoesBeforeTLS(t *testing.T) {
	t.Parallel()
	g := New(Config{Trusted: loopbackIsTrusted})
	server := httptest.NewUnstartedServer(http.HandlerFunc(sayAddress))
	server.Listener = g.Listener(server.Listener)
	server.Config.ConnState = g.ConnState
	server.StartTLS()
	defer server.Close()

	v := visit(t, server.Listener.Addr().String(), "127.0.0.1")
	io.WriteString(v, header(2, someClient, someServer))
	secure := tls.Client(v.Conn, &tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "example.com"})
	v.Conn, v.in = secure, bufio.NewReader(secure)
	if status, body := v.asks(""); status != http.StatusOK || body != someClient.String() {
		t.Errorf("got %d %q, want %q", status, body, someClient)
	}
	waitFor(t, "it to be idle", func() bool { return g.Counts().Idle == 1 })
}

func TestSilentProxyLosesItsConnection(t *testing.T) {
	t.Parallel()
	addr := serve(t, New(Config{Trusted: loopbackIsTrusted, ProxyHeaderTime: 20 * time.Millisecond}), sayAddress)
	for _, says := range []string{"", "PROX", "\r\n\r\n\x00\r\nQUIT\n\x21"} {
		v := visit(t, addr, "127.0.0.1")
		io.WriteString(v, says)
		v.SetDeadline(time.Now().Add(patience))
		if _, err := io.Copy(io.Discard, v.in); err != nil && errors.Is(err, errTimeout) {
			t.Errorf("%q: the connection is still open", says)
		}
	}
}

func TestClientsOfAProxyAreCountedEach(t *testing.T) {
	t.Parallel()
	g := New(Config{PerAddress: 1, Trusted: loopbackIsTrusted})
	addr := serve(t, g, sayAddress)
	var first, other *client
	for i, c := range []struct {
		v    **client
		says string
	}{
		{&first, header(1, someClient, someServer)},
		{&other, header(1, &net.TCPAddr{IP: net.IPv4(198, 51, 100, 8), Port: 1}, someServer)},
		{new(*client), ""}, // the proxy itself may come as often as it likes
		{new(*client), ""},
		{new(*client), header(2, someClient, someServer)},
	} {
		*c.v = visit(t, addr, "127.0.0.1")
		if status, _ := (*c.v).asks(c.says); status != http.StatusOK {
			t.Errorf("%d: got %d", i, status)
		}
		waitFor(t, "all to be idle", func() bool { c := g.Counts(); return c.Idle == c.Open })
	}
	first.mustBeClosed()
	if status, _ := other.asks(""); status != http.StatusOK {
		t.Errorf("another client of the proxy was closed: %d", status)
	}
}

func TestConnectionOfAProxyThatHasLostItsPlaceSaysNothingMore(t *testing.T) {
	t.Parallel()
	g := New(Config{Clients: 1})
	c := &conn{Conn: text{in: strings.NewReader(header(1, someClient, someServer))}, table: g}
	c.proxied = newProxyHeader(c.Conn)
	g.admit(&c.entry, netip.Addr{}, c.shed)
	g.Admit(inet.Of(someClient), func(bool) {}, nil)
	if _, err := c.Read(make([]byte, 1)); err != errShed {
		t.Errorf("got %v, want %v", err, errShed)
	}
}

// text is a connection that says what it has to say, and ends.
type text struct {
	net.Conn
	in io.Reader
}

func (c text) Read(p []byte) (int, error)      { return c.in.Read(p) }
func (text) SetReadDeadline(_ time.Time) error { return nil }
func (text) Close() error                      { return nil }
func (text) RemoteAddr() net.Addr              { return someServer }

// FuzzOpening holds that what is no PROXY header comes through as it was, and what is one goes, and that nothing
// comes after a header that is broken.
func FuzzOpening(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Add([]byte("POST"))
	f.Add([]byte(header(1, someClient, someServer) + "GET / HTTP/1.1\r\n\r\n"))
	f.Add([]byte(header(2, someClient, someServer) + strings.Repeat("x", 2*proxyHeaderSize)))
	f.Add([]byte(header(2, &net.IPAddr{}, &net.IPAddr{})))
	g := New(Config{})
	f.Fuzz(func(t *testing.T, sent []byte) {
		c := &conn{Conn: text{in: bytes.NewReader(sent)}, table: g}
		c.proxied = newProxyHeader(c.Conn)
		g.admit(&c.entry, netip.Addr{}, c.shed)
		defer c.Close()
		from := c.RemoteAddr().(*net.TCPAddr)
		got, err := io.ReadAll(c)
		switch signed := bytes.HasPrefix(sent, proxyproto.SIGV1) || bytes.HasPrefix(sent, proxyproto.SIGV2); {
		case !signed && (err != nil || !bytes.Equal(got, sent) || from != someServer):
			t.Errorf("sent %q from %v, got %q, %v", sent, from, got, err)
		case signed && (!bytes.HasSuffix(sent, got) || len(got) == len(sent) || err != nil && len(got) > 0):
			t.Errorf("sent %q, got %q, %v", sent, got, err)
		case from != someServer && !inet.Of(from).IsValid():
			t.Errorf("sent %q, which names %v", sent, from)
		}
	})
}
