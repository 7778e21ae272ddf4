package stories

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"tinycdn/tests/testkit"
)

// watched is a POP with an address for admins at the port that others have for an application.
const watched = `
-- tinycdn.toml --
zones = ["example.org.toml"]
pop   = "nyc"
[dns]
listen = "127.0.0.1:$PORT"
[web]
listen = "127.0.0.1:$HTTP"
[admin]
listen     = "127.0.0.1:$APP"
token_file = "token"
[pops]
nyc = { addresses = "192.0.2.1", location = [40.71, -74.01] }
fra = { addresses = "192.0.2.2", location = [50.11, 8.68] }
syd = { addresses = "192.0.2.3", location = [-33.87, 151.21] }
[maps.site]
default = "nyc"
[sites.all]
hosts = "*"
root = "public"
-- example.org.toml --
[records]
'@' = { NS = 'ns.example.net.', geo = 'site' }
-- public/index.html --
<!doctype html><title>home</title>
-- token --
` + adminToken + `
`

const adminToken = "0123456789abcdef0123456789abcdef"

// TestNobodyElseComesThroughTheDashboard: without the token, from a page elsewhere, or with a code that was used.
func TestNobodyElseComesThroughTheDashboard(t *testing.T) {
	t.Parallel()
	h := testkit.Start(t, watched)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	address, code, found := strings.Cut(openGate(t, h), "/#once=")
	if !found {
		t.Fatal("the address has no code")
	}
	at := fmt.Sprintf("http://127.0.0.1:%d", h.Ports.App)
	const drain, order = "/.well-known/tinycdn/drain", `{"pop": "fra", "drained": true}`
	bearer := func(token string, more ...string) http.Header {
		h := http.Header{"Authorization": {"Bearer " + token}}
		for i := 0; i < len(more); i += 2 {
			h.Set(more[i], more[i+1])
		}
		return h
	}
	for _, where := range []string{at, address} {
		for _, path := range []string{"/dashboard/state", "/dashboard/events", "/dashboard/map.svg", "/dashboard/explain?address=81.2.69.142"} {
			sayTo(t, client, "GET", where+path, "", nil, 401)
			sayTo(t, client, "GET", where+path+"?token="+adminToken, "", http.Header{"Cookie": {"token=" + adminToken}}, 401)
			sayTo(t, client, "GET", where+path, "", bearer("x"+adminToken[1:]), 401)
		}
		sayTo(t, client, "POST", where+drain, order, nil, 401)
	}
	token := adminToken
	for _, where := range []string{at, address} {
		if where == address {
			sayTo(t, client, "POST", where+"/dashboard/enter", code[1:], nil, 403)
			sayTo(t, client, "POST", where+"/dashboard/enter", code, http.Header{"Origin": {"http://evil.example"}}, 403)
			token = strings.TrimSpace(sayTo(t, client, "POST", where+"/dashboard/enter", code, http.Header{"Origin": {where}}, 200))
			sayTo(t, client, "POST", where+"/dashboard/enter", code, nil, 403)
			sayTo(t, client, "GET", where+"/.well-known/tinycdn/metrics", "", bearer(token), 404)
			sayTo(t, client, "POST", where+"/.well-known/tinycdn/restart", "", bearer(token), 404)
			sayTo(t, client, "GET", where+"/dashboard/state", "", bearer(adminToken), 401)
		}
		sayTo(t, client, "POST", where+drain, order, bearer(token, "Origin", "https://evil.example"), 403)
		sayTo(t, client, "POST", where+drain, order, bearer(token, "Origin", "http://127.0.0.1:1"), 403)
		sayTo(t, client, "POST", where+drain, order, bearer(token, "Sec-Fetch-Site", "cross-site"), 403)
		sayTo(t, client, "GET", where+drain, "", bearer(token), 404)
	}
	if names := drained(t, h); names != "" {
		t.Errorf("drained is %s", names)
	}
}

