package cache

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestCacheControlIsReadAsWritten(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]func(*CacheControl){
		"":                                 func(c *CacheControl) {},
		"no-store":                         func(c *CacheControl) { c.NoStore = true },
		" No-Store , PRIVATE":              func(c *CacheControl) { c.NoStore, c.Private = true, true },
		"no-cache=\"set-cookie, age\"":     func(c *CacheControl) { c.NoCache = true },
		"proxy-revalidate":                 func(c *CacheControl) { c.MustRevalidate = true },
		"max-age=60":                       func(c *CacheControl) { c.MaxAge = time.Minute },
		`max-age="60"`:                     func(c *CacheControl) { c.MaxAge = time.Minute },
		"max-age=060":                      func(c *CacheControl) { c.MaxAge = time.Minute },
		"max-age=60, max-age=1":            func(c *CacheControl) { c.MaxAge = time.Minute },
		"max-age":                          func(c *CacheControl) { c.MaxAge = 0 },
		"max-age=-1":                       func(c *CacheControl) { c.MaxAge = 0 },
		"max-age=1.5":                      func(c *CacheControl) { c.MaxAge = 0 },
		"max-age='60'":                     func(c *CacheControl) { c.MaxAge = 0 },
		"max-age=60s":                      func(c *CacheControl) { c.MaxAge = 0 },
		"max-age =60":                      func(c *CacheControl) {},
		"xmax-age=60, max-agex=60":         func(c *CacheControl) {},
		"max-age=2147483648":               func(c *CacheControl) { c.MaxAge = longest },
		"max-age=18446744073709551617":     func(c *CacheControl) { c.MaxAge = longest },
		"s-maxage=1,max-age=2":             func(c *CacheControl) { c.SharedMaxAge, c.MaxAge = time.Second, 2*time.Second },
		"max-stale":                        func(c *CacheControl) { c.MaxStale = longest },
		"max-stale=5":                      func(c *CacheControl) { c.MaxStale = 5 * time.Second },
		"a=\"no-store, \\\", private\"":    func(c *CacheControl) {},
		"a=\"never ends, no-store":         func(c *CacheControl) {},
		",,, ,public,,":                    func(c *CacheControl) { c.Public = true },
		"stale-while-revalidate=1":         func(c *CacheControl) { c.WhileRevalidate = time.Second },
		"stale-if-error=1, only-if-cached": func(c *CacheControl) { c.IfError, c.OnlyIfCached = time.Second, true },
	} {
		c := NoDirectives
		want(&c)
		if got := ParseResponse(http.Header{"Cache-Control": {field}}); got != c {
			t.Errorf("%q: got %+v, want %+v", field, got, c)
		}
	}
}

// FuzzCacheControl holds what is read of one field against what is read of the same directives in a line each.
func FuzzCacheControl(f *testing.F) {
	for _, field := range []string{
		"max-age=60, s-maxage=\"5\", no-store", "a=\"x, \\\" y\", private", "=,=\",", "max-age=99999999999999999999,max-stale",
	} {
		f.Add(field)
	}
	f.Fuzz(func(t *testing.T, field string) {
		var lines []string
		for rest := field; rest != ""; {
			before := rest
			var name, value string
			if name, value, rest = directive(rest); len(rest) >= len(before) {
				t.Fatalf("%q: %q is not shorter than %q", field, rest, before)
			}
			lines = append(lines, strings.TrimSuffix(before, rest))
			if !strings.Contains(before, name) || !strings.Contains(before, value) {
				t.Fatalf("%q: %q=%q is not in it", field, name, value)
			}
		}
		whole, parts := ParseResponse(http.Header{"Cache-Control": {field}}), ParseResponse(http.Header{"Cache-Control": lines})
		if whole != parts {
			t.Errorf("%q: read %+v, by lines %+v", field, whole, parts)
		}
		for _, d := range []time.Duration{whole.MaxAge, whole.SharedMaxAge, whole.MinFresh, whole.MaxStale, whole.WhileRevalidate, whole.IfError} {
			if d < absent || d > longest {
				t.Errorf("%q: a time of %v", field, d)
			}
		}
	})
}
