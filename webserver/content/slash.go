package content

import (
	"errors"
	"net/url"
	"strings"
)

// Within, the URL of a page ends in a slash, for what lies beside the page lies below that. Where the site wants none, it is
// taken off when the URL is shown or asked for: the files stay where they are.

// public is the URL of a page as visitors know it.
func (c *settings) public(url string) string {
	if c.slashless && url != "/" {
		return strings.TrimSuffix(url, "/")
	}
	return url
}

// setSlash takes the setting that says how URLs end.
func (c *settings) setSlash(value any) error {
	slash, ok := value.(bool)
	if !ok && value != nil {
		return errors.New("want true or false")
	}
	c.slashless = ok && !slash
	return nil
}

// otherSlash is the page at a URL with a slash more at its end, or without the one that it has; "": there is none.
func (s *Site) otherSlash(asked string) string {
	to := asked + "/"
	if s.generation.settings.slashless {
		to = strings.TrimSuffix(asked, "/")
	}
	if e := s.entries[to]; to != asked && e != nil && e.to == "" {
		return to
	}
	return ""
}

// locate finds where the pages of the site are, if links to them are to be shortened.
func (g *generation) locate() {
	if !g.settings.slashless {
		return
	}
	g.places = map[string]bool{}
	for _, s := range g.sources {
		g.places[s.url] = true
	}
	for _, c := range g.sections {
		g.places[folderURL(c.folder)] = true
	}
}

// withoutSlash takes the slash off the end of a link to one of the pages, if the site wants that.
func (g *generation) withoutSlash(u *url.URL) *url.URL {
	inside, ok := strings.CutPrefix(u.Path, g.settings.root)
	if g.settings.slashless && ok && inside != "/" && (g.places[inside] || strings.HasPrefix(inside, "/tags/")) {
		u.Path, u.RawPath = strings.TrimSuffix(u.Path, "/"), strings.TrimSuffix(u.RawPath, "/")
	}
	return u
}
