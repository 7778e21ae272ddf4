package content

import (
	"os"
	"path/filepath"
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
	same(t, "dead links", texts(folder, s.Check()), []string{
		`content/a.md:8: "/nowhere/" leads nowhere: the site has no /nowhere/`,
		`content/b.md:2: "/a/#heads" leads nowhere: /a/ has no element with the id "heads"`,
		`content/b.md:3: "@/gone.md" leads nowhere: the site has no /b/@/gone.md`,
		`content/b.md:4: "/y.txt" leads nowhere: the site has no /y.txt`,
		`content/b.md:5: "https://example.org/z" leads nowhere: the site has no /z`,
		`content/b.md:6: "#here" leads nowhere: /b/ has no element with the id "here"`,
	})
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
	if dead := s.Check(); len(dead) > 0 {
		t.Errorf("dead links: %v", dead)
	}
}
