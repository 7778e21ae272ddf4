package hosts

import (
	"net/url"
	"testing"
)

func TestPathsThatServersReadInDifferentWaysAreRefused(t *testing.T) {
	t.Parallel()
	for target, bad := range map[string]bool{
		"/": false, "/a/b/": false, "/a.b/..c/...": false, "/.well-known/x": false, "//": false, "/a//b": false, "/caf%C3%A9": false, "/a%20b": false,
		"/%25": false, "/a;b": false, "/a?x=../..": false, "/a?%00%2f": false, "/%252f": false, "/a%2Bb": false, "/%": true,

		"": true, "a": true, "*": true,
		"/.": true, "/..": true, "/./": true, "/../": true, "/a/..": true, "/a/./b": true, "/a/../b": true,
		"/%2e": true, "/%2E%2e/x": true, "/a/.%2e": true,
		"/a%2fb": true, "/a%2Fb": true, "/..%2f": true, "/%2e%2e%2f": true,
		"/a%5cb": true, "/a\\b": true, "/..\\": true,
		"/%00": true, "/a%0d%0ab": true, "/a%7f": true, "/%1f": true, "/a%09": true,
	} {
		u, err := url.ParseRequestURI(target)
		if err != nil { // net/http answers 400
			if !bad {
				t.Errorf("%q: %v", target, err)
			}
			continue
		}
		if got := BadPath(u.Path) || HidesSeparator(u.Path, u.RawPath); got != bad {
			t.Errorf("%q: got %v", target, got)
		}
	}
}

func TestSegmentsThatAreADotMeanNothing(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/./Packages": "/Packages", "/.": "/", "/./": "/", "/./.": "/", "/a/.": "/a/", "/a/./b/./c": "/a/b/c", "/.//evil.example": "/evil.example", "/./a//b": "/a/b",
		"/a": "", "/a//b": "", "/.a/b.": "", "/..": "", "/./..": "", "/.\\a": "", "/./\x00": "", ".": "", "./a": "", "": "",
	} {
		if got := Undotted(path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}

func TestSlashesInARowAreMerged(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"//": "/", "//dir/": "/dir/", "/a//b": "/a/b", "/a///b//": "/a/b/", "////": "/", "/": "", "/a/b/": "", "": "", "//caf\xe9": "/caf\xe9",
	} {
		if got := Merged(path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}
