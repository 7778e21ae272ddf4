package page

import "testing"

func TestLifeIsByRuleElseByMediaTypeAndName(t *testing.T) {
	t.Parallel()
	rules := []Rule{{"/assets/raw/*", "no-cache"}, {"/assets/*", "max-age=5"}, {"*.pdf", "max-age=6"}, {"/feed.xml", "max-age=7"}}
	for _, c := range []struct{ path, mediaType, want string }{
		{"/assets/raw/x.css", "text/css", "no-cache"}, // the first rule that fits
		{"/assets/x.css", "text/css", "max-age=5"},
		{"/assets/", "text/html", "max-age=5"},
		{"/assets", "text/html", htmlCacheControl},
		{"/doc/a.pdf", "application/pdf", "max-age=6"},
		{"/feed.xml", "application/atom+xml", "max-age=7"},
		{"/feed.xml.bak", "text/plain", fileCacheControl},
		{"/", "text/html; charset=utf-8", htmlCacheControl},
		{"/page-3f9a1c07.html", "text/html", htmlCacheControl},
		{"/style.css", "text/css", fileCacheControl},
		{"/app.3f9a1c07.js", "text/javascript", hashCacheControl},
	} {
		if got := CacheControl(rules, c.path, c.mediaType); got != c.want {
			t.Errorf("%s: got %q, want %q", c.path, got, c.want)
		}
	}
	if got := CacheControl([]Rule{{"*", "no-store"}}, "/anything", "text/html"); got != "no-store" {
		t.Errorf("a rule for all: got %q", got)
	}
}

func TestHashInANameIsSeen(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"app.3f9a1c07.js":    true, // webpack, Parcel
		"index-BxK2_q9d.css": true, // Vite
		"chunk-5KJ3XQ2A.js":  true, // esbuild
		"main.9c1185a5c5e9fc54612808977ee8f548b2258d31.css":                          true,
		"main.ad23f1ce1a3a5e8e2f5e3b1f1a0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c.css.": false, // what ends in a dot has no extension

		"app.js": false, "jquery-3.7.1.min.js": false, "report-20240105.pdf": false, "backup-20240105T101500.zip": false,
		"screenshot2.png": false, "img-screenshot2.png": false, "photo-iphone14pro.jpg": false, "my-document1.pdf": false,
		"IMG-MyHoliday2.jpg": false, "the-decade2020.jpg": false, "a-longername.css": false, "3f9a1c07.js": false, "app.3f9a1c07": false,
		"app.3f9a1c.js": false, "app.3f9a 1c07.js": false, "app-Grüße2a1b3.js": false, "": false,
	} {
		if got := hasHash(name); got != want {
			t.Errorf("%q: got %v", name, got)
		}
	}
}

func TestErrorsLiveShortly(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{404: missingCacheControl, 410: missingCacheControl, 400: "no-store", 421: "no-store", 500: "no-store", 503: "no-store"} {
		if got := ErrorCacheControl(status); got != want {
			t.Errorf("%d: got %q, want %q", status, got, want)
		}
	}
}
