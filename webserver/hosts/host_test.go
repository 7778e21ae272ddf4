package hosts

import (
	"net"
	"net/netip"
	"regexp"
	"strings"
	"testing"
)

func TestHostIsKnownHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"example.org": "example.org", "Example.ORG": "example.org", "example.org.": "example.org", "example.org:80": "example.org",
		"example.org.:65535": "example.org", "example.org:": "example.org", "a_b.example": "a_b.example", "127.0.0.1:8080": "127.0.0.1",
		"[::1]": "[::1]", "[::1]:443": "[::1]", "[2001:DB8:0::1]": "[2001:db8::1]", "localhost": "localhost",
		strings.Repeat("a", 253): strings.Repeat("a", 253),

		"": "", ".": "", "..": "", "a..": "", ".a": "", "a..b": "", ":80": "", "a b": "", "a,b": "", "a/b": "", "user@host": "", "a\x00b": "", "a\nb": "", "a%41": "", "é.example": "",
		"\u212Aelvin.example": "", // a Kelvin sign, of which the small letter is a k
		"example.org:http":    "", "example.org:-1": "", "example.org:123456": "", "example.org:80:80": "", "::1": "",
		"[::1": "", "::1]": "", "[::1]x": "", "[::1]:x": "", "[fe80::1%eth0]": "", "[127.0.0.1]": "", "[]": "", "[": "",
		strings.Repeat("a", 254): "",
	} {
		if got, ok := Plain(field); got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", field, got, ok, want)
		}
	}
}

func TestPortIsWhatTheHostNames(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"example.org": "", "example.org:8080": ":8080", "example.org:": "", "[::1]": "", "[::1]:8080": ":8080", "": "", "127.0.0.1:80": ":80",
	} {
		if got := Port(field); got != want {
			t.Errorf("%q: got %q, want %q", field, got, want)
		}
	}
}

// FuzzHost compares with a reader that knows the grammar as an expression.
func FuzzHost(f *testing.F) {
	for _, field := range []string{"Example.org.:80", "[2001:DB8::1]:443", "[::ffff:1.2.3.4]", "\u212A.example", "a:b:80"} {
		f.Add(field)
	}
	name := regexp.MustCompile(`^([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\.?(:[0-9]{0,5})?$`)
	address := regexp.MustCompile(`^\[([0-9A-Fa-f:.]+)\](:[0-9]{0,5})?$`)
	f.Fuzz(func(t *testing.T, field string) {
		want := ""
		if m := name.FindStringSubmatch(field); m != nil && len(m[1]) <= 253 {
			want = strings.ToLower(m[1])
		} else if m := address.FindStringSubmatch(field); m != nil {
			if a, err := netip.ParseAddr(m[1]); err == nil && a.Is6() {
				want = "[" + a.String() + "]"
			}
		}
		got, ok := Plain(field)
		if got != want || ok != (want != "") {
			t.Fatalf("%q: got %q, %v, want %q", field, got, ok, want)
		}
		if !ok {
			return
		}
		if again, ok := Plain(got); !ok || again != got {
			t.Fatalf("%q becomes %q, which becomes %q", field, got, again)
		}
		if port := Port(field); port != "" {
			if _, wanted, err := net.SplitHostPort(field); err != nil || ":"+wanted != port {
				t.Fatalf("%q: got port %q, want %q, %v", field, port, wanted, err)
			}
		}
	})
}
