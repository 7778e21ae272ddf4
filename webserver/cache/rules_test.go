package cache

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// header reads "Name: value | Name: value".
func header(text string) http.Header {
	h := http.Header{}
	for line := range strings.SplitSeq(text, " | ") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			h.Add(name, value)
		}
	}
	return h
}

func TestAgeIsWhatDateAndAgeAndTheWayTell(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		response string
		delay    time.Duration // from the question to the answer
		age      time.Duration // at noon, when it came in
	}{
		{"", 0, 0},
		{"", 3 * time.Second, 3 * time.Second},
		{"Age: 10", 3 * time.Second, 13 * time.Second},
		{"Date: Sun, 22 Nov 2026 11:59:00 GMT", 0, time.Minute},
		{"Date: Sun, 22 Nov 2026 11:59:00 GMT | Age: 10", 0, time.Minute},
		{"Date: Sun, 22 Nov 2026 11:59:00 GMT | Age: 100", 0, 100 * time.Second},
		{"Date: Sun, 22 Nov 2026 13:00:00 GMT", 0, 0}, // a clock that is ahead
		{"Date: today", 0, 0},
		{"Age: 0, 5", 0, 0},
		{"Age: 5,0", 0, 5 * time.Second},
		{"Age: 7 | Age: 5", 0, 7 * time.Second},
		{"Age: 0, old", 0, 0},
		{"Age: -5", 0, 0},
		{"Age: old", 2 * time.Second, 2 * time.Second},
		{"Age: ", 0, 0},
		{"Age: 99999999999999999999", 0, longest},
	} {
		f := FreshnessOf(header(c.response), noon.Add(-c.delay), noon)
		if age := f.Age(noon); age != c.age {
			t.Errorf("%s, %v on its way: age %v, want %v", c.response, c.delay, age, c.age)
		}
	}
}

func TestUpdateKeepsWhatDescribesTheBytes(t *testing.T) {
	t.Parallel()
	stored := header("Date: Sun, 22 Nov 2026 11:00:00 GMT | Age: 100 | Content-Type: text/html | Content-Length: 5 | Etag: \"a\" | X-A: 1 | X-A: 2 | X-B: 1")
	got := Update(stored, header("Content-Length: 0 | Content-Encoding: br | Etag: \"b\" | X-A: 3 | X-C: 1 | Cache-Control: max-age=1"))
	want := header("Content-Type: text/html | Content-Length: 5 | Etag: \"a\" | X-A: 3 | X-B: 1 | X-C: 1 | Cache-Control: max-age=1")
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if stored.Get("X-A") != "1" {
		t.Error("the stored header was changed")
	}
}

func TestSelectorsAreWhatVaryNames(t *testing.T) {
	t.Parallel()
	request := header("Accept-Language: de , en | Accept-Encoding: gzip | Cookie: a=b | Cookie: c=d")
	got := Selectors(request, header("Vary: accept-language, Accept-Encoding,, COOKIE | Vary: X-None, Accept-Language"))
	want := []Selector{{"Accept-Language", "de,en"}, {"Cookie", "a=b,c=d"}, {"X-None", ""}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for text, selected := range map[string]bool{
		"Accept-Language: de,en | Cookie: a=b,c=d":                    true,
		"Accept-Language: de | Accept-Language: en | Cookie: a=b,c=d": true,
		"Accept-Language: de,en | Cookie: a=b,c=d | X-None: x":        false,
		"Accept-Language: en,de | Cookie: a=b,c=d":                    false,
		"Cookie: a=b,c=d": false,
	} {
		if Selected(got, header(text)) != selected {
			t.Errorf("%s: selected is not %v", text, selected)
		}
	}
}

func TestInvalidatedTargetsAreOnTheSameHost(t *testing.T) {
	t.Parallel()
	target := &url.URL{Path: "/dir/page", RawQuery: "q"}
	for _, c := range []struct {
		method   string
		status   int
		response string
		want     []string
	}{
		{"POST", 200, "", []string{"/dir/page?q"}},
		{"POST", 303, "Location: there", []string{"/dir/page?q", "/dir/there"}},
		{"POST", 201, "Location: http://EXAMPLE.org/x | Content-Location: /y?z", []string{"/dir/page?q", "/x", "/y?z"}},
		{"POST", 201, "Location: http://example.net/x | Content-Location: //example.net/y", []string{"/dir/page?q"}},
		{"POST", 201, "Location: http://[broken", []string{"/dir/page?q"}},
		{"POST", 400, "Location: /x", nil},
		{"POST", 500, "", nil},
		{"GET", 200, "Location: /x", nil},
	} {
		if got := Invalidated(c.method, "example.org", target, c.status, header(c.response)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %d %s: got %q, want %q", c.method, c.status, c.response, got, c.want)
		}
	}
}

func TestStatusesThatMayBeStored(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status   int
		response string
		want     bool
	}{
		{200, "", true}, {404, "", true}, {301, "", true}, {302, "", false}, {307, "", false}, {500, "", false},
		{302, "Cache-Control: max-age=1", true}, {500, "Cache-Control: max-age=1", true}, {599, "Cache-Control: max-age=1", true},
		{400, "Cache-Control: max-age=60", false}, {413, "Cache-Control: public, max-age=60", false}, {414, "Cache-Control: max-age=60", false},
		{431, "Expires: Sun, 22 Nov 2036 12:00:00 GMT", false}, {403, "Cache-Control: max-age=60", true}, {429, "Cache-Control: max-age=60", true},
		{206, "Cache-Control: max-age=1", false}, {304, "Cache-Control: max-age=1", false}, {103, "Cache-Control: max-age=1", false},
		{599, "Cache-Control: max-age=1, must-understand", false}, {404, "Cache-Control: max-age=1, must-understand, no-store", true},
	} {
		if got := Storable(nil, c.status, header(c.response)); got != c.want {
			t.Errorf("%d %s: storable %v, want %v", c.status, c.response, got, c.want)
		}
	}
}

func TestDecidingAllocatesNothing(t *testing.T) {
	request := header("Cache-Control: max-age=0, no-cache=\"x\" | Accept-Language: de,en;q=0.5 | Cookie: a=b")
	by := Selectors(request, header("Vary: Accept-Language, Cookie"))
	f := FreshnessOf(header("Cache-Control: max-age=60, stale-while-revalidate=60"), noon, noon)
	if n := testing.AllocsPerRun(100, func() {
		asked := ParseRequest(request)
		if f.Decide(&asked, noon) != Confirm || !Selected(by, request) {
			t.Error("decided wrongly")
		}
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
