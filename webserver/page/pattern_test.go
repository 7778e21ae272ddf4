package page

import (
	"strings"
	"testing"
)

func TestPatternsOfPaths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern  Pattern
		fits     string // paths
		fitsNot  string
		mistaken string
	}{
		{"/assets/*", "/assets/ /assets/a /assets/b/c", "/assets /x/assets/a", ""},
		{"/about*", "/about /about.html /about/x", "/abou", ""},
		{"*.pdf", "/a.pdf /b/.pdf", "/a.pdf.gz /pdf", ""},
		{"*/Release", "/Release /dists/stable/Release", "/InRelease", ""},
		{"/feed.xml", "/feed.xml", "/feed.xml.gz /a/feed.xml", ""},
		{"*", "/ /a", "", ""},
		{"/*", "/ /a", "", ""},
		{"/caf%C3%A9/*", "/café/a /caf%C3%A9/a", "/cafe/a", ""},
		{"/50%", "/50%", "/50", ""},
		{"assets/*", "", "/assets/a", `a pattern is a path, "/assets/*", or an end, "*.pdf"`},
		{"", "", "/", `a pattern is a path, "/assets/*", or an end, "*.pdf"`},
		{"/a/*/b", "", "/a/x/b", `a * may only stand at the end, "/assets/*", or at the beginning, "*.pdf"`},
		{"*a*", "", "/bab", `a * may only stand at the end, "/assets/*", or at the beginning, "*.pdf"`},
		{"/a/**", "", "/a/b", `a * may only stand at the end, "/assets/*", or at the beginning, "*.pdf"`},
		{"**", "", "/", `a * may only stand at the end, "/assets/*", or at the beginning, "*.pdf"`},
	} {
		for paths, want := range map[string]bool{c.fits: true, c.fitsNot: false} {
			for _, path := range strings.Fields(paths) {
				if got := c.pattern.Fits(path); got != want {
					t.Errorf("%q fits %s: got %v", c.pattern, path, got)
				}
			}
		}
		got := ""
		c.pattern.Check(func(_ []string, format string, _ ...any) { got = format })
		if got != c.mistaken {
			t.Errorf("%q: got %q, want %q", c.pattern, got, c.mistaken)
		}
	}
}

func TestPatternsBelowAPath(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, below string
		want           Pattern
		ok             bool
	}{
		{"/a/*", "", "/a/*", true}, {"*.pdf", "/base", "*.pdf", true}, {"/*", "/base", "/*", true},
		{"/base/a/*", "/base", "/a/*", true}, {"/base/*", "/base", "/*", true}, {"/a/*", "/base", "", false}, {"/base", "/base", "", false},
		{"/base*", "/base", "/*", true}, {"/ba*", "/base", "/*", true}, {"/my%20*", "/my base", "/*", true}, {"/bass*", "/base", "", false}, {"/base2/*", "/base", "", false},
		{"/my%20base/a", "/my base", "/a", true}, {"/my base/50%", "/my base", "/50%", true},
	} {
		if got, ok := Pattern(c.pattern).Below(c.below); ok != c.ok || ok && got != c.want {
			t.Errorf("%s below %q: got %q %v", c.pattern, c.below, got, ok)
		}
	}
}
