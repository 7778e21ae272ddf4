package page

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
)

func TestPlainPageSaysItsStatus(t *testing.T) {
	t.Parallel()
	p := Plain(http.StatusNotFound, Field{"X-More", "1"})
	h := header(p.Negotiate("gzip, br").Head.Fields)
	h["Content-Length"] = nil
	if want := (http.Header{
		"Content-Type": {"text/html; charset=utf-8"}, "Cache-Control": {"public, max-age=10"}, "X-More": {"1"}, "Content-Length": nil,
	}); !reflect.DeepEqual(h, want) {
		t.Errorf("got %v, want %v", h, want)
	}
	if body := string(p.Body()); p.Status != 404 || strings.Count(body, "404 Not Found") != 2 {
		t.Errorf("got %d: %s", p.Status, body)
	}
}

func TestNotAllowedNamesWhatIs(t *testing.T) {
	t.Parallel()
	p := NotAllowed("GET, HEAD")
	if h := header(p.Negotiate("").Head.Fields); p.Status != 405 || h.Get("Allow") != "GET, HEAD" || h.Get("Cache-Control") != "no-store" {
		t.Errorf("got %d %v", p.Status, h)
	}
}

func TestRedirectLeadsThere(t *testing.T) {
	t.Parallel()
	p := Redirect(301, `/a?b="><script>`)
	h := header(p.Negotiate("").Head.Fields)
	if p.Status != 301 || h.Get("Location") != `/a?b="><script>` || h.Get("Cache-Control") != redirectCacheControl {
		t.Errorf("got %d %v", p.Status, h)
	}
	if strings.Contains(string(p.Body()), "<script>") {
		t.Errorf("the location is part of the page: %s", p.Body())
	}
}
