package cache

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestControlIsReadAsWritten(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]func(*Control){
		"":                                 func(c *Control) {},
		"no-store":                         func(c *Control) { c.NoStore = true },
		" No-Store , PRIVATE":              func(c *Control) { c.NoStore, c.Private = true, true },
		"no-cache=\"set-cookie, age\"":     func(c *Control) { c.NoCache = true },
		"proxy-revalidate":                 func(c *Control) { c.MustRevalidate = true },
		"max-age=60":                       func(c *Control) { c.MaxAge = time.Minute },
		`max-age="60"`:                     func(c *Control) { c.MaxAge = time.Minute },
		"max-age=060":                      func(c *Control) { c.MaxAge = time.Minute },
		"max-age=60, max-age=1":            func(c *Control) { c.MaxAge = time.Minute },
		"max-age":                          func(c *Control) { c.MaxAge = 0 },
		"max-age=-1":                       func(c *Control) { c.MaxAge = 0 },
		"max-age=1.5":                      func(c *Control) { c.MaxAge = 0 },
		"max-age='60'":                     func(c *Control) { c.MaxAge = 0 },
		"max-age=60s":                      func(c *Control) { c.MaxAge = 0 },
		"max-age =60":                      func(c *Control) {},
		"xmax-age=60, max-agex=60":         func(c *Control) {},
		"max-age=2147483648":               func(c *Control) { c.MaxAge = longest },
		"max-age=18446744073709551617":     func(c *Control) { c.MaxAge = longest },
		"s-maxage=1,max-age=2":             func(c *Control) { c.SharedMaxAge, c.MaxAge = time.Second, 2*time.Second },
		"max-stale":                        func(c *Control) { c.MaxStale = longest },
		"max-stale=5":                      func(c *Control) { c.MaxStale = 5 * time.Second },
		"a=\"no-store, \\\", private\"":    func(c *Control) {},
		"a=\"never ends, no-store":         func(c *Control) {},
		",,, ,public,,":                    func(c *Control) { c.Public = true },
		"stale-while-revalidate=1":         func(c *Control) { c.WhileRevalidate = time.Second },
		"stale-if-error=1, only-if-cached": func(c *Control) { c.IfError, c.OnlyIfCached = time.Second, true },
	} {
		c := NoControl
		want(&c)
		if got := Said(http.Header{"Cache-Control": {field}}); got != c {
			t.Errorf("%q: got %+v, want %+v", field, got, c)
		}
	}
}

// FuzzControl holds what is read of one field against what is read of the same directives in a line each.
func FuzzControl(f *testing.F) {
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
		whole, parts := Said(http.Header{"Cache-Control": {field}}), Said(http.Header{"Cache-Control": lines})
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
