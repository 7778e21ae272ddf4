package content

import (
	"strings"
	"testing"
	"time"

	"tinycdn/zones/diag"
)

// front is a page of this front matter.
func frontOf(lines ...string) string {
	return "+++\n" + strings.Join(lines, "\n") + "\n+++\nThe text.\n"
}

// at loads a site at some time.
func at(folder, now string, last *Site) diag.Loaded[*Site] {
	t, err := time.Parse(time.DateOnly, now)
	if err != nil {
		panic(err)
	}
	return Load(Config{Folder: folder, Host: "example.org", Memory: 16 << 20, Now: func() time.Time { return t }}, last)
}

func TestWhatItsAuthorHoldsBackIsNotServed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	const dated = "date = 2026-01-01"
	write(t, folder, map[string]string{
		"config.toml":                   "ignored_content = ['*~.md', 'drafts/*']\nignoreFiles = ['\\.tmp\\.md$']\nignored_static = ['*.psd']",
		"content/served.md":             frontOf(dated, "aliases = ['/was']"),
		"content/secret/_index.md":      frontOf("draft = true"),
		"content/secret/a.md":           frontOf(dated),
		"content/secret/deep/_index.md": frontOf("title = 'Deep'"),
		"content/secret/deep/b.md":      frontOf(dated),
		"content/secret/pic.txt":        "pic",
		"content/open/_index.md":        frontOf("title = 'Open'"),
		"content/open/inner/_index.md":  frontOf("Draft = 'yes'"),
		"content/open/inner/pic.txt":    "pic",
		"content/open/bundle/index.md":  frontOf("draft = true"),
		"content/open/bundle/pic.txt":   "pic",
		"content/broken/_index.md":      "+++\ntitle = 'a\ndraft = true\n+++\n",
		"content/broken/a.md":           frontOf(dated),
		"content/future.md":             frontOf("date = 2099-01-01"),
		"content/2098-01-01-named.md":   "text",
		"content/publish.md":            frontOf(dated, "publishDate = 2099-01-01"),
		"content/pubdate.md":            frontOf(dated, "pubdate = 2099-01-01"),
		"content/early.md":              frontOf("date = 2099-01-01", "publishdate = 2026-01-01"),
		"content/expired.md":            frontOf(dated, "ExpiryDate = 2026-01-02"),
		"content/jekyll.md":             "---\npublished: false\n---\n",
		"content/build.md":              frontOf(dated, "[_build]", "render = 'never'"),
		"content/unlisted.md":           frontOf(dated, "tags = ['quiet']", "[build]", "list = 'never'"),
		"content/headless/index.md":     frontOf("headless = true"),
		"content/list/_index.md":        frontOf("render = false"),
		"content/list/a.md":             frontOf(dated),
		"content/dev/_index.md":         frontOf("[cascade]", "draft = true"),
		"content/dev/a.md":              frontOf(dated),
		"content/dev/b.md":              frontOf(dated, "draft = false"),
		"content/old/_index.md":         "---\ncascade:\n- _target: {path: /old/**}\n  build: {render: never}\n---\n",
		"content/old/a.md":              frontOf(dated),
		"content/x~.md":                 frontOf(dated),
		"content/y.tmp.md":              frontOf(dated),
		"content/drafts/z.md":           frontOf(dated),
		"static/look.psd":               "psd",
		"static/look.css":               "css",
	})
	l := at(folder, "2026-06-01", nil)
	s := l.Value
	for _, url := range []string{
		"/secret/", "/secret/a/", "/secret/deep/", "/secret/deep/b/", "/secret/pic.txt", "/open/inner/", "/open/inner/pic.txt", "/open/bundle/",
		"/open/bundle/pic.txt", "/broken/", "/broken/a/", "/future/", "/named/", "/publish/", "/pubdate/", "/expired/", "/jekyll/", "/build/",
		"/headless/", "/list/", "/dev/a/", "/old/a/", "/x~/", "/y.tmp/", "/drafts/z/", "/drafts/", "/tags/quiet/", "/look.psd",
	} {
		if status, _, _ := get(t, s, url); status != 404 {
			t.Errorf("%s: got %d, want 404", url, status)
		}
	}
	for _, url := range []string{"/served/", "/open/", "/early/", "/unlisted/", "/list/a/", "/dev/b/", "/look.css"} {
		if status, _, _ := get(t, s, url); status != 200 {
			t.Errorf("%s: got %d, want 200", url, status)
		}
	}
	_, feed, _ := get(t, s, "/atom.xml")
	_, home, _ := get(t, s, "/")
	for _, held := range []string{"secret", "future", "named", "publish/", "expired", "unlisted", "headless", "/dev/a", `"/list/"`} {
		if strings.Contains(feed, held) || strings.Contains(home, held) {
			t.Errorf("%s is in the feed, or on the front page", held)
		}
	}
	same(t, "notes", texts(folder, l.Notes), []string{
		"content/2098-01-01-named.md:1: held back until its date has come (4 pages; this is the first)", "content/expired.md:3: held back: it has expired",
	})
}

