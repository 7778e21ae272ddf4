package webserver

import (
	"strings"
	"testing"

	"tinycdn/webserver/page"
)

const (
	onTuesday  = "Tue, 03 Mar 2026 12:00:00 GMT"
	onMonday   = "Mon, 02 Mar 2026 12:00:00 GMT"
	onThursday = "Thu, 05 Mar 2026 12:00:00 GMT"
)

// tagged is a page with that entity tag, of last Tuesday.
func tagged(tag string) *page.Page {
	p := text(2000)
	return page.New(page.Response{Status: 200, Header: p.Header(), Modified: lastTuesday, Body: p.Body(), ETag: tag})
}

func TestConditionsDecideWhatIsSent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tag    string // of the page
		header string // of the request: lines with | between them
		status int
		etag   string // in the response
	}{
		// If-None-Match (RFC 9110, 13.1.2) compares weakly.
		{`"abc"`, `If-None-Match: "abc"`, 304, `"abc"`},
		{`"abc"`, `If-None-Match: W/"abc"`, 304, `W/"abc"`},
		{`W/"abc"`, `If-None-Match: "abc"`, 304, `"abc"`},
		{`W/"abc"`, `If-None-Match: W/"abc"`, 304, `W/"abc"`},
		{`"abc"`, `If-None-Match: "x", "abc", "y"`, 304, `"abc"`},
		{`"abc"`, `If-None-Match: "x,y" ,, "abc"`, 304, `"abc"`},
		{`"abc"`, `If-None-Match: "x"|If-None-Match: "abc"`, 304, `"abc"`},
		{`"abc"`, `If-None-Match: *`, 304, `"abc"`},
		{`"abc"`, `If-None-Match:  * `, 304, `"abc"`},
		{`"abc"`, `If-None-Match: "abd"`, 200, `"abc"`},
		{`"abc"`, `If-None-Match: "ab"`, 200, `"abc"`},
		{`"abc"`, `If-None-Match: "x,"abc"`, 200, `"abc"`},
		{`"abc"`, `If-None-Match: abc`, 200, `"abc"`},
		{`"abc"`, `If-None-Match: "abc`, 200, `"abc"`},
		{`"abc"`, `If-None-Match: w/"abc"`, 200, `"abc"`},
		{`"abc"`, `If-None-Match: ""`, 200, `"abc"`},
		{`"abc"`, `If-None-Match: x, "abc"`, 200, `"abc"`}, // no list of tags

		// Who holds the content in one coding need not fetch it in another, if he takes the first.
		{`"abc"`, `If-None-Match: "abc-gzip"|Accept-Encoding: gzip`, 304, `"abc-gzip"`},
		{`"abc"`, `If-None-Match: "abc"|Accept-Encoding: gzip`, 304, `"abc"`},
		{`"abc"`, `If-None-Match: "abc-br"|Accept-Encoding: gzip, br`, 304, `"abc-br"`},
		{`"abc"`, `If-None-Match: W/"abc-br"|Accept-Encoding: gzip, br`, 304, `W/"abc-br"`},
		{`"abc"`, `If-None-Match: "abc-br"|Accept-Encoding: gzip`, 200, `"abc-gzip"`},
		{`"abc"`, `If-None-Match: "abc-gzip"`, 200, `"abc"`},
		{`"abc"`, `If-None-Match: "abc-gzip", "abc"`, 304, `"abc"`},
		{`"abc"`, `If-None-Match: "abc"|Accept-Encoding: gzip, identity;q=0`, 200, `"abc-gzip"`},
		{`"abc"`, `If-None-Match: *|Accept-Encoding: gzip`, 304, `"abc-gzip"`},

		// If-Modified-Since (13.1.3)
		{`"abc"`, `If-Modified-Since: ` + onTuesday, 304, `"abc"`},
		{`"abc"`, `If-Modified-Since: ` + onThursday, 304, `"abc"`},
		{`"abc"`, `If-Modified-Since: Tuesday, 03-Mar-26 12:00:00 GMT`, 304, `"abc"`},
		{`"abc"`, `If-Modified-Since: Tue Mar  3 12:00:00 2026`, 304, `"abc"`},
		{`"abc"`, `If-Modified-Since: ` + onMonday, 200, `"abc"`},
		{`"abc"`, `If-Modified-Since: Tue, 03 Mar 2026 11:59:59 GMT`, 200, `"abc"`},
		{`"abc"`, `If-Modified-Since: yesterday`, 200, `"abc"`},
		{`"abc"`, `If-Modified-Since: ` + onTuesday + `|If-Modified-Since: ` + onTuesday, 200, `"abc"`},
		// It does not count beside If-None-Match.
		{`"abc"`, `If-None-Match: "x"|If-Modified-Since: ` + onThursday, 200, `"abc"`},
		{`"abc"`, `If-None-Match: "abc"|If-Modified-Since: ` + onMonday, 304, `"abc"`},

		// If-Match (13.1.1) compares strongly: the very same bytes.
		{`"abc"`, `If-Match: "abc"`, 200, `"abc"`},
		{`"abc"`, `If-Match: "x", "abc"`, 200, `"abc"`},
		{`"abc"`, `If-Match: "x"|If-Match: "abc"`, 200, `"abc"`},
		{`"abc"`, `If-Match: *`, 200, `"abc"`},
		{`"abc"`, `If-Match: W/"abc"`, 412, ``},
		{`W/"abc"`, `If-Match: W/"abc"`, 412, ``},
		{`W/"abc"`, `If-Match: "abc"`, 412, ``},
		{`"abc"`, `If-Match: "abd"`, 412, ``},
		{`"abc"`, `If-Match: abc`, 412, ``},
		{`"abc"`, `If-Match: "abc"|Accept-Encoding: gzip`, 412, ``},
		{`"abc"`, `If-Match: "abc-gzip"|Accept-Encoding: gzip`, 200, `"abc-gzip"`},

		// If-Unmodified-Since (13.1.4), which does not count beside If-Match.
		{`"abc"`, `If-Unmodified-Since: ` + onTuesday, 200, `"abc"`},
		{`"abc"`, `If-Unmodified-Since: ` + onMonday, 412, ``},
		{`"abc"`, `If-Unmodified-Since: yesterday`, 200, `"abc"`},
		{`"abc"`, `If-Match: "abc"|If-Unmodified-Since: ` + onMonday, 200, `"abc"`},
		{`"abc"`, `If-Match: "x"|If-Unmodified-Since: ` + onThursday, 412, ``},

		// The order (13.2.2): what must be so, then what need not be sent again.
		{`"abc"`, `If-Match: "abc"|If-None-Match: "abc"`, 304, `"abc"`},
		{`"abc"`, `If-Match: "x"|If-None-Match: "abc"`, 412, ``},
		{`"abc"`, `If-Unmodified-Since: ` + onTuesday + `|If-Modified-Since: ` + onTuesday, 304, `"abc"`},
		{`"abc"`, `If-None-Match: "abc"|Range: bytes=0-1`, 304, `"abc"`},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			s := newServer(t, Config{}, whole(always(tagged(c.tag))))
			response := s.ask(request(method+" /", strings.Split(c.header, "|")...))
			if got := response.Header.Get("Etag"); response.StatusCode != c.status || got != c.etag {
				t.Errorf("%s of %s, %s: got %d %s, want %d %s", method, c.tag, c.header, response.StatusCode, got, c.status, c.etag)
			}
		}
	}
}

func TestConditionsAreForPagesThatAreThere(t *testing.T) {
	t.Parallel()
	everything := []string{"If-Match: *", "If-None-Match: *", "If-Modified-Since: " + onThursday, "Range: bytes=0-1"}
	for _, status := range []int{301, 404, 410, 500} {
		p := page.New(page.Response{Status: status, Header: text(100).Header(), Modified: lastTuesday, Body: []byte("a body"), ETag: `"abc"`})
		s := newServer(t, Config{}, whole(always(p)))
		if got := s.ask(request("GET /", everything...)).StatusCode; got != status {
			t.Errorf("%d: got %d", status, got)
		}
	}
	s := newServer(t, Config{}, whole(always(tagged(`"abc"`))))
	if got := s.ask(request("POST /", everything...)).StatusCode; got != 200 {
		t.Errorf("POST: got %d", got)
	}
}
