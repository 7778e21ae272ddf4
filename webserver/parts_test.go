package webserver

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"tinycdn/webserver/page"
)

// folder is a site of files: what it has is said by its answers.
type folder struct {
	*scripted
	index bool
}

func (f folder) HasIndex() bool { return f.index }

// saying is a page that says who answers.
func saying(text string) *page.Page {
	return page.NoStore(http.StatusOK, "text/plain", []byte(text))
}

// divided is a site of several parts: an application, and folders.
func divided() VirtualHost {
	missing := page.NoStore(http.StatusNotFound, "text/plain", []byte("missing"))
	empty := folder{scripted: always(page.Plain(http.StatusNotFound))}
	own := folder{scripted: always(page.NoStore(http.StatusNotFound, "text/plain", []byte("own")))}
	own.errors = map[int]*page.Page{http.StatusNotFound: missing}
	front := always(saying("rest"))
	front.errors = map[int]*page.Page{http.StatusNotFound: missing, http.StatusInternalServerError: page.NoStore(500, "text/plain", []byte("trouble"))}
	broken := &scripted{answer: func(*http.Request) page.Answer { panic("a bug") }}
	return VirtualHost{Name: "site", Hosts: []string{"*"}, Parts: []Part{
		{Pattern: "/static/*", Site: folder{scripted: always(saying("static"))}},
		{Pattern: rest, Site: front},
		{Pattern: "/docs/*", Site: folder{scripted: always(saying("docs")), index: true}},
		{Pattern: "/docs/api/*", Site: forwarding{always(saying("api"))}},
		{Pattern: "/feed.xml", Site: always(saying("feed"))},
		{Pattern: "/empty/*", Site: empty},
		{Pattern: "/app/*", Site: forwarding{always(page.Plain(http.StatusNotFound))}},
		{Pattern: "/own/*", Site: own},
		{Pattern: "/lost/*"},
		{Pattern: "/broken/*", Site: broken},
		{Pattern: "/a%2A/*", Site: folder{scripted: always(saying("star")), index: true}},
	}, Redirects: []Redirect{{From: "/static/old", To: "/new", Status: 301}}}
}

func TestEachPathHasAPartOfTheSite(t *testing.T) {
	t.Parallel()
	s := newServer(t, Config{}, divided())
	for target, want := range map[string]string{
		"/": "200 rest", "/x": "200 rest", "/static": "200 rest", "/static/": "200 static", "/static/a?b=/docs/": "200 static", "/statics": "200 rest",
		"/docs": "200 docs", "/docs/": "200 docs", "/docs/x": "200 docs", "/docs/api": "200 docs", "/docs/api/x": "200 api",
		"/feed.xml": "200 feed", "/feed.xml/": "200 rest", "/a*": "200 star", "/a*/x": "200 star", "/a/x": "200 rest",
		"//static/a": "200 static", "/docs//api/x": "200 docs", "//docs/api/x": "200 rest", "//x": "200 rest",
		"/static/old": "301 ",
		// What a slash means that is escaped is for an application to say.
		"/static/a%2Fb": "400 ", "/static%2Fa": "400 ", "/docs/api/a%2Fb": "200 api", "/docs%2Fapi%2Fx": "200 api", "/a%2Fb": "400 ", "/docs/api/..%2f": "400 ",
		// Errors are told by the part that answers, or else by the rest. What an application says stands.
		"/empty/x": "404 missing", "/app/x": "404 ", "/own/x": "404 own", "/lost/x": "503 ", "/broken/x": "500 trouble",
		"/own/" + strings.Repeat("a", longestURI): "414 ",
	} {
		response := s.ask(request("GET " + target))
		body, _ := io.ReadAll(response.Body)
		if strings.HasPrefix(string(body), "<") {
			body = nil // a plain page
		}
		if got := response.Status[:4] + string(body); got != want {
			t.Errorf("%s: got %s, want %s", target[:min(40, len(target))], got, want)
		}
	}
}

func TestWhereNoPartIsThereIsNothing(t *testing.T) {
	t.Parallel()
	one := VirtualHost{Name: "site", Hosts: []string{"*"}, Parts: []Part{{Pattern: "/static/*", Site: always(saying("static"))}}}
	s := newServer(t, Config{}, one)
	for target, status := range map[string]int{"/static/a": 200, "/static": 404, "/": 404, "/a%2Fb": 400} {
		if got := s.ask(request("GET " + target)).StatusCode; got != status {
			t.Errorf("%s: got %d, want %d", target, got, status)
		}
	}
}

func TestPurgeIsOfAllParts(t *testing.T) {
	t.Parallel()
	a, b := &remembering{scripted: *always(text(700))}, &remembering{scripted: *always(text(700))}
	s := newServer(t, Config{Admin: loopback}, VirtualHost{Name: "site", Hosts: []string{"*"}, Parts: []Part{
		{Pattern: rest, Site: a}, {Pattern: "/api/*", Site: b}, {Pattern: "/static/*", Site: always(text(700))}, {Pattern: "/lost/*"},
	}})
	for target, want := range map[string]string{"/api/*": "4 forgotten\n", "/*": "34 forgotten\n"} {
		r := request("PURGE "+target, "Host: example.org")
		r.RemoteAddr = "127.0.0.1:1"
		body, _ := io.ReadAll(s.ask(r).Body)
		if string(body) != want || len(a.forgot) != len(b.forgot) {
			t.Errorf("%s: got %q, want %q", target, body, want)
		}
	}
}

func TestAPartOfASiteThatIsDownIsNotFresh(t *testing.T) {
	t.Parallel()
	s := newServer(t, Config{Admin: loopback}, VirtualHost{Name: "site", Hosts: []string{"*"}, Parts: []Part{
		{Name: "site", Pattern: rest, Site: always(text(700))}, {Name: "site/api/*", Pattern: "/api/*", Site: &scripted{health: errors.New("away")}},
	}})
	status, told := s.askHealth(t, true)
	sites := told["sites"].(map[string]any)
	if app := sites["site/api/*"].(map[string]any); status != 200 || app["why"] != "away" || sites["site"].(map[string]any)["fresh"] != true {
		t.Errorf("got %d %v", status, told)
	}
}
