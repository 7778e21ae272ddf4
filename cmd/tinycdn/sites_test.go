package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"tinycdn/cmd/tinycdn/config"
)

// An application is not loaded anew each time that somebody looks whether files have changed.
func TestApplicationStaysSinceItWasLoaded(t *testing.T) {
	t.Parallel()
	l := &webLoader{}
	c := &config.Config{Sites: []config.Site{{Name: "app", Hosts: []string{"*"}, Origin: "http://127.0.0.1:1", CacheBytes: 1 << 20}}}
	var seen []siteState
	for range 2 {
		next := l.read(c, false, true)
		l.adopt(next)
		seen = append(seen, *next.sites["app"])
	}
	if seen[0].site == nil || seen[0].site != seen[1].site || !seen[0].since.Equal(seen[1].since) {
		t.Errorf("got %+v, and then %+v", seen[0], seen[1])
	}
	l.last.sites["app"].site.(interface{ Close() }).Close()
}

// Without a host to go by, loading panics: no configuration that was checked has such a site.
func TestASiteThatPanicsIsAProblemAndStaysAsItWas(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "index.html"), []byte("here"), 0o644); err != nil {
		t.Fatal(err)
	}
	good := config.Site{Name: "www", Hosts: []string{"*"}, Root: folder, CacheBytes: 1 << 20}
	bad := good
	bad.Hosts = nil
	l := &webLoader{}
	for _, step := range []struct {
		name   string
		config config.Site
		serves bool
		says   string
		effect string
	}{
		{"never loaded", bad, false, "which is a bug in tinycdn; please report it", "the site answers 503"},
		{"loaded", good, true, "", "the rest of the site is served"},
		{"loaded before", bad, true, "which is a bug in tinycdn; please report it", "the site stays as it was"},
	} {
		before := l.last.sites["www"]
		next := l.read(&config.Config{Sites: []config.Site{step.config}}, false, true)
		l.adopt(next)
		got := next.sites["www"]
		said := ""
		if len(got.problems) > 0 {
			said = got.problems[0].String()
		}
		if (got.site != nil) != step.serves || !strings.Contains(said, step.says) || (said == "") != (step.says == "") || got.effect != step.effect {
			t.Errorf("%s: got %v, %q, %q", step.name, got.site, said, got.effect)
		}
		if before != nil && before.site != nil && (got.site != before.site || len(got.stamps) != len(before.stamps)) {
			t.Errorf("%s: the last site is lost", step.name)
		}
	}
}
