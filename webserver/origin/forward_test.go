package origin

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
)

// TestNothingUnkeyedReachesTheOrigin sends what is known to poison caches, on each of the ways a request can go.
func TestNothingUnkeyedReachesTheOrigin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		claims := "X-Forwarded-Host: evil.example | X-Forwarded-For: 6.6.6.6 | X-Forwarded-Proto: gopher | X-Forwarded-Port: 1 | " +
			"X-Forwarded-Scheme: nothttps | X-Forwarded-Prefix: /evil | X-Forwarded-Server: evil | Forwarded: for=6.6.6.6;host=evil.example | " +
			"Via: 1.1 evil.example | X-Original-Url: /admin | X-Rewrite-Url: /admin | X-Host: evil.example | X-Http-Method-Override: DELETE | " +
			"X-Forward-Host: evil.example | X-Forward-For: 6.6.6.6 | X-Http-Host-Override: evil.example | X-Url-Scheme: evil | Front-End-Https: evil | " +
			"X-Real-Ip: 6.6.6.6 | True-Client-Ip: 6.6.6.6 | Proxy: http://evil.example | X_Forwarded_Host: evil.example"
		for _, c := range []struct{ name, method, more string }{
			{"fetched", "GET", ""},
			{"passed", "POST", ""},
			{"range", "GET", " | Range: bytes=0-1"},
			{"hidden by Connection", "GET", " | Connection: X-Forwarded-Host, Host, Via"},
		} {
			h := newFixture(t)
			h.says("Cache-Control: max-age=60")
			h.do(c.method, "http://Example.Com:8080/path?q", claims+c.more)
			asked := h.last()
			for name, values := range asked.Header {
				for _, value := range values {
					if strings.Contains(value, "evil") || strings.Contains(value, "6.6.6.6") || strings.Contains(value, "admin") {
						t.Errorf("%s: %s: %s reached the origin", c.name, name, value)
					}
				}
			}
			for name, want := range map[string]string{
				"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Host": "example.com", "X-Forwarded-Proto": "http",
				"Forwarded": `for=192.0.2.1;host="example.com";proto=http`, "Via": "1.1 tinycdn-fra (test)", "X-Forwarded-Port": "",
				"X-Forwarded-Scheme": "", "X-Forwarded-Prefix": "", "X-Http-Method-Override": "", "X_Forwarded_Host": "",
			} {
				if value := asked.Header.Get(name); value != want {
					t.Errorf("%s: %s: got %q, want %q", c.name, name, value, want)
				}
			}
			if asked.Host != "example.com" || asked.RequestURI != "/path?q" {
				t.Errorf("%s: asked for %s at %s, want /path?q at example.com", c.name, asked.RequestURI, asked.Host)
			}
		}
	})
}

func TestHostsDifferByNameAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.says("Cache-Control: max-age=60")
		h.get("/", "Host: example.org")
		for _, host := range []string{"EXAMPLE.org", "example.org:8080", "example.org.", "Example.Org.:443"} {
			if a := h.get("/", "Host: "+host); a.word != "hit" {
				t.Errorf("%s: %s, want hit", host, a.word)
			}
		}
		for _, host := range []string{"www.example.org", "example.net", "[::1]", "[::1]:8080"} {
			if a := h.get("/", "Host: "+host); a.word != "miss" && host != "[::1]:8080" {
				t.Errorf("%s: %s, want miss", host, a.word)
			}
		}
	})
}

func TestHTTPAndHTTPSAreKeptApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.play(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=60")
			if r.Header.Get("X-Forwarded-Proto") == "http" {
				http.Redirect(w, r, "https://example.com/", http.StatusMovedPermanently)
			}
		})
		if a := h.get("/", ""); a.status != http.StatusMovedPermanently {
			t.Errorf("HTTP: got %d, want 301", a.status)
		}
		h.secure = true
		if a := h.get("/", ""); a.status != 200 {
			t.Errorf("HTTPS: got %d, want the page", a.status)
		}
	})
}

func TestTargetsReachTheOriginAsTheyWereSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.says("Cache-Control: max-age=60")
		for _, target := range []string{
			"/", "/a%20b", "/caf%C3%A9", "/a?", "/a?b;c=%zz", "/a?q=a+b&q=%20", "/%E0%A4", "//double", "/a:b@c", "/~x/(y)'*!", "/%7Ex",
		} {
			r := httptest.NewRequest("GET", "http://example.com/", nil)
			u, err := url.ParseRequestURI(target)
			if err != nil {
				t.Fatal(err)
			}
			r.URL, r.RequestURI = u, target
			for _, method := range []string{"GET", "POST"} {
				r.Method = method
				if h.send(r); h.last().RequestURI != target {
					t.Errorf("%s %s reached the origin as %s", method, target, h.last().RequestURI)
				}
			}
		}
	})
}

