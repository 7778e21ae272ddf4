package reply

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"tinycdn/webserver/page"
)

const (
	onTuesday  = "Tue, 03 Mar 2026 12:00:00 GMT"
	onMonday   = "Mon, 02 Mar 2026 12:00:00 GMT"
	onThursday = "Thu, 05 Mar 2026 12:00:00 GMT"
)

var lastTuesday = time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)

// tagged is a page of so many bytes with that entity tag, of last Tuesday.
func tagged(tag string, size int) *page.Page {
	r := ofFile(tag, size)
	r.OfFile = false
	return page.New(r)
}

// ofFile is the same of a file.
func ofFile(tag string, size int) page.Response {
	return page.Response{
		Status:   http.StatusOK,
		Header:   []page.Field{{Name: "Content-Type", Value: "text/html; charset=utf-8"}, {Name: "Cache-Control", Value: "public, max-age=60"}},
		Modified: lastTuesday,
		Body:     []byte(strings.Repeat("<p>point of presence</p>\n", size/24+1)[:size]),
		ETag:     tag,
		OfFile:   true,
	}
}

// asking is a GET with these lines in its header.
func asking(lines ...string) *page.Request {
	r := httptest.NewRequest("GET", "/", nil)
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	q := page.RequestOf(r)
	return &q
}

func TestPageWithoutTagOrDateHasConditionsToo(t *testing.T) {
	t.Parallel()
	bare := page.New(page.Response{Status: 404})
	for _, c := range []struct {
		line string
		want verdict
	}{
		{"If-None-Match: *", notModified},
		{`If-None-Match: ""`, send},
		{"If-None-Match: ", send},
		{"If-Match: *", send},
		{`If-Match: ""`, failed},
		{"If-Modified-Since: " + onThursday, send},
		{"If-Unmodified-Since: " + onMonday, send},
	} {
		if got, tag := conditions(asking(c.line), bare, bare.Negotiate("")); got != c.want || tag != "" {
			t.Errorf("%s: got %v %s, want %v", c.line, got, tag, c.want)
		}
	}
}

// FuzzConditions compares with a judge that takes the fields apart first.
func FuzzConditions(f *testing.F) {
	f.Add(`"abc"`, `W/"abc", "x"`, onTuesday, onMonday, "gzip", byte(15))
	f.Add(`*`, `*`, "x", "", "", byte(2))
	f.Add(`"abc-gzip"`, `"abc-br", "abc-gzip"`, "", "", "gzip;q=0, br", byte(3))
	f.Add(``, ``, onThursday, "", "", byte(4))
	f.Add(``, ``, onThursday, "", "", byte(36))
	f.Add(``, ``, onTuesday, "", "", byte(36))
	ofAnApplication, ofAFile := tagged(`"abc"`, 2000), page.New(ofFile(`"abc"`, 2000))
	ofAnApplication.Pack()
	ofAFile.Pack()
	f.Fuzz(func(t *testing.T, match, noneMatch, modifiedSince, unmodifiedSince, acceptEncoding string, present byte) {
		h := http.Header{}
		for i, field := range []page.Field{
			{Name: "If-Match", Value: match}, {Name: "If-None-Match", Value: noneMatch},
			{Name: "If-Modified-Since", Value: modifiedSince}, {Name: "If-Unmodified-Since", Value: unmodifiedSince},
			{Name: "Accept-Encoding", Value: acceptEncoding},
		} {
			if present&(1<<i) != 0 {
				h[field.Name] = []string{field.Value}
			}
		}
		p, exact := ofAnApplication, present&32 != 0
		if exact {
			p = ofAFile
		}
		v := p.Negotiate(h.Get("Accept-Encoding"))
		q := page.RequestOf(&http.Request{Method: "GET", URL: &url.URL{Path: "/"}, Header: h})
		got, tag := conditions(&q, p, v)
		if want := judge(h, v.ETag, exact); got != want {
			t.Errorf("%v: got %v, want %v", h, got, want)
		}
		if got == notModified && !slices.Contains(allTags, strings.TrimPrefix(tag, "W/")) {
			t.Errorf("%v: the client is told that %s still holds", h, tag)
		}
	})
}

var allTags = []string{`"abc"`, `"abc-gzip"`, `"abc-br"`, `"abc-zstd"`}

// judge reads RFC 9110, 13.2.2 aloud, for a page that is in every coding. With exact it is a file, to whose
// release a visitor may come back from a later one.
func judge(h http.Header, tag string, exact bool) verdict {
	if h["If-Match"] != nil {
		if list := tagsOf(h.Get("If-Match")); !slices.Contains(list, "*") && !slices.Contains(list, tag) {
			return failed
		}
	} else if t, err := http.ParseTime(h.Get("If-Unmodified-Since")); err == nil && t.Before(lastTuesday) {
		return failed
	}
	if h["If-None-Match"] != nil {
		accepted := page.Accept(h.Get("Accept-Encoding"))
		for _, theirs := range tagsOf(h.Get("If-None-Match")) {
			coding := slices.Index(allTags, strings.TrimPrefix(theirs, "W/"))
			byName := []page.Coding{page.Identity, page.Gzip, page.Brotli, page.Zstd}
			if theirs == "*" || strings.TrimPrefix(theirs, "W/") == tag || coding >= 0 && accepted[byName[coding]] > 0 {
				return notModified
			}
		}
	} else if t, err := http.ParseTime(h.Get("If-Modified-Since")); err == nil && (t.Equal(lastTuesday) || !exact && t.After(lastTuesday)) {
		return notModified
	}
	return send
}

// tagsOf takes a list of entity tags apart, up to where it is none any more.
func tagsOf(list string) (tags []string) {
	if strings.Trim(list, " \t") == "*" {
		return []string{"*"}
	}
	for {
		list = strings.TrimLeft(list, ", \t")
		weak := strings.HasPrefix(list, "W/")
		parts := strings.SplitN(strings.TrimPrefix(list, "W/"), `"`, 3)
		if len(parts) < 3 || parts[0] != "" {
			return tags
		}
		tag := `"` + parts[1] + `"`
		if weak {
			tag = "W/" + tag
		}
		tags, list = append(tags, tag), parts[2]
	}
}
