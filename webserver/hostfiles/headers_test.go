package hostfiles

import (
	"strings"
	"testing"

	"tinycdn/webserver/page"
)

// fieldsOf are the fields of a path, one a line.
func fieldsOf(h *Headers, paths ...string) string {
	var b strings.Builder
	for _, f := range h.Of(paths...) {
		b.WriteString(f.Name + ": " + f.Value + "\n")
	}
	return b.String()
}

func TestFieldsAddUp(t *testing.T) {
	t.Parallel()
	h, notes := ReadHeaders("_headers", `# a comment
/secure/page
  X-Frame-Options: DENY
  X-Content-Type-Options: nosniff
  Referrer-Policy: no-referrer

/static/*
	Access-Control-Allow-Origin: *
	X-Robots-Tag: nosnippet
	Cache-Control: public
/*
X-Robots-Tag: noindex
	x-frame-options: SAMEORIGIN
	Link: </a.css>; rel=preload; as=style
	Link: </b.js>; rel=preload; as=script
	Cache-Control: max-age=60
/*.jpg
  ! Access-Control-Allow-Origin
  ! X-Frame-Options
/movies/:title
  x-movie-name: You are watching ":title" at 12:30
/certs/*.pem
  Content-Type: application/x-pem-file
/same/
  X-Robots-Tag: noindex
`)
	if len(notes) > 0 {
		t.Errorf("got notes %s", told(notes))
	}
	const all = "Link: </a.css>; rel=preload; as=style, </b.js>; rel=preload; as=script\n"
	for path, want := range map[string]string{
		"/secure/page": "X-Frame-Options: SAMEORIGIN\nX-Content-Type-Options: nosniff\nReferrer-Policy: no-referrer\nX-Robots-Tag: noindex\n" + all + "Cache-Control: max-age=60\n",
		"/static/a.jpg": "X-Robots-Tag: nosnippet, noindex\nCache-Control: public, max-age=60\n" + all +
			"Access-Control-Allow-Origin: \nX-Frame-Options: \n",
		"/movies/a b":  "X-Robots-Tag: noindex\nX-Frame-Options: SAMEORIGIN\n" + all + "Cache-Control: max-age=60\nX-Movie-Name: You are watching \"a%20b\" at 12:30\n",
		"/certs/x.pem": "X-Robots-Tag: noindex\nX-Frame-Options: SAMEORIGIN\n" + all + "Cache-Control: max-age=60\nContent-Type: application/x-pem-file\n",
		"/same":        "X-Robots-Tag: noindex\nX-Frame-Options: SAMEORIGIN\n" + all + "Cache-Control: max-age=60\n",
	} {
		if got := fieldsOf(h, path); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
		}
	}
}

