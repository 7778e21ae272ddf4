package webserver

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"tinycdn/geoip/inet"
)

var proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:ff::/48")}

// fields makes a header of lines.
func fields(lines ...string) http.Header {
	h := http.Header{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		h.Add(name, value)
	}
	return h
}

func TestClientIsTheLastThatNoProxyOfOursIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		peer  string
		lines []string
		want  string // with a + where it asked over HTTPS
	}{
		{"192.0.2.1:999", nil, "192.0.2.1"},
		{"[2001:db8::1]:999", nil, "2001:db8::1"},
		{"[::ffff:192.0.2.1]:999", nil, "192.0.2.1"},
		{"[fe80::1%eth0]:999", nil, "fe80::1"},
		{"10.0.0.1:999", nil, "10.0.0.1"},
		{"@", []string{"X-Forwarded-For: 198.51.100.7"}, "invalid IP"},

		// Who is no proxy of ours says what it likes.
		{"192.0.2.1:999", []string{"X-Forwarded-For: 198.51.100.7", "X-Forwarded-Proto: https"}, "192.0.2.1"},
		{"192.0.2.1:999", []string{"Forwarded: for=198.51.100.7;proto=https"}, "192.0.2.1"},

		{"10.0.0.1:999", []string{"X-Forwarded-For: 198.51.100.7"}, "198.51.100.7"},
		{"[::ffff:10.0.0.1]:999", []string{"X-Forwarded-For: 198.51.100.7"}, "198.51.100.7"},
		{"[2001:db8:ff::1]:999", []string{"X-Forwarded-For: 2001:db8::7"}, "2001:db8::7"},
		{"10.0.0.1:999", []string{"X-Forwarded-For: [2001:db8::7]"}, "2001:db8::7"},
		{"10.0.0.1:999", []string{"X-Forwarded-For: [2001:db8::7]:999"}, "2001:db8::7"},
		{"10.0.0.1:999", []string{"X-Forwarded-For: 198.51.100.7:999"}, "198.51.100.7"},
		{"10.0.0.1:999", []string{"X-Forwarded-For: ::ffff:198.51.100.7"}, "198.51.100.7"},
		{"10.0.0.1:999", []string{"X-Forwarded-For: 1.1.1.1, 198.51.100.7"}, "198.51.100.7"},
		{"10.0.0.1:999", []string{"X-Forwarded-For: 1.1.1.1", "X-Forwarded-For: 198.51.100.7 , 10.0.0.2"}, "198.51.100.7"},
		{"10.0.0.1:999", []string{"X-Forwarded-For: 10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"10.0.0.1:999", []string{"X-Forwarded-For: 1.1.1.1, nonsense, 10.0.0.2"}, "10.0.0.2"},
		{"10.0.0.1:999", []string{"X-Forwarded-For: 1.1.1.1,"}, "10.0.0.1"},
		{"10.0.0.1:999", []string{"X-Forwarded-For: [1.1.1.1"}, "10.0.0.1"},
		{"10.0.0.1:999", []string{"X-Forwarded-For: [2001:db8::7]x"}, "10.0.0.1"},

		// The protocol is that of the hop, counted from here.
		{"10.0.0.1:999", []string{"X-Forwarded-For: 198.51.100.7", "X-Forwarded-Proto: https"}, "198.51.100.7+"},
		{"10.0.0.1:999", []string{"X-Forwarded-For: 198.51.100.7", "X-Forwarded-Proto: https, http"}, "198.51.100.7"},
		{"10.0.0.1:999", []string{"X-Forwarded-For: 198.51.100.7, 10.0.0.2", "X-Forwarded-Proto: https, http"}, "198.51.100.7+"},
		{"10.0.0.1:999", []string{"X-Forwarded-For: 198.51.100.7, 10.0.0.2", "X-Forwarded-Proto: HTTPS"}, "198.51.100.7+"},

		{"10.0.0.1:999", []string{"Forwarded: for=198.51.100.7"}, "198.51.100.7"},
		{"10.0.0.1:999", []string{"Forwarded: For=198.51.100.7; Proto=HTTPS; by=10.0.0.1"}, "198.51.100.7+"},
		{"10.0.0.1:999", []string{`Forwarded: for="[2001:db8::7]:999";proto="https"`}, "2001:db8::7+"},
		{"10.0.0.1:999", []string{`Forwarded: for=1.1.1.1;proto=https, for=198.51.100.7;proto=http, for=10.0.0.2;proto=https`}, "198.51.100.7"},
		{"10.0.0.1:999", []string{`Forwarded: for=198.51.100.7;host="a,b;for=1.1.1.1";proto=https`}, "198.51.100.7+"},
		{"10.0.0.1:999", []string{`Forwarded: for=1.1.1.1`, `Forwarded: for=unknown`}, "10.0.0.1"},
		{"10.0.0.1:999", []string{`Forwarded: for=_hidden, for=10.0.0.2`}, "10.0.0.2"},
		{"10.0.0.1:999", []string{`Forwarded: for=1.1.1.1;for=2.2.2.2`}, "10.0.0.1"},
		{"10.0.0.1:999", []string{`Forwarded: proto=https`}, "10.0.0.1"},

		// The one that most proxies pass on as it came does not overrule the one that they add to.
		{"10.0.0.1:999", []string{"Forwarded: for=1.1.1.1;proto=https", "X-Forwarded-For: 198.51.100.7"}, "198.51.100.7"},
	} {
		peer, _ := netip.ParseAddrPort(c.peer)
		who := clientOf(client{inet.Plain(peer.Addr()), false}, fields(c.lines...), proxies)
		got := who.addr.String()
		if who.https {
			got += "+"
		}
		if got != c.want {
			t.Errorf("%s %q: got %s, want %s", c.peer, c.lines, got, c.want)
		}
	}
}

func TestHTTPSIsThatOfTheClientNotOfTheProxy(t *testing.T) {
	t.Parallel()
	proxy := client{proxies[0].Addr(), true}
	if c := clientOf(proxy, nil, nil); !c.https {
		t.Error("a request over TLS is not HTTPS")
	}
	if c := clientOf(proxy, nil, proxies); !c.https {
		t.Error("a request of a trusted proxy's own over TLS is not HTTPS")
	}
	if c := clientOf(proxy, fields("X-Forwarded-For: 198.51.100.7", "X-Forwarded-Proto: http"), proxies); c.https {
		t.Error("the proxy came over TLS, but says that its client did not")
	}
}

func TestClientCostsNoAllocation(t *testing.T) {
	for _, lines := range [][]string{
		nil,
		{"X-Forwarded-For: 1.1.1.1, 198.51.100.7", "X-Forwarded-Proto: https"},
		{`Forwarded: for=1.1.1.1, for="[2001:db8::7]:999";proto=https`},
	} {
		h, proxy := fields(lines...), client{proxies[0].Addr(), false}
		if n := testing.AllocsPerRun(100, func() { clientOf(proxy, h, proxies) }); n != 0 {
			t.Errorf("%q: %v allocations", lines, n)
		}
	}
}

// FuzzForgery holds that whatever a client sends before what our proxy adds, it is taken for whom it is.
func FuzzForgery(f *testing.F) {
	for _, sent := range []string{"", "1.1.1.1", "for=1.1.1.1;proto=http", `for="`, `for="\`, `";for=1.1.1.1,"`, "for=10.0.0.2, for=10.0.0.3"} {
		f.Add(sent)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		proxy, want := client{proxies[0].Addr(), false}, client{netip.MustParseAddr("2001:db8::7"), true}
		for _, lines := range [][]string{
			{"Forwarded: " + sent + `, for="[2001:db8::7]:999";proto=https`},
			{"Forwarded: " + sent, `Forwarded: for="[2001:db8::7]";proto="https", proto=http;for=10.0.0.2`},
			{"X-Forwarded-For: " + sent + ", 2001:db8::7, 10.0.0.2", "X-Forwarded-Proto: https"},
			{"X-Forwarded-For: " + sent, "X-Forwarded-For: [2001:db8::7]:999", "X-Forwarded-Proto: " + sent + ",https"},
		} {
			if got := clientOf(proxy, fields(lines...), proxies); got != want {
				t.Errorf("%q: got %v, want %v", lines, got, want)
			}
			clientOf(proxy, fields("Forwarded: "+sent, "X-Forwarded-Proto: "+sent), proxies)
		}
	})
}
