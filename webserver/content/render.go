package content

import (
	"html"
	"html/template"
	"net/url"
	"path"
	"regexp"
	"strings"

	"tinycdn/webserver/content/markdown"
)

// content is the whole text of a page in HTML. What is relative in HTML of its author's own leads to what is below the page's
// URL: where that has no slash at its end, a browser would look beside it.
func (g *generation) content(s *source) template.HTML {
	t := g.text(s)
	if !g.settings.slashless {
		return g.markdown.HTML(t)
	}
	return resolved(g.markdown.HTML(t), t.Resolve)
}

// summary is what lists show of a page: what front matter says, or else of its text or description what is short. It stands
// on other pages: what in it leads to parts of its own, or is relative, shall lead there from anywhere.
func (g *generation) summary(s *source) template.HTML {
	t := g.text(s)
	t.Resolve = func(target []byte) []byte { return g.resolve(s, target, true) }
	if s.Summary != "" {
		t.Markdown, t.Line, t.InTOML = []byte(s.Summary), s.Line("summary"), true
		return resolved(g.markdown.HTML(t), t.Resolve)
	}
	return resolved(g.markdown.Summary(t, s.Description), t.Resolve)
}

// tag and attribute find the links of HTML. In what was made of Markdown there is no < but that of a tag.
var (
	tag       = regexp.MustCompile(`<[A-Za-z](?:[^<>"']|"[^"]*"|'[^']*')*>`)
	attribute = regexp.MustCompile(`(?i)(\s(?:href|src|poster|srcset)\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)`)
	candidate = regexp.MustCompile(`([^\s,](?:\S*[^\s,])?)((?:\s+[^\s,]+)?)`) // of a srcset: a URL, and the size that it is for
)

// resolved makes the links in the HTML of a text lead to where they do on the text's own page.
func resolved(text template.HTML, resolve func([]byte) []byte) template.HTML {
	return template.HTML(tag.ReplaceAllStringFunc(string(text), func(tag string) string {
		return attribute.ReplaceAllStringFunc(tag, func(link string) string {
			parts := attribute.FindStringSubmatch(link)
			value, quote := parts[2], ""
			if value[0] == '"' || value[0] == '\'' {
				value, quote = value[1:len(value)-1], value[:1]
			}
			target := html.UnescapeString(value)
			there := string(resolve([]byte(target)))
			if strings.HasPrefix(strings.ToLower(strings.TrimSpace(parts[1])), "srcset") {
				there = candidate.ReplaceAllStringFunc(target, func(image string) string {
					parts := candidate.FindStringSubmatch(image)
					return string(resolve([]byte(parts[1]))) + parts[2]
				})
			}
			switch {
			case there == target:
				return link
			case quote == "" && strings.ContainsAny(there, " \t\n\r\"'<>`"):
				quote = `"`
			}
			return parts[1] + quote + html.EscapeString(there) + quote // in the quotes that it had: it may stand in a script
		})
	}))
}

// text is the Markdown of a page. Its links lead where they should from any other page too.
func (g *generation) text(s *source) markdown.Text {
	return markdown.Text{Markdown: s.text, File: s.path, Line: s.line, Resolve: func(target []byte) []byte { return g.resolve(s, target, false) }}
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
// the pages' URLs. A part of the page itself is one wherever its text stands as a whole; away, it is on another page.
func (g *generation) resolve(s *source, target []byte, away bool) []byte {
	to := string(target)
	switch {
	case away && strings.HasPrefix(to, "#"):
		return []byte(g.hrefOf(s.url) + to)
	case to == "" || to[0] == '#' || to[0] == '/' && !g.settings.slashless:
		return target
	}
	file, fragment, _ := strings.Cut(to, "#")
	if fragment != "" {
		fragment = "#" + fragment
	}
	if below, ok := strings.CutPrefix(file, "@/"); ok {
		if page := g.sources[below]; page != nil {
			return []byte(g.hrefOf(page.url) + fragment)
		}
		return target
	}
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" {
		return target
	}
	if to[0] == '/' {
		if before := u.Path; g.withoutSlash(u).Path != before {
			return []byte(u.String())
		}
		return target
	}
	if page := g.sources[path.Join(path.Dir(s.file), u.Path)]; page != nil {
		return []byte(g.hrefOf(page.url) + fragment)
	}
	return []byte(g.withoutSlash((&url.URL{Path: g.settings.root + s.url}).ResolveReference(u)).String())
}
