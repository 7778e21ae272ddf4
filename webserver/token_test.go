package webserver

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// An authority's token is answered on any host and over plain HTTP, and what is none goes on to the site.
func TestTokensOfAnAuthorityAreAnswered(t *testing.T) {
	t.Parallel()
	var c Config
	c.Token = func(host, token string) string {
		if token == "known" && (host == "example.org" || host == "elsewhere.test") {
			return "known.thumbprint"
		}
		return ""
	}
	s := newServer(t, c)
	for _, one := range []struct {
		method, path, host string
		status             int
		body               string
	}{
		{"GET", "/.well-known/acme-challenge/known", "example.org", 200, "known.thumbprint"},
		{"HEAD", "/.well-known/acme-challenge/known", "example.org", 200, ""},
		{"GET", "/.well-known/acme-challenge/known", "elsewhere.test", 200, "known.thumbprint"},
		{"GET", "/.well-known/acme-challenge/known", "Elsewhere.Test:80", 200, "known.thumbprint"},
		{"GET", "/.well-known/acme-challenge/known", "third.test", 421, ""},
		{"GET", "/.well-known/acme-challenge/other", "elsewhere.test", 421, ""},
		{"POST", "/.well-known/acme-challenge/known", "elsewhere.test", 421, ""},
		{"GET", "/.well-known/acme-challenge/known/", "elsewhere.test", 421, ""},
	} {
		r := httptest.NewRequest(one.method, "http://"+one.host+one.path, nil)
		w := httptest.NewRecorder()
		s.receive(w, r, false)
		if w.Code != one.status || one.status == http.StatusOK && w.Body.String() != one.body {
			t.Errorf("%s %s%s: got %d %q", one.method, one.host, one.path, w.Code, w.Body)
		}
	}
}