func TestPathAndHostOfTheOriginMayBeGiven(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t, func(c *Config) {
			c.URL = c.URL.JoinPath("app")
			c.Host = "app.internal:3000"
		})
		// Nobody outside knows the origin's own address, nor the name that only we call it by.
		for said, want := range map[string]string{
			h.application.URL + "/app/there?x":         "/there?x",
			h.application.URL:                          "/",
			h.application.URL + "/app":                 "/",
			h.application.URL + "/app//evil.example/":  "/evil.example/",
			h.application.URL + "/application/a%2Fb#c": "/application/a%2Fb#c",
			"http://app.internal:3000/app/there":       "/there",
			"https://APP.internal:3000/there":          "/there",
			"http://app.internal/there":                "http://app.internal/there",
			"http://app.internal:3000.evil.example/x":  "http://app.internal:3000.evil.example/x",
			"https://elsewhere.example/app/there":      "https://elsewhere.example/app/there",
			"//app.internal:3000/there":                "//app.internal:3000/there",
			"/app/there":                               "/app/there",
			"there?x#y":                                "there?x#y",
			"http://user@app.internal:3000/there":      "http://user@app.internal:3000/there",
			"http://app.internal:3000?only=query#a":    "/?only=query#a",
		} {
			h.play(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", said)
				w.WriteHeader(http.StatusFound)
			})
			a := h.get("/here", "")
			if a.header.Get("Location") != want {
				t.Errorf("Location: %s becomes %s, want %s", said, a.header.Get("Location"), want)
			}
		}
		asked := h.last()
		if asked.RequestURI != "/app/here" || asked.Host != "app.internal:3000" || asked.Header.Get("X-Forwarded-Host") != "example.com" {
			t.Errorf("asked for %s at %s, X-Forwarded-Host %s", asked.RequestURI, asked.Host, asked.Header.Get("X-Forwarded-Host"))
		}
	})
}

// Where we listen on another port than the usual one, an application that makes absolute URLs has to know it. What it makes
// of it is kept apart, and forgotten together.
func TestApplicationIsToldThePortOfOurs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.play(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=60")
			io.WriteString(w, r.Host+" "+r.Header.Get("X-Forwarded-Host"))
		})
		for _, c := range []struct{ port, word, want string }{
			{"", "miss", "example.com example.com"}, {":8080", "miss", "example.com:8080 example.com:8080"},
			{"", "hit", "example.com example.com"}, {":8080", "hit", "example.com:8080 example.com:8080"},
		} {
			h.port = c.port
			if a := h.get("/", "Host: example.com:8080"); a.word != c.word || a.body != c.want {
				t.Errorf("port %q: got %s %q, want %s %q", c.port, a.word, a.body, c.word, c.want)
			}
		}
		if n := h.site.forget("example.com", "/"); n != 2 {
			t.Errorf("%d pages were forgotten, want 2", n)
		}
	})
}

func TestFieldsOfOneConnectionStayThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.play(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=60")
			w.Header().Set("Connection", "X-Hop")
			w.Header().Set("X-Hop", "origin to cache")
			w.Header().Set("Keep-Alive", "timeout=5")
			w.Header().Set("Proxy-Authenticate", "Basic")
			w.Header().Set("Alt-Svc", `h3=":3000"`)
			w.Header().Set("X-End", "to end")
			io.WriteString(w, "page")
		})
		for _, way := range []string{"GET", "POST", "GET"} { // fetched, passed, from the cache
			a := h.do(way, "/", "Connection: X-Mine, keep-alive | X-Mine: to the cache | Keep-Alive: 1 | Te: gzip | "+
				"Upgrade-Insecure-Requests: 1 | Proxy-Authorization: secret")
			for _, name := range []string{"X-Hop", "Keep-Alive", "Proxy-Authenticate", "Connection", "Alt-Svc"} {
				if a.header.Get(name) != "" {
					t.Errorf("%s %s: %s: %s reached the visitor", way, a.word, name, a.header.Get(name))
				}
			}
			if a.header.Get("X-End") != "to end" {
				t.Errorf("%s %s: X-End did not reach the visitor", way, a.word)
			}
			for _, name := range []string{"X-Mine", "Keep-Alive", "Te", "Proxy-Authorization", "Connection"} {
				if h.last().Header.Get(name) != "" {
					t.Errorf("%s: %s: %s reached the origin", way, name, h.last().Header.Get(name))
				}
			}
			if h.last().Header.Get("Upgrade-Insecure-Requests") != "1" {
				t.Errorf("%s: an ordinary field did not reach the origin", way)
			}
		}
	})
}

// TestHTTPSIsNotDemandedOverHTTP: RFC 6797, 7.2.
func TestHTTPSIsNotDemandedOverHTTP(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.says("Cache-Control: max-age=60 | Strict-Transport-Security: max-age=1")
		for _, method := range []string{"GET", "POST", "GET"} { // fetched, passed, from the cache
			h.secure = false
			if got := h.do(method, "/", "").header.Get("Strict-Transport-Security"); got != "" {
				t.Errorf("%s over HTTP: got %q", method, got)
			}
			h.secure = true
			if got := h.do(method, "/", "").header.Get("Strict-Transport-Security"); got != "max-age=1" {
				t.Errorf("%s over HTTPS: got %q", method, got)
			}
		}
	})
}

func TestWhoIsHisOwnOriginIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		there, err := url.Parse(h.front.URL)
		if err != nil {
			t.Fatal(err)
		}
		h.site.config.URL = there
		for _, method := range []string{"GET", "POST"} {
			if a := h.do(method, "/", ""); a.status != http.StatusLoopDetected {
				t.Errorf("%s: got %d, want 508", method, a.status)
			}
		}
	})
}

func TestTagsOfCodingsAreUndoneTowardsTheOrigin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.says("")
		h.do("PUT", "/", `If-Match: "a-br", "b" | If-None-Match: W/"c" | If-Range: "d-gzip"`)
		for name, want := range map[string]string{"If-Match": `"a-br", "b", "a"`, "If-None-Match": `W/"c"`, "If-Range": `"d"`} {
			if value := h.last().Header.Get(name); value != want {
				t.Errorf("%s: got %s, want %s", name, value, want)
			}
		}
	})
}