func TestPagesComeAndGoWhenItIsTime(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{
		"content/a.md":        frontOf("date = 2026-03-01", "expiryDate = 2026-05-01"),
		"content/b/index.md":  frontOf("date = 2026-04-01"),
		"content/b/pic.txt":   "pic",
		"content/c/_index.md": frontOf("publishDate = 2026-04-15"),
		"content/c/d.md":      frontOf("date = 2026-01-01"),
		"content/draft.md":    frontOf("draft = true", "date = 2026-02-01"),
	})
	var s *Site
	for _, step := range []struct{ now, served, due string }{
		{"2026-02-02", "", "2026-03-01"}, {"2026-03-01", "/a/", "2026-04-01"}, {"2026-04-02", "/a/ /b/ /b/pic.txt", "2026-04-15"},
		{"2026-04-15", "/a/ /b/ /b/pic.txt /c/ /c/d/", "2026-05-01"}, {"2026-05-01", "/b/ /b/pic.txt /c/ /c/d/", "0001-01-01"},
	} {
		s = loaded(t, at(folder, step.now, s))
		var served []string
		for _, url := range []string{"/a/", "/b/", "/b/pic.txt", "/c/", "/c/d/"} {
			if status, _, _ := get(t, s, url); status == 200 {
				served = append(served, url)
			}
		}
		if got := strings.Join(served, " "); got != step.served || s.Due().Format(time.DateOnly) != step.due {
			t.Errorf("%s: got %s and look again at %v, want %s and %s", step.now, got, s.Due(), step.served, step.due)
		}
	}
}

func TestADraftOfTheFrontPageIsToldToHoldBackAll(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{"content/_index.md": frontOf("draft = true"), "content/a.md": "A"})
	l := load(folder, nil)
	same(t, "notes", texts(folder, l.Notes), []string{"content/_index.md:1: this holds back the whole site"})
	if n := loaded(t, l).Pages(); n != 0 {
		t.Errorf("%d pages are served", n)
	}
}

func TestHugoCanBeToldToHoldNothingBack(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{
		"hugo.yaml":    "baseURL: https://example.org/\nbuildDrafts: true\nBuildFuture: true\nbuildExpired: true\n",
		"content/a.md": frontOf("date = 2099-01-01"), "content/b.md": frontOf("draft = true"), "content/c.md": frontOf("expiryDate = 2001-01-01"),
	})
	if s := loaded(t, at(folder, "2026-01-01", nil)); s.Pages() != 3 {
		t.Errorf("got %d pages, want 3", s.Pages())
	}
}

func TestPatternsOfZola(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ pattern, yes, no string }{
		{"*.tmp", "a.tmp b/c.tmp", "a.tmpx tmp"},
		{"drafts", "drafts/a.md x/drafts/b.md", "mydrafts/a.md drafts.md"},
		{"drafts/*", "drafts/a.md drafts/b/c.md", "drafts.md"},
		{"**/old/**", "old/a.md a/old/b/c.md", "older/a.md"},
		{"?.{md,txt}", "a.md x/b.txt", "ab.md a.rst"},
		{"[!a-c]x.md", "dx.md", "ax.md x.md"},
		{`a\*b.(md`, "a*b.(md", "axb.(md"},
	} {
		var list ignored
		if err := list.add(test.pattern, false); err != nil {
			t.Errorf("%s: %v", test.pattern, err)
		}
		for _, file := range strings.Fields(test.yes) {
			if !list.has("content", file) {
				t.Errorf("%s does not mean %s", test.pattern, file)
			}
		}
		for _, file := range strings.Fields(test.no) {
			if list.has("content", file) {
				t.Errorf("%s means %s", test.pattern, file)
			}
		}
	}
}

// With a list of what is left out that cannot be read, what was left out before still is.
func TestAPatternThatIsNoneIsAMistake(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{"hugo.toml": "ignoreFiles = ['b']", "content/a.md": "A", "content/b.md": "B"})
	first := loaded(t, load(folder, nil))
	deploy(t, folder, map[string]string{"hugo.toml": "title = 'T'\nignoreFiles = ['(b']"})
	l := load(folder, first)
	same(t, "problems", texts(folder, l.Problems), []string{"hugo.toml:2: ignorefiles: \"(b\" is no pattern: error parsing regexp: missing closing ): `(b`"})
	if status, _, _ := get(t, l.Value, "/b/"); status != 404 {
		t.Error("what was left out is served")
	}
}
