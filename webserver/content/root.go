package content

import (
	"net/http"
	"strings"

	"tinycdn/webserver/hosts"
	"tinycdn/webserver/page"
)

// below answers for a site that lies below a path. Beside it there is the way to it, and what is asked for at the top of a
// host alone.
func (s *Site) below(q *page.Request) page.Answer {
	root := s.generation.settings.root
	inside, ok := s.inside(q.Path)
	switch {
	case inside == "":
		return q.Moved(s.generation.href("/"))
	case !ok && s.lies(hosts.Merged(q.Path)):
		return q.Moved(escaped(hosts.Merged(q.Path)))
	case q.Path == "/":
		return page.Ready(page.Redirect(http.StatusFound, s.generation.href("/")))
	case !ok && q.Path != "/robots.txt" && !strings.HasPrefix(q.Path, "/.well-known/"):
		return page.Ready(s.errors[http.StatusNotFound])
	case !ok:
		return s.answer(q)
	}
	there := *q
	there.Path, there.RawPath = inside, strings.TrimPrefix(q.RawPath, escaped(root))
	return s.answer(&there)
}

// inside is a path from where the site lies, "" for that place without its slash; ok: it is one of the site.
func (s *Site) inside(path string) (inside string, ok bool) {
	root := s.generation.settings.root
	inside, ok = strings.CutPrefix(path, root)
	if ok && (inside == "" || inside[0] == '/') {
		return inside, true
	}
	return path, false
}

// lies says whether a path is one of the site.
func (s *Site) lies(path string) bool {
	_, ok := s.inside(path)
	return ok
}

// href is how what is asked for at a URL of the site stands in links.
func (g *generation) href(url string) string { return escaped(g.settings.root + url) }

// hrefOf is how a page stands in links.
func (g *generation) hrefOf(page string) string { return g.href(g.settings.public(page)) }
