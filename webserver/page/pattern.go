package page

import (
	"net/url"
	"strings"

	"tinycdn/zones/diag"
)

// Pattern says which paths something is for: "/assets/*" is all below, "*.pdf" all that end so, "/feed.xml" just that. It may be
// escaped as in the address bar.
type Pattern string

// Check reports what is wrong with p, at its own key.
func (p Pattern) Check(report diag.Report) {
	switch text := string(p); {
	case !strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "*"):
		report(diag.At(text), `a pattern is a path, "/assets/*", or an end, "*.pdf"`)
	case strings.Contains(strings.TrimSuffix(text[1:], "*"), "*"), len(text) > 1 && text[0] == '*' && strings.HasSuffix(text, "*"):
		report(diag.At(text), `a * may only stand at the end, "/assets/*", or at the beginning, "*.pdf"`)
	}
}

// Fits says whether p is for a path without escapes.
func (p Pattern) Fits(urlPath string) bool {
	return fits(string(p), urlPath) || fits(p.plain(), urlPath)
}

// plain is p without escapes. What is no escape stands for itself: "/50%".
func (p Pattern) plain() string {
	if plain, err := url.PathUnescape(string(p)); err == nil {
		return plain
	}
	return string(p)
}

func fits(pattern, urlPath string) bool {
	if end, ok := strings.CutPrefix(pattern, "*"); ok {
		return strings.HasSuffix(urlPath, end)
	}
	if start, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(urlPath, start)
	}
	return urlPath == pattern
}

// Below is p for a part of a site that lies below a path, which is "" or begins with a slash, and knows nothing of that; ok: it
// is for anything there.
func (p Pattern) Below(path string) (inside Pattern, ok bool) {
	if path == "" || p[0] == '*' {
		return p, true
	}
	if start, many := strings.CutSuffix(p.plain(), "*"); many && strings.HasPrefix(path+"/", start) {
		return "/*", true // it is for all that is there
	}
	rest, ok := strings.CutPrefix(string(p), path+"/")
	if !ok {
		rest, ok = strings.CutPrefix(p.plain(), path+"/")
	}
	return Pattern("/" + rest), ok
}
