package content

import (
	"html/template"
	"net/url"
	"path"
	"strings"

	"tinycdn/webserver/content/markdown"
)

// content is the whole text of a page in HTML.
func (g *generation) content(s *source) template.HTML { return g.markdown.HTML(g.text(s)) }

// summary is what lists show of a page: what front matter says, or else of its text or description what is short.
func (g *generation) summary(s *source) template.HTML {
	t := g.text(s)
	if s.Summary != "" {
		t.Markdown, t.Line, t.InTOML = []byte(s.Summary), s.Line("summary"), true
		return g.markdown.HTML(t)
	}
	return g.markdown.Summary(t, s.Description)
}

// text is the Markdown of a page. Its links lead where they should from any other page too.
func (g *generation) text(s *source) markdown.Text {
	return markdown.Text{Markdown: s.text, File: s.path, Line: s.line, Resolve: func(target []byte) []byte { return g.resolve(s, target) }}
}

// texts are all that the site has.
func (g *generation) texts(yield func([]byte) bool) {
	for _, s := range g.sources {
		if !yield(s.text) {
			return
		}
	}
}

// resolve makes the target of a link absolute on this site. Zola's @/folder/page.md, and page.md beside this one, are
// the pages' URLs.
func (g *generation) resolve(s *source, target []byte) []byte {
	to := string(target)
	if to == "" || to[0] == '/' || to[0] == '#' {
		return target
	}
	file, fragment, _ := strings.Cut(to, "#")
	if fragment != "" {
		fragment = "#" + fragment
	}
	if below, ok := strings.CutPrefix(file, "@/"); ok {
		if page := g.sources[below]; page != nil {
			return []byte(escaped(page.url) + fragment)
		}
		return target
	}
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" {
		return target
	}
	if page := g.sources[path.Join(path.Dir(s.file), u.Path)]; page != nil {
		return []byte(escaped(page.url) + fragment)
	}
	return []byte((&url.URL{Path: s.url}).ResolveReference(u).String())
}
