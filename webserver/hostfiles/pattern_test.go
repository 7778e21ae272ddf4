package hostfiles

import (
	"strings"
	"testing"

	"tinycdn/webserver/hosts"
)

// named is what the names of a pattern stand for in a path, as an operator would write it; "no": it does not fit.
func named(p *pattern, path string) string {
	var v values
	if !p.match(path, &v) {
		return "no"
	}
	var list []string
	for i, name := range p.names {
		list = append(list, name+"="+v[i])
	}
	return strings.Join(list, " ")
}

func TestPathsThatAPatternFits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ pattern, path, want string }{
		{"/", "/", ""}, {"/", "/a", "no"},
		{"/old", "/old", ""}, {"/old", "/old/", ""}, {"/old/", "/old", ""}, {"/old", "/older", "no"}, {"/old", "/old/x", "no"}, {"/old", "/Old", "no"},
		{"/a%20b", "/a b", ""}, {"/caf%C3%A9/*", "/café/x", "splat=x"}, {"/50%", "/50%", ""}, {"/star%2A", "/star*", ""},
		{"/*", "/", "splat="}, {"/*", "/a/b/", "splat=a/b/"},
		{"/old/*", "/old", "splat="}, {"/old/*", "/old/", "splat="}, {"/old/*", "/old/a/b", "splat=a/b"}, {"/old/*", "/older", "no"},
		{"/foo*", "/foo", "splat="}, {"/foo*", "/foobar/x", "splat=bar/x"}, {"/foo*", "/fo", "no"},
		{"/*.js", "/a/b.js", "splat=a/b"}, {"/*.js", "/a.json", "no"}, {"/*.js", "/.js", "splat="},
		{"/certs/*.pem", "/certs/2024/e5.pem", "splat=2024/e5"}, {"/certs/*.pem", "/certs.pem", "no"},
		{"/*/edit", "/a/b/edit", "splat=a/b"}, {"/*/edit", "/a/edit/", "splat=a"}, {"/*/edit", "/edit", "no"},
		{"/blog/:year/:slug", "/blog/2024/x", "year=2024 slug=x"}, {"/blog/:year/:slug", "/blog/2024/x/", "year=2024 slug=x"},
		{"/blog/:year/:slug", "/blog/2024", "no"}, {"/blog/:year/:slug", "/blog//x", "no"}, {"/blog/:year/:slug", "/blog/2024/x/y", "no"},
		{"/p/:id.html", "/p/7.html", "id=7"}, {"/p/:id.html", "/p/.html", "no"}, {"/p/post-:id", "/p/post-7-8", "id=7-8"},
		{"/:year-:slug", "/2024-a-b", "year=2024 slug=a-b"}, {"/:a/*/:b", "/x/y/z/w", "a=x splat=y/z b=w"},
		{"/Talk:Page", "/Talk:Page", ""}, {"/a:80", "/a:80", ""}, {"/:80", "/:80", ""}, {"/a_:b", "/a_c", "b=c"},
		{"/blog/*/*", "/blog/a/b", ""}, {"/blog/*/*", "/blog/a", "no"}, {"/*a*.js", "/bab.js", ""}, {"/*a*.js", "/bb.js", "no"},
	} {
		p, err := parsePattern(test.pattern)
		if err != nil {
			t.Errorf("%s: %v", test.pattern, err)
		} else if got := named(&p, test.path); got != test.want {
			t.Errorf("%s of %s: got %q, want %q", test.path, test.pattern, got, test.want)
		}
	}
}

func TestPatternsThatNobodyCanFit(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"/a?b=c": `"?b=c"`, "/a#b": `"#b"`, "/a/../b": "dot segment", "/a%2Fb": "encoded slash", "/a\\b": "encoded slash", "/a%00": "control character",
		"/:a:b": "want some text", "/:a*": "want some text", "/*/*/:a": "no placeholder", "/:a/:b/:c/:d/:e/:f/:g/:h/:i": "more than 8",
	} {
		if _, err := parsePattern(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", pattern, err, want)
		}
	}
}

// FuzzPattern compares with a matcher that tries everything.
func FuzzPattern(f *testing.F) {
	for _, seed := range [][2]string{
		{"/old/*", "/old/a/b"}, {"/blog/:year/:slug", "/blog/2024/x/"}, {"/p/post-:id.html", "/p/post-7.html"}, {"/*/edit", "/a/edit"},
		{"/:a-:b/*x/:c", "/1-2/yx/3"}, {"/*a*b*", "/xaybz"}, {"/%41:b", "/A:b"}, {"//*", "///"}, {"/a/", "/a"}, {"/a_:b", "/a_c"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, path string) {
		if !strings.HasPrefix(pattern, "/") || !strings.HasPrefix(path, "/") || len(pattern)+len(path) > 60 {
			return
		}
		p, err := parsePattern(pattern)
		if err != nil {
			return
		}
		if got, want := named(&p, path), slow(pattern, path, &p); got != want {
			t.Errorf("%q of %q: got %q, want %q", path, pattern, got, want)
		}
	})
}

// slow takes a pattern apart piece by piece.
func slow(pattern, path string, p *pattern) string {
	if pattern != "/" {
		pattern = strings.TrimSuffix(pattern, "/")
	}
	if !strings.HasSuffix(pattern, "*") && path != "/" {
		path = strings.TrimSuffix(path, "/")
	}
	list, ok := try(pattern, path)
	if start, isOpen := strings.CutSuffix(pattern, "/*"); !ok && isOpen && p.globs == nil {
		if list, ok = try(start, path); ok {
			list = append(list, "")
		}
	}
	if !ok {
		return "no"
	}
	for i := range p.names {
		list[i] = p.names[i] + "=" + list[i]
	}
	return strings.Join(list[:len(p.names)], " ")
}

// try gives a name the least that lets the rest fit, and a * the most.
func try(pattern, path string) (list []string, ok bool) {
	star, name := strings.IndexByte(pattern, '*'), nextName(pattern, 0)
	switch {
	case star < 0 && name < 0:
		return nil, path == hosts.Unescaped(pattern)
	case name < 0 || star >= 0 && star < name:
		rest, fits := strings.CutPrefix(path, hosts.Unescaped(pattern[:star]))
		for n := len(rest); fits && n >= 0; n-- {
			if list, ok = try(pattern[star+1:], rest[n:]); ok {
				return append([]string{rest[:n]}, list...), true
			}
		}
		return nil, false
	}
	rest, fits := strings.CutPrefix(path, hosts.Unescaped(pattern[:name]))
	for n := 1; fits && n <= len(rest) && rest[n-1] != '/'; n++ {
		if list, ok = try(pattern[name+1+len(wordAt(pattern, name+1)):], rest[n:]); ok {
			return append([]string{rest[:n]}, list...), true
		}
	}
	return nil, false
}
