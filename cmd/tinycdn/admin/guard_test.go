package admin

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const token = "0123456789abcdef0123456789abcdef"

func TestOnlyWhoHasTheTokenAndComesFromNowhereElseIsLetIn(t *testing.T) {
	t.Parallel()
	asked := 0
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "page") })
	guarded := Guard(token, page, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked++; fmt.Fprintln(w, "in") }))
	const right = "Authorization: Bearer " + token
	for _, c := range []struct {
		about, method, host, header string // lines with | between them
		want                        int
		says                        string
	}{
		{"the token", "GET", "127.0.0.1:9053", right, 200, "in"},
		{"an IPv6 address", "GET", "[::1]:9053", right, 200, "in"},
		{"an address without a port", "GET", "[::1]", right, 200, "in"},
		{"localhost", "HEAD", "localhost:9053", right, 200, ""},
		{"the scheme in other letters", "GET", "127.0.0.1", "Authorization: bearer  " + token, 200, "in"},
		{"a change", "POST", "127.0.0.1", right, 200, "in"},
		{"a change from our own page", "POST", "127.0.0.1:9053", right + "|Origin: http://127.0.0.1:9053|Sec-Fetch-Site: same-origin", 200, "in"},

		{"none", "GET", "127.0.0.1", "", 401, "the token of admin.token_file is wanted (Authorization: Bearer ...)"},
		{"a wrong one", "GET", "127.0.0.1", "Authorization: Bearer " + strings.ToUpper(token), 401, "the token"},
		{"the beginning of it", "GET", "127.0.0.1", "Authorization: Bearer " + token[:31], 401, "the token"},
		{"more than it", "GET", "127.0.0.1", right + "0", 401, "the token"},
		{"an empty one", "GET", "127.0.0.1", "Authorization: Bearer ", 401, "the token"},
		{"another scheme", "GET", "127.0.0.1", "Authorization: Basic " + token, 401, "the token"},
		{"no scheme", "GET", "127.0.0.1", "Authorization: " + token, 401, "the token"},
		{"the token in the address", "GET", "127.0.0.1", "", 401, "the token"},

		{"a name that was made to lead here", "GET", "evil.example:9053", right, 403, "ask for this by its address"},
		{"one that begins as an address", "GET", "127.0.0.1.evil.example", right, 403, "ask for this by its address"},
		{"no host", "GET", "", right, 403, "ask for this by its address"},
		{"a page from elsewhere that reads", "GET", "127.0.0.1:9053", right + "|Origin: https://evil.example", 403, "a page from elsewhere"},
		{"a page from elsewhere that drains", "POST", "127.0.0.1:9053", right + "|Origin: http://127.0.0.1:80", 403, "a page from elsewhere"},
		{"two origins", "POST", "127.0.0.1", right + "|Origin: http://127.0.0.1|Origin: http://evil.example", 403, "a page from elsewhere"},
		{"one that hides where it is from", "POST", "127.0.0.1", right + "|Origin: null", 403, "a page from elsewhere"},
		{"a form elsewhere", "POST", "127.0.0.1", right + "|Sec-Fetch-Site: cross-site", 403, "a page from elsewhere"},
		{"another port of the machine", "POST", "127.0.0.1", right + "|Sec-Fetch-Site: same-site", 403, "a page from elsewhere"},

		{"what only the socket takes", "PURGE", "127.0.0.1", right, 405, "only the socket"},
		{"another method", "DELETE", "127.0.0.1", right, 405, "only the socket"},
	} {
		asked = 0
		r := httptest.NewRequest(c.method, "/x?token="+token, nil)
		r.Host = c.host
		for line := range strings.SplitSeq(c.header, "|") {
			if name, value, ok := strings.Cut(line, ": "); ok {
				r.Header.Add(name, value)
			}
		}
		w := httptest.NewRecorder()
		guarded.ServeHTTP(w, r)
		body := w.Body.String()
		if w.Code != c.want || !strings.HasPrefix(body, c.says) || (asked == 1) != (c.want == 200) || c.want != 200 && strings.Count(body, "\n") != 1 {
			t.Errorf("%s: got %d %s, and it was asked %d times", c.about, w.Code, body, asked)
		}
		if strings.Contains(body, token) {
			t.Errorf("%s: it tells the token", c.about)
		}
	}
}

func TestRoutesAreByMethodAndPath(t *testing.T) {
	t.Parallel()
	var routes Routes
	says := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, text, " ", r.RequestURI) }
	}
	routes.Handle("GET /a", says("a"))
	routes.Handle("/", says("rest"))
	routes.HandlePurge(says("purge"))
	for line, want := range map[string]string{
		"GET /a": "200 a /a", "HEAD /a": "200 a /a", "GET /b": "200 rest /b", "PURGE /a//b/../%2F*": "200 purge /a//b/../%2F*", "PURGE /a": "200 purge /a",
	} {
		method, path, _ := strings.Cut(line, " ")
		r := httptest.NewRequest(method, path, nil)
		r.RequestURI = path
		w := httptest.NewRecorder()
		routes.ServeHTTP(w, r)
		if got := fmt.Sprint(w.Code, " ", w.Body); got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
}

// TestThePageIsForEverybodyWhoAsksByAnAddress: it asks for the token itself.
func TestThePageIsForEverybodyWhoAsksByAnAddress(t *testing.T) {
	t.Parallel()
	says := func(text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) })
	}
	guarded := Guard(token, says("page"), says("in"))
	for _, c := range []struct {
		method, host, path, site string
		want                     string
	}{
		{"GET", "127.0.0.1:9053", "/", "none", "200 page"},
		{"HEAD", "localhost:9053", "/", "", "200 page"},
		{"GET", "127.0.0.1:9053", "/", "cross-site", "200 page"}, // a link in a mail: it may not be framed
		{"GET", "evil.example", "/", "", "403 ask for this by its address, or as localhost\n"},
		{"POST", "127.0.0.1:9053", "/", "same-origin", "401 the token of admin.token_file is wanted (Authorization: Bearer ...)\n"},
		{"GET", "127.0.0.1:9053", "//", "", "401 the token of admin.token_file is wanted (Authorization: Bearer ...)\n"},
		{"GET", "127.0.0.1:9053", "/dashboard/state", "same-origin", "401 the token of admin.token_file is wanted (Authorization: Bearer ...)\n"},
	} {
		r, w := httptest.NewRequest(c.method, c.path, nil), httptest.NewRecorder()
		r.Host = c.host
		if c.site != "" {
			r.Header.Set("Sec-Fetch-Site", c.site)
		}
		guarded.ServeHTTP(w, r)
		if got := fmt.Sprint(w.Code, " ", w.Body); got != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
	}
}
