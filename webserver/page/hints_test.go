package page

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestHintsSayWhyARequestIsMade(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, value string
		want        Hints
	}{
		{"DNT", "1", Private}, {"DNT", "0", 0}, {"DNT", "", 0}, {"DNT", "11", 0}, {"Sec-GPC", "1", Private}, {"Sec-GPC", "?1", 0},
		{"Sec-Purpose", "prefetch", Ahead}, {"Sec-Purpose", "prefetch;prerender", Ahead}, {"Sec-Purpose", "", 0},
		{"Purpose", "prefetch", Ahead}, {"Purpose", "Preview", Ahead}, {"X-Purpose", "preview", Ahead}, {"X-Moz", "prefetch", Ahead}, {"Purpose", "fetch", 0},
		{"Sec-Fetch-Dest", "document", Opens}, {"Sec-Fetch-Dest", "iframe", Embeds}, {"Sec-Fetch-Dest", "empty", Embeds}, {"Sec-Fetch-Dest", "", Embeds},
		{"Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", WantsHTML}, {"Accept", "image/avif, TEXT/HTML", WantsHTML}, {"Accept", "*/*", 0}, {"Accept", "text/htm", 0},
		{"Accept-Language", "text/html", 0},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header = http.Header{}
		r.Header.Set(test.name, test.value)
		if q := RequestOf(r); q.Hints != test.want {
			t.Errorf("%s: %s: got %b, want %b", test.name, test.value, q.Hints, test.want)
		}
	}
}
