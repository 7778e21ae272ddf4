package content

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestDeadLinksAreToldWithTheirLine(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{
		"content/a.md": "+++\ndate = 2026-01-01\naliases = ['/old']\n+++\n\n## Head\n\n[dead](/nowhere/) [b](b.md)\n\n[without a slash](/b) [section](/)\n",
		"content/b.md": "[head](/a/#head) [old](/old)\n[no head](/a/#heads)\n[gone](@/gone.md)\n[file](/x.txt) [none](/y.txt) [out](https://example.com/)\n[own](https://example.org/z)\n[tag](#here)\n",
		"static/x.txt": "x",
	})
	s := loaded(t, load(folder, nil))
	problems, dead := s.Check(nil)
	same(t, "problems", texts(folder, problems), nil)
	same(t, "dead links", texts(folder, dead), []string{
		`content/a.md:8: "/nowhere/" leads nowhere: the site has no /nowhere/`,
		`content/b.md:2: "/a/#heads" leads nowhere: /a/ has no element with the id "heads"`,
		`content/b.md:3: "@/gone.md" leads nowhere: the site has no /b/@/gone.md`,
		`content/b.md:4: "/y.txt" leads nowhere: the site has no /y.txt`,
		`content/b.md:5: "https://example.org/z" leads nowhere: the site has no /z`,
		`content/b.md:6: "#here" leads nowhere: /b/ has no element with the id "here"`,
	})
}

// A link is not found by its beginning, and one of a summary is on its own page.
func TestADeadAnchorIsToldWhereItStands(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{
		"content/brief.md": "+++\ndate = 2026-01-02\n+++\n## Part two\n[good](#part-two) [by file](jump.md#gone)\n",
		"content/jump.md":  "+++\ndate = 2026-01-01\n+++\nText\n\n[dead](#part) and\n<a href='pic 1.png'>x</a>\n\n[ref]\n\n[ref]: ../no_where/ 'T'\n",
	})
	s := loaded(t, load(folder, nil))
	_, dead := s.Check(nil)
	got := texts(folder, dead)
	for i, want := range []string{"content/jump.md:6: ", "content/brief.md:5: ", "content/jump.md:7: ", "content/jump.md:11: "} {
		if !slices.ContainsFunc(got, func(p string) bool { return strings.HasPrefix(p, want) }) {
			t.Errorf("%d: nothing at %s in:\n%s", i, want, strings.Join(got, "\n"))
		}
	}
	for _, p := range got {
		if !strings.HasPrefix(p, "content/jump.md:") && !strings.HasPrefix(p, "content/brief.md:5: ") {
			t.Errorf("told elsewhere: %s", p)
		}
	}
}

// The example that tinycdn demo serves is held to what we tell others.
func TestTheExampleSiteIsInOrder(t *testing.T) {
	t.Parallel()
	folder := filepath.Join("..", "..", "cmd", "tinycdn", "example", "site")
	if _, err := os.Stat(folder); err != nil {
		t.Fatal(err)
	}
	l := Load(Config{Folder: folder, Host: "example.org", Memory: 16 << 20}, nil)
	s := loaded(t, l)
	if len(l.Notes) > 0 || s.Pages() < 12 {
		t.Errorf("%d pages, notes: %v", s.Pages(), l.Notes)
	}
	if problems, dead := s.Check(nil); len(problems)+len(dead) > 0 {
		t.Errorf("problems: %v, dead links: %v", problems, dead)
	}
}

func TestAliasesByWhichNobodyComesAreNoted(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{"content/a.md": "+++\ntitle = 'A'\naliases = ['/old/?id=1', '/x#y', '/u/:id', '/all/*', '/good/']\n+++\nA"})
	l := load(folder, nil)
	same(t, "notes", texts(folder, l.Notes), []string{
		`content/a.md:3: aliases: "/old/?id=1": an alias is a path, without ? and #; "/x#y": an alias is a path, without ? and #; ` +
			`"/u/:id" is a pattern of Hugo, which is not read: write the URL itself; "/all/*": an alias is one path (the redirects of tinycdn.toml know a * at the end)`,
	})
	if s := loaded(t, l); s.entries["/good/"] == nil || s.entries["/old/"] != nil {
		t.Errorf("got %v", s.entries)
	}
}

func TestTwoPagesOfOneURLAreAMistake(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{
		"content/a.md": "A", "content/b.md": "+++\ntitle = 'B'\nslug = 'a'\n+++\nB", "content/c.md": "+++\naliases = ['/a', '/d']\n+++\nC",
		"content/d/index.md": "D", "content/d/_index.md": "list", "content/tags.md": "+++\ntags = ['x']\n+++\n",
	})
	l := load(folder, nil)
	same(t, "problems", texts(folder, l.Problems), []string{
		"content/b.md:3: /a/ is the URL of content/a.md already (give one of them another slug)",
		"content/d/_index.md:1: /d/ is the URL of content/d/index.md already (give one of them another slug)",
	})
	same(t, "notes", texts(folder, l.Notes), []string{
		"content/c.md:2: the alias /a/ is the URL of content/a.md already", "content/c.md:2: the alias /d/ is the URL of content/d/index.md already",
	})
	if _, body, _ := get(t, l.Value, "/a/"); !strings.Contains(body, "<p>A</p>") {
		t.Error("the first does not keep its URL")
	}
}
