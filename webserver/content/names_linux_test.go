package content

import "testing"

func TestAPageWhoseNameIsNotUTF8IsLeftOutWithANote(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{"content/a.md": "A", "content/caf\xe9.md": "B", "content/\xfc/c.md": "C", "static/\xe9/x.txt": "x"})
	l := load(folder, nil)
	same(t, "notes", texts(folder, l.Notes), []string{
		"content/caf\xe9.md: its name is not UTF-8, and URLs are made of names; it is left out (rename it)",
		"content/\xfc/c.md: its name is not UTF-8, and URLs are made of names; it is left out (rename it)",
	})
	if s := loaded(t, l); s.Pages() != 1 || !s.static.Has("/\xe9/x.txt") {
		t.Errorf("got %d pages, static %v", s.Pages(), s.static)
	}
}
