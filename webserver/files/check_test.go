package files

import "testing"

func TestDeadLinks(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "style.css", "data.csv", "data.csv.gz", "blog/index.html", "file.txt")
	d.write("index.html", "<h1 id=top-of-it>x</h1>\n<a href=blog><a href=blog/>\n<a href='about#us'><a href=about.html#us><a href=/about/#us>"+
		"<link rel=stylesheet href=/style.css><a href=file.txt#L7><a href=data.csv.gz><a href=//example.org//blog//>\n<a href=blgo/>\n<a href=about#them>\n<a href=style.css.gz><a href=.git/>")
	d.write("about.html", "<h1 id=us>\n<a href='https://example.org/#top-of-it'><a href='https://example.org/nope'><a href='https://example.com/nope'>")
	d.write("blog.html", "<a href=x>")
	d.write("404.html", "<a href=/>home</a><a href=/404>")
	want := `index.html:4: "blgo/" leads nowhere: the site has no /blgo/
index.html:5: "about#them" leads nowhere: /about has no element with the id "them"
index.html:6: "style.css.gz" leads nowhere: the site has no /style.css.gz
index.html:6: ".git/" leads nowhere: the site has no /.git/
about.html:2: "https://example.org/nope" leads nowhere: the site has no /nope
blog.html:1: "x" leads nowhere: the site has no /x
`
	for _, memory := range []int64{0, 1 << 20} {
		s := Load(Config{Folder: d.path, Hosts: []string{"example.org"}, Memory: memory}, nil).Value
		if unread, dead := s.Check(nil); len(unread) > 0 || d.inside(dead) != want {
			t.Errorf("with %d bytes of memory: got\n%swant\n%s", memory, d.inside(dead), want)
		}
	}
	s := d.fromDisk()
	d.remove("about.html")
	if unread, _ := s.Check(nil); d.inside(unread) != "about.html: cannot be read: no such file or directory\n" {
		t.Errorf("a page that is gone: got %v", unread)
	}
}