// TestFieldsAsSitesHaveThem: the kinds of paths that were found in the files of real sites.
func TestFieldsAsSitesHaveThem(t *testing.T) {
	t.Parallel()
	h, notes := ReadHeaders("", "# === START ===\n/_app/*\n  X-Robots-Tag: noindex\n\tCache-Control: no-cache\n/_app/immutable/*\n  ! Cache-Control\n"+
		"\tCache-Control: public, immutable, max-age=31536000\n# === END ===\n/*.babylonbinarymeshdata\n\tContent-Type: binary/octet-stream\n\n"+
		"/.well-known/skills/*/SKILL.md\n  Content-Type: text/markdown; charset=utf-8\n/assets/v*\n    Cache-Control: max-age=5\n/blog/*/*\n    Link: </post.css>; rel=preload\n    \n"+
		"/*/llms.txt:\n  Content-Type: text/plain\n")
	if len(notes) > 0 {
		t.Errorf("got notes %s", told(notes))
	}
	for path, want := range map[string]string{
		"/_app/x.js":                       "X-Robots-Tag: noindex\nCache-Control: no-cache\n",
		"/_app/immutable/x.js":             "X-Robots-Tag: noindex\nCache-Control: public, immutable, max-age=31536000\n",
		"/a/b.babylonbinarymeshdata":       "Content-Type: binary/octet-stream\n",
		"/.well-known/skills/a/b/SKILL.md": "Content-Type: text/markdown; charset=utf-8\n",
		"/assets/v3/a.css":                 "Cache-Control: max-age=5\n",
		"/blog/web/a":                      "Link: </post.css>; rel=preload\n",
		"/blog/a":                          "",
	} {
		if got := fieldsOf(h, path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestAFieldThatWasTakenAwayMayComeBack(t *testing.T) {
	t.Parallel()
	h, _ := ReadHeaders("", "/*\n  Content-Security-Policy: default-src 'self'\n/about/\n  ! Content-Security-Policy\n  Content-Security-Policy: img-src *\n")
	for path, want := range map[string]string{
		"/":      "Content-Security-Policy: default-src 'self'\n",
		"/about": "Content-Security-Policy: img-src *\n",
	} {
		if got := fieldsOf(h, path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestAFileGoesByAllItsPaths(t *testing.T) {
	t.Parallel()
	h, _ := ReadHeaders("", "/\n  A: 1\n/*.html\n  B: 2\n/index.html\n  C: 3\n/*\n  D: 4\n")
	if got, want := fieldsOf(h, "/", "/index.html"), "A: 1\nB: 2\nC: 3\nD: 4\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := fieldsOf(nil, "/"); got != "" {
		t.Errorf("got %q of no file", got)
	}
}

func TestWhatIsNoFieldIsANote(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ line, want string }{
		{"X-A", "is no field"}, {"X-A:", "X-A has no value"}, {": x", "is not the name"}, {"X A: b", "is not the name"}, {"! X A", "is not the name"},
		{"Content-Length: 7", "Content-Length is set by the server"}, {"transfer-encoding: chunked", "Transfer-Encoding is set by the server"},
		{"Connection: close", "set by the server"}, {"Date: x", "set by the server"}, {"Server: me", "set by the server"},
		{"Content-Encoding: gzip", "set by the server"}, {"ETag: x", "set by the server"}, {"Location: /", "set by the server"},
		{"Set-Cookie: a=b", "Set-Cookie is left out"}, {"Content-Type: html", "no media type"}, {"X-A: \x01", "control character"},
		{"Basic-Auth: user:password other:secret", "the path is NOT protected"}, {"basic-auth user:secret", "the path is NOT protected"},
		{"https://x.pages.dev/*", "fields by host are not done"}, {"/a?b", `no "?b" in it`},
	} {
		h, notes := ReadHeaders("_headers", "/*\n  X-Fine: 1\n  "+test.line+"\n")
		if len(notes) != 1 || notes[0].Line != 3 || !strings.Contains(notes[0].Text, test.want) || strings.Contains(notes[0].Text, "secret") {
			t.Errorf("%q: got %s, want %q", test.line, told(notes), test.want)
		}
		if got := fieldsOf(h, "/a"); got != "X-Fine: 1\n" {
			t.Errorf("%q: got %q", test.line, got)
		}
	}
	if _, notes := ReadHeaders("", "X-A: b\n/*\n"); told(notes) != "1: a path, such as /*, has to come before \"X-A: b\"\n" {
		t.Errorf("got %s", told(notes))
	}
}

// TestWhatIsNotProtectedComesFirst of all notes: it must not be overlooked.
func TestWhatIsNotProtectedComesFirst(t *testing.T) {
	t.Parallel()
	_, notes := ReadHeaders("", "/*\n  Server: x\n  Date: y\n/private/*\n  Basic-Auth: a:b\n")
	if len(notes) != 3 || notes[0].Line != 5 {
		t.Errorf("got %s", told(notes))
	}
}

func TestFieldsOfAnotherHostAreNobodys(t *testing.T) {
	t.Parallel()
	h, _ := ReadHeaders("", "/a\n  A: 1\nhttps://x.pages.dev/*\n  X-Robots-Tag: noindex\n/b\n  B: 2\n")
	if got, want := fieldsOf(h, "/a")+fieldsOf(h, "/b")+fieldsOf(h, "/c"), "A: 1\nB: 2\n"; got != want {
		t.Errorf("got %q", got)
	}
}

// FuzzHeaders reads any file. What it gives any path are fields that may be sent.
func FuzzHeaders(f *testing.F) {
	f.Add("/*\n  X-A: b\n  ! X-A\n", "/a")
	f.Add("/m/:t\n X-T: :t :splat\n/*\n Link: </:t>\nhttps://a/*\n B: c", "/m/\r\n")
	f.Fuzz(func(t *testing.T, text, path string) {
		h, _ := ReadHeaders("_headers", text)
		if !strings.HasPrefix(path, "/") {
			return
		}
		for _, field := range h.Of(path, path+".html") {
			if !page.IsFieldName(field.Name) {
				t.Errorf("%q is no name", field.Name)
			}
			page.CheckField(nil, field.Value, func(_ []string, format string, _ ...any) { t.Errorf("%q: %s", field.Value, format) })
		}
	})
}
