package acme

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/webserver/webservertest"

	"github.com/mholt/acmez/v3/acme"
)

// Nobody is told what Go was doing, but what is wrong, and at whose place.
func TestWhatKeepsAnAuthorityFromBeingReachedIsSaidInPlainWords(t *testing.T) {
	t.Parallel()
	n := newNameserver(t)
	a := webservertest.New(t, webservertest.Wish{Nameserver: n.addr.String()})
	closed := func() string { // an address that nobody listens at
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return l.Addr().String()
	}()
	plainHTTP := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plainHTTP.Close)
	answering := func(status int, text string) string {
		server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			text, isJSON := strings.CutPrefix(text, "json:")
			if isJSON {
				w.Header().Set("Content-Type", "application/json")
			}
			w.WriteHeader(status)
			fmt.Fprint(w, text)
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	silent := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(silent.Close)
	roots, err := os.ReadFile(a.Roots) // of all of net/http/httptest
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		directory string
		roots     string
		want      string
	}{
		{"https://" + closed + "/dir", string(roots), "it is not reached: connection refused"},
		{"https://nobody.invalid/dir", string(roots), "it is not reached: "},
		{strings.Replace(plainHTTP.URL, "http:", "https:", 1), string(roots), "it is not reached: "},
		{a.Directory, "", "it is not reached: nobody who is trusted here vouches for it (acme.roots names whom to trust)"},
		{strings.Replace(a.Directory, "127.0.0.1", "localhost", 1), string(roots), "it is not reached: it shows a certificate for another host"},
		{silent.URL, string(roots), "it is not reached: it ends the connection"},
		{answering(200, "<html>"), string(roots), "its answer makes no sense: it is text/html"},
		{answering(200, "json:{]"), string(roots), "its answer makes no sense: invalid character ']' "},
		{answering(200, "json:{}"), string(roots), "it gives no directory (acme.ca: is that the URL of one?)"},
		{answering(404, "nothing\n here\x1b[2J"), string(roots), "HTTP 404: nothing; here [2J"},
		{answering(400, strings.Repeat("x", 1<<20)), string(roots), "HTTP 400: " + strings.Repeat("x", mostWords-10) + "..."},
	} {
		k := newKit(t, n, a)
		k.config.CA, k.config.Roots = []string{c.directory}, ""
		if c.roots != "" {
			k.config.Roots = filepath.Join(t.TempDir(), "roots.pem")
			if err := os.WriteFile(k.config.Roots, []byte(c.roots), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := k.want(t, zone)
		want := nameOf(c.directory) + ": " + c.want
		if err == nil || !strings.HasPrefix(err.Error(), want) || len(err.Error()) > mostWords+60 {
			t.Errorf("%s: got %v, want %s", c.directory, err, want)
			continue
		}
		for _, clutter := range []string{"https://", "dial tcp", "Get ", "attempt ", "\n", "\x1b"} {
			if strings.Contains(err.Error(), clutter) {
				t.Errorf("%s: %q is of no use to anybody", c.directory, err)
			}
		}
	}
}

func TestAnAuthorityIsQuotedNameByName(t *testing.T) {
	t.Parallel()
	refused := acme.Problem{Type: acme.ProblemTypeNamespace + "rejectedIdentifier", Detail: "some names are refused"}
	refused.Subproblems = []acme.Subproblem{
		{Problem: acme.Problem{Detail: "on a list"}, Identifier: acme.Identifier{Type: "dns", Value: "a.example.org"}},
		{Problem: acme.Problem{Detail: "and more"}},
	}
	of := acme.Problem{Type: acme.ProblemTypeNamespace + "dns", Detail: "no TXT record\n  found", Resource: acme.Authorization{Identifier: acme.Identifier{Type: "dns", Value: "www.example.org"}}}
	wild := of
	wild.Resource = acme.Authorization{Identifier: acme.Identifier{Type: "dns", Value: "example.org"}, Wildcard: true}
	for _, c := range []struct {
		err  error
		want string
	}{
		{refused, "some names are refused; a.example.org: on a list; and more (rejectedIdentifier)"},
		{fmt.Errorf("attempt 1: https://ca.test/order: %w", refused), "some names are refused; a.example.org: on a list; and more (rejectedIdentifier)"},
		{of, "www.example.org: no TXT record found (dns)"},
		{wild, "*.example.org: no TXT record found (dns)"},
	} {
		if got := words(c.err); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
