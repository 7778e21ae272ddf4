package hosts

import (
	"testing"

	"tinycdn/webserver/page"
)

func TestRedirectsLeadWhereTheySay(t *testing.T) {
	t.Parallel()
	r := NewRedirects([]Redirect{
		{From: "/old", To: "/new", Status: 301},
		{From: "/docs/*", To: "/manual/*", Status: 302},
		{From: "/docs/v1/*", To: "/archive", Status: 307},
		{From: "/docs/v1/intro", To: "https://example.net/intro?v=1#top", Status: 308},
		{From: "/blog/*", To: "https://blog.example.org/*", Status: 301},
		{From: "/up/*", To: "/*", Status: 303},
		{From: "/gone", Status: 410},
		{From: "/dead/*", Status: 410},
		{From: "/all/*", To: "/#all", Status: 301},
		{From: "/a%20b", To: "/spaced", Status: 301},
		{From: "/caf%C3%A9/*", To: "/coffee/*", Status: 301},
		{From: "/what%3F", To: "/asked", Status: 301},
		{From: "/50%", To: "/half", Status: 301},
		{From: "/star%2A", To: "/starred", Status: 301},
	})
	for _, c := range []struct {
		path, query string
		status      int
		to          string
	}{
		{"/old", "", 301, "/new"},
		{"/old", "a=1&b", 301, "/new?a=1&b"},
		{"/old/", "", 0, ""},
		{"/older", "", 0, ""},
		{"/Old", "", 0, ""},
		{"/docs/a/b.html", "", 302, "/manual/a/b.html"},
		{"/docs/a", "q=1", 302, "/manual/a?q=1"},
		{"/docs/", "", 302, "/manual/"},
		{"/docs", "", 0, ""},
		{"/docs/v1/x", "", 307, "/archive"}, // the longest prefix
		{"/docs/v1/intro", "", 308, "https://example.net/intro?v=1#top"},
		{"/docs/v1/intro", "a=1", 308, "https://example.net/intro?v=1&a=1#top"},
		{"/blog/2024/x", "", 301, "https://blog.example.org/2024/x"},
		{"/up/a", "", 303, "/a"},
		{"/up//example.net/", "", 303, "/example.net/"}, // it stays on this host
		{"/up///example.net", "", 303, "/example.net"},
		{"/up/a b?c#d%é", "", 303, "/a%20b%3Fc%23d%25%C3%A9"}, // as it was written
		{"/up/http://example.net", "", 303, "/http://example.net"},
		{"/gone", "", 410, ""},
		{"/gone", "a=1", 410, ""},
		{"/dead/a/b", "a=1", 410, ""},
		{"/all/a", "b=1", 301, "/?b=1#all"},
		{"/", "", 0, ""},
		{"/a b", "", 301, "/spaced"},
		{"/a%20b", "", 0, ""},
		{"/café/au lait", "", 301, "/coffee/au%20lait"},
		{"/what?", "", 301, "/asked"},
		{"/50%", "", 301, "/half"},
		{"/star*", "", 301, "/starred"},
		{"/start", "", 0, ""},
	} {
		p := r.Find(c.path, c.query)
		if p == nil {
			p = new(page.Page)
		}
		if got := p.Field("Location"); p.Status != c.status || got != c.to {
			t.Errorf("%s %s: got %d %q, want %d %q", c.path, c.query, p.Status, got, c.status, c.to)
		}
	}
}

func TestPathWithoutRedirectAllocatesNothing(t *testing.T) {
	r := NewRedirects([]Redirect{{From: "/old", To: "/new", Status: 301}, {From: "/docs/*", To: "/manual/*", Status: 302}})
	if n := testing.AllocsPerRun(100, func() { r.Find("/posts/17/", "") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
