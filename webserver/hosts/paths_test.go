package hosts

import "testing"

func TestTheExactPathWinsThenTheLongestPattern(t *testing.T) {
	t.Parallel()
	var p Paths[string]
	if _, ok := p.Find("/"); ok || p.Any() {
		t.Error("there is something where nothing was added")
	}
	for _, pattern := range []string{"/static/*", "/*", "/static/img/*", "/feed.xml", "/static/img/x", "/", "/caf%C3%A9/*", "/a%20b"} {
		p.Add(pattern, pattern)
	}
	p.Add("/static/*", "again")
	p.Add("/feed.xml", "again")
	for path, want := range map[string]string{
		"/": "/", "/feed.xml": "/feed.xml", "/feed.xml/": "/*", "/feed.xmls": "/*", "/Feed.xml": "/*",
		"/static": "/*", "/static/": "/static/*", "/static/a": "/static/*", "/statics/a": "/*", "/static/img": "/static/*",
		"/static/img/": "/static/img/*", "/static/img/x": "/static/img/x", "/static/img/x/y": "/static/img/*",
		"/café/": "/caf%C3%A9/*", "/caf%C3%A9/": "/*", "/a b": "/a%20b", "//static/a": "/*",
	} {
		if got, ok := p.Find(path); got != want || !ok {
			t.Errorf("%s: got %q, %v, want %q", path, got, ok, want)
		}
	}
}

func TestFindingAPathAllocatesNothing(t *testing.T) {
	var p Paths[string]
	for _, pattern := range []string{"/static/*", "/feed.xml", "/*"} {
		p.Add(pattern, pattern)
	}
	if n := testing.AllocsPerRun(100, func() { p.Find("/posts/17/") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestWithoutAPatternForTheRestThereIsNone(t *testing.T) {
	t.Parallel()
	var p Paths[int]
	p.Add("/static/*", 1)
	for _, path := range []string{"/", "/static", "/other", ""} {
		if _, ok := p.Find(path); ok {
			t.Errorf("%s: there is something", path)
		}
	}
}

func TestAFolderIsWhatStandsBeforeTheLastSlash(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"/*": "", "/feed.xml": "", "/": "", "/static/*": "/static", "/a/b/*": "/a/b", "/a/b.xml": "/a", "/caf%C3%A9/*": "/café", "/a%2A/*": "/a*",
	} {
		if got := Folder(pattern); got != want {
			t.Errorf("%s: got %q, want %q", pattern, got, want)
		}
	}
	if !SamePattern("/a%20b/*", "/a b/*") || SamePattern("/a/*", "/a/") {
		t.Error("patterns are not told apart by what they fit")
	}
}

func TestWhatIsNoPatternIsTold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"/": "", "/*": "", "/feed.xml": "", "/static/*": "", "/static/": "", "/a%20b/*": "", "/a b": "", "/50%": "", "/a%2A": "",
		"static/*":    `want a path, "/feed.xml", or all below one, "/static/*"`,
		"*.pdf":       `want a path, "/feed.xml", or all below one, "/static/*"`,
		"":            `want a path, "/feed.xml", or all below one, "/static/*"`,
		"/static*":    `a * stands for all below a path: "/static/*"`,
		"/a/*/b":      `a * stands for all below a path: "/a/*"`,
		"/a/**":       `a * stands for all below a path: "/a/*"`,
		"/a/../b/*":   "it has a dot segment, a control character, an encoded slash or two slashes in a row in it",
		"/a%2fb/*":    "it has a dot segment, a control character, an encoded slash or two slashes in a row in it",
		"//static/*":  "it has a dot segment, a control character, an encoded slash or two slashes in a row in it",
		"/a?b":        `the path alone decides: leave out "?b" (the visitor's query goes along; a ? in a path is %3F, a # is %23)`,
		"/users/:id":  `:id stands for nothing here: "/old/*" is everything below /old/ (a path with a colon there is written with %3A)`,
		"/%00control": "it has a dot segment, a control character, an encoded slash or two slashes in a row in it",
	} {
		if got := NoPattern(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