// TestTheDashboardIsSmallAndLoadsNothing: the page and what it shows at once, with the map.
func TestTheDashboardIsSmallAndLoadsNothing(t *testing.T) {
	t.Parallel()
	h := testkit.Start(t, watched)
	client := testkit.NewAdmin(h.AdminSocket())
	t.Cleanup(client.CloseIdleConnections)
	page := sayTo(t, client, "GET", "http://localhost/", "", nil, 200)
	all := len(page) + len(sayTo(t, client, "GET", "http://localhost/dashboard/state", "", nil, 200))
	packed := sayTo(t, client, "GET", "http://localhost/dashboard/map.svg", "", http.Header{"Accept-Encoding": {"gzip"}}, 200)
	if all += len(packed); all > 150<<10 {
		t.Errorf("it has %d octets, of which %d are the map", all, len(packed))
	}
	unpacked, err := gzip.NewReader(bytes.NewReader([]byte(packed)))
	if err != nil {
		t.Fatal(err)
	}
	if svg, err := io.ReadAll(unpacked); err != nil || string(svg) != sayTo(t, client, "GET", "http://localhost/dashboard/map.svg", "", http.Header{"Accept-Encoding": {"identity"}}, 200) {
		t.Errorf("packed it is not the same: %v", err)
	}
	if found := regexp.MustCompile(`(?i)(src|href|url\(|import)[="'(\s]+(https?:)?//`).FindString(page); found != "" {
		t.Errorf("it loads %s", found)
	}
}

// TestTopSaysOnceHowAllIs where there is no terminal.
func TestTopSaysOnceHowAllIs(t *testing.T) {
	t.Parallel()
	h := testkit.Start(t, watched)
	if out, err := testkit.Command("drain", "syd", "--socket", h.AdminSocket()).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := testkit.Command("top", "--socket", h.AdminSocket()).CombinedOutput()
	if text := string(out); err != nil || !strings.HasPrefix(text, "nyc  ") || !strings.Contains(text, "0.0 questions/s   0.0 pages/s") || !regexp.MustCompile(`(?m)^syd +drained, by nyc `).MatchString(text) || strings.Contains(text, "\x1b") {
		t.Errorf("%v:\n%s", err, text)
	}
}

// TestTheDashboardEndsWithItsPOP: whoever listens is let go at once.
func TestTheDashboardEndsWithItsPOP(t *testing.T) {
	t.Parallel()
	h := testkit.Start(t, watched)
	ctx, end := context.WithCancel(context.Background())
	defer end()
	conns := []net.Conn{}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, "unix", h.AdminSocket())
		conns = append(conns, c)
		return c, err
	}
	statuses := []int{}
	for range 9 {
		client := &http.Client{Transport: &http.Transport{DialContext: dial}}
		r, _ := http.NewRequestWithContext(ctx, "GET", "http://localhost/dashboard/events", nil)
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		statuses = append(statuses, answer.StatusCode)
	}
	if want := append(slices.Repeat([]int{200}, 8), 503); !slices.Equal(statuses, want) {
		t.Errorf("got %v, want %v", statuses, want)
	}
	if err := h.Stop(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}

// openGate starts tinycdn dashboard, and gives the address that it says.
func openGate(t *testing.T, h *testkit.Host) string {
	t.Helper()
	s, err := testkit.Launch(testkit.Command("dashboard", "--no-browser", "--socket", h.AdminSocket()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(syscall.SIGINT); err != nil {
			t.Error(err)
		}
	})
	if _, found := s.Log.Await(0, s.Exited, func(line string) bool { return strings.Contains(line, "Ctrl-C ends it") }); !found {
		t.Fatalf("it says no address:\n%s", s.Log)
	}
	lines, _ := s.Log.From(0)
	return lines[0]
}

// drained is the POP that is, as the socket says.
func drained(t *testing.T, h *testkit.Host) (names string) {
	t.Helper()
	var d struct{ Drains []struct{ POP string } }
	text := sayTo(t, testkit.NewAdmin(h.AdminSocket()), "POST", "http://localhost/.well-known/tinycdn/drain", "{}", nil, 200)
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	for _, one := range d.Drains {
		names += one.POP
	}
	return names
}

// sayTo makes a request, whose answer must have a status.
func sayTo(t *testing.T, client *http.Client, method, url, body string, header http.Header, status int) string {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status {
		t.Errorf("%s %s %v: got %s, want %d: %s", method, url, header, answer.Status, status, text)
	}
	return string(text)
}
