package page

import (
	"regexp"
	"testing"
)

func TestTagIsAHashOfWhatIsSent(t *testing.T) {
	t.Parallel()
	r := prose(1000)
	tag := New(r).Negotiate("").ETag
	if !regexp.MustCompile(`^"[A-Za-z0-9_-]{16}"$`).MatchString(tag) {
		t.Errorf("got %s", tag)
	}
	later := r
	later.Modified, later.ShortLived = lastTuesday, true
	if got := New(later).Negotiate("").ETag; got != tag {
		t.Errorf("the same content at another time has the tag %s, not %s", got, tag)
	}
	otherBody, otherType := r, r
	otherBody.Body = append([]byte("x"), r.Body[1:]...)
	otherType.Header = []Field{{"Content-Type", "text/plain"}}
	for _, other := range []Response{otherBody, otherType} {
		if got := New(other).Negotiate("").ETag; got == tag {
			t.Errorf("other content has the tag %s too", got)
		}
	}
}

func TestEachCodingHasItsTag(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ origin, gzip string }{
		{`"abc"`, `"abc-gzip"`},
		{`""`, `"-gzip"`},
		{`"abc-gzip"`, `"abc-gzip-gzip"`}, // as Apache tags what it packed itself
		{`W/"abc"`, `W/"abc"`},            // a weak one is for all codings
	} {
		r := prose(1000)
		r.ETag = c.origin
		p := New(r)
		if got := p.Negotiate("").ETag; got != c.origin {
			t.Errorf("%s: got %s in no coding", c.origin, got)
		}
		if got := p.Negotiate("gzip").ETag; got != c.gzip {
			t.Errorf("%s: got %s in gzip, want %s", c.origin, got, c.gzip)
		}
	}
}

func TestTagTellsItsCoding(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ours, tag string
		coding    Coding
		ok        bool
	}{
		{`"abc"`, `"abc"`, Identity, true},
		{`"abc"`, `W/"abc"`, Identity, true},
		{`"abc"`, `"abc-gzip"`, Gzip, true},
		{`"abc"`, `W/"abc-br"`, Brotli, true},
		{`"abc"`, `"abc-zstd"`, Zstd, true},
		{`W/"abc"`, `"abc"`, Identity, true},
		{`W/"abc"`, `W/"abc"`, Identity, true},
		{`"abc-gzip"`, `"abc-gzip"`, Identity, true},
		{`"abc-gzip"`, `"abc-gzip-br"`, Brotli, true},

		{`"abc"`, `"abd"`, Identity, false},
		{`"abc"`, `"abc-lzma"`, Identity, false},
		{`"abc"`, `"abc-"`, Identity, false},
		{`"abc"`, `"abc-gzip`, Identity, false},
		{`"abc"`, `"abc`, Identity, false},
		{`"abc"`, `abc`, Identity, false},
		{`"abc"`, `w/"abc"`, Identity, false},
		{`"abc-gzip"`, `"abc"`, Identity, false},
		{`"abc-gzip"`, `"abc-br"`, Identity, false},
		{`W/"abc"`, `W/"abc-gzip"`, Identity, false},
	} {
		r := prose(1000)
		r.ETag = c.ours
		coding, ok := New(r).CodingOfTag(c.tag)
		if ok != c.ok || ok && coding != c.coding {
			t.Errorf("%s for a page with %s: got %v, %v", c.tag, c.ours, coding, ok)
		}
	}
	untagged := New(Response{Status: 404})
	if _, ok := untagged.CodingOfTag(""); ok {
		t.Error("a page without a tag has one")
	}
}

func TestPlainTagIsWhatTheOriginKnows(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		`"abc"`: `"abc"`, `"abc-gzip"`: `"abc"`, `"abc-br"`: `"abc"`, `"abc-zstd"`: `"abc"`, `"abc-gzip-br"`: `"abc-gzip"`,
		`W/"abc"`: `W/"abc"`, `W/"abc-gzip"`: `W/"abc"`, `"-gzip"`: `""`, `"gzip"`: `"gzip"`, ``: ``, `abc-gzip`: `abc-gzip`,
	} {
		if got := PlainTag(tag); got != want {
			t.Errorf("%s: got %s, want %s", tag, got, want)
		}
	}
}
