package pop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/webserver"
)

// whole is a site that has the same for all its paths.
func whole(site string) config.PartID { return config.PartID{Site: site, Pattern: config.Rest} }

// An application is not loaded anew each time that somebody looks whether files have changed.
func TestApplicationStaysSinceItWasLoaded(t *testing.T) {
	t.Parallel()
	c := &config.Config{Sites: []config.Site{{VirtualHost: webserver.VirtualHost{Name: "app", Hosts: []string{"*"}}, Source: config.Source{Origin: "http://127.0.0.1:1", CacheBytes: 1 << 20}}}}
	var seen []*sitePart
	last := &Generation{}
	for range 2 {
		next := &Generation{Config: c}
		next.readSites(last, Options{})
		last = next
		seen = append(seen, next.sites[whole("app")])
	}
	if seen[0].Value == nil || seen[0].Value != seen[1].Value || !seen[0].since.Equal(seen[1].since) {
		t.Errorf("got %+v, and then %+v", seen[0], seen[1])
	}
	seen[0].Value.(interface{ Close() }).Close()
}

// Without a host to go by, loading panics: no configuration that was checked has such a site.
func TestASiteThatPanicsIsAProblemAndStaysAsItWas(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "index.html"), []byte("here"), 0o644); err != nil {
		t.Fatal(err)
	}
	good := config.Site{VirtualHost: webserver.VirtualHost{Name: "www", Hosts: []string{"*"}}, Source: config.Source{Root: folder, CacheBytes: 1 << 20}}
	bad := good
	bad.Hosts = nil
	last := &Generation{}
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
		before := last.sites[whole("www")]
		next := &Generation{Config: &config.Config{Sites: []config.Site{step.config}}}
		next.readSites(last, Options{})
		last = next
		got := next.sites[whole("www")]
		said := ""
		if len(got.Problems) > 0 {
			said = got.Problems[0].String()
		}
		if (got.Value != nil) != step.serves || !strings.Contains(said, step.says) || (said == "") != (step.says == "") || got.effect != step.effect {
			t.Errorf("%s: got %v, %q, %q", step.name, got.Value, said, got.effect)
		}
		if before != nil && before.Value != nil && (got.Value != before.Value || len(got.Files) != len(before.Files)) {
			t.Errorf("%s: the last site is lost", step.name)
		}
	}
}

func TestADeployIsRefusedSinceItFirstWas(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const key = "-----BEGIN PRIVATE KEY-----\n"
	c := &config.Config{Sites: []config.Site{{VirtualHost: webserver.VirtualHost{Name: "www", Hosts: []string{"*"}}, Source: config.Source{Root: folder, CacheBytes: 1 << 20}}}}
	last := &Generation{}
	read := func() *sitePart {
		next := &Generation{Config: c}
		next.readSites(last, Options{})
		last = next
		return next.sites[whole("www")]
	}
	put("index.html", "one")
	put("old.pem", key)
	first := read()
	if first.Value == nil || len(first.Problems) != 1 || first.kept {
		t.Fatalf("got %v, %v", first.Value, first.Problems)
	}
	put("index.html", "second")
	if next := read(); next.Value == first.Value || next.kept || !next.stale.IsZero() || len(next.Problems) != 1 {
		t.Errorf("what was wrong before keeps a deploy from being served: %v", next.Problems)
	} else {
		first = next
	}
	put("new.pem", key)
	begin := read()
	if begin.Value != first.Value || !begin.kept || begin.stale.IsZero() || begin.effect != "the site stays as it was" {
		t.Errorf("a new key: got %+v", begin)
	}
	if again := read(); again != begin {
		t.Error("a deploy was tried again, and nothing had changed")
	}
	put("index.html", "the third")
	if again := read(); again == begin || again.stale != begin.stale || again.since != begin.since {
		t.Errorf("tried again: got %+v", again)
	}
	os.Remove(filepath.Join(folder, "new.pem"))
	if mended := read(); mended.kept || !mended.stale.IsZero() || mended.Value == first.Value {
		t.Errorf("mended: got %+v", mended)
	}
}

func TestFilesThatNeverSettleAreTold(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	s := &sitePart{in: config.Part{Source: config.Source{Root: "public"}}}
	for _, step := range []struct {
		after time.Duration
		told  bool
	}{{0, false}, {longestDeploy, false}, {longestDeploy + 1, true}} {
		s = unsettled(s, noon.Add(step.after))
		if told := len(s.findings()) == 1 && s.kept; told != step.told || !s.changing.Equal(noon) || s.stale.IsZero() == step.told || s.Files != nil {
			t.Errorf("after %v: got %+v", step.after, s)
		}
	}
}

// Nothing but the time changes, and a page comes out.
func TestAPageComesOutWhenItIsTime(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, text := range map[string]string{"a.md": "A", "b.md": "+++\ndate = 2000-01-02\n+++\nB"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := &config.Config{Sites: []config.Site{{VirtualHost: webserver.VirtualHost{Name: "blog", Hosts: []string{"*"}}, Source: config.Source{Pages: folder, CacheBytes: 1 << 20}}}}
	synctest.Test(t, func(t *testing.T) { // the time is 2000-01-01
		g := &Generation{}
		for _, want := range []string{"1 page", "1 page", "2 pages", "2 pages"} {
			before := g.sites[whole("blog")]
			next := &Generation{Config: c}
			next.readSites(g, Options{})
			g = next
			if got := pagesOf(g.sites[whole("blog")]); got != want {
				t.Errorf("%v: got %s, want %s", time.Now(), got, want)
			}
			if due := g.due(time.Now()); due.IsZero() != (want == "2 pages") {
				t.Errorf("%v: look again at %v", time.Now(), due)
			}
			if before != nil && (before == g.sites[whole("blog")]) != (pagesOf(before) == want) {
				t.Errorf("%v: read again, or not, for no reason", time.Now())
			}
			time.Sleep(12 * time.Hour)
		}
	})
}
