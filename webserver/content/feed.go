package content

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"maps"
	"slices"
	"strings"
	"time"
)

// newest is how many entries the feed has.
const newest = 20

// feedPages are the pages that feeds show, and who wrote them.
func (g *generation) feedPages() (pages []*Page, author string) {
	return g.info.Pages[:min(newest, len(g.info.Pages))], cmp.Or(g.info.Author, g.info.Title)
}

// atom writes the newest pages as Atom (RFC 4287). self is the URL that it is asked for at.
func (g *generation) atom(self string) []byte {
	pages, author := g.feedPages()
	updated := time.Unix(0, 0).UTC() // it must say something, and the same at every POP
	for _, p := range pages {
		updated = newer(updated, p.source.updated())
	}
	b := &document{}
	b.start("feed", "xmlns", "http://www.w3.org/2005/Atom", "xml:lang", g.info.Language)
	b.element("title", g.info.Title)
	if g.info.Description != "" {
		b.element("subtitle", g.info.Description)
	}
	b.element("link", "", "rel", "self", "type", "application/atom+xml", "href", g.info.Base+escaped(self))
	b.element("link", "", "rel", "alternate", "type", "text/html", "href", g.info.Base+"/")
	b.element("id", g.info.Base+"/")
	b.element("updated", updated.Format(time.RFC3339))
	b.start("author")
	b.element("name", author)
	b.end("author")
	for _, p := range pages {
		b.start("entry")
		b.element("title", p.Title)
		if elsewhere := p.linkTarget(); elsewhere != "" { // as link blogs do: the entry leads there, and the page is related
			b.element("link", "", "rel", "alternate", "type", "text/html", "href", elsewhere)
			b.element("link", "", "rel", "related", "type", "text/html", "href", p.Canonical)
		} else {
			b.element("link", "", "rel", "alternate", "type", "text/html", "href", p.Canonical)
		}
		b.element("id", p.Canonical)
		b.element("published", p.Date.Format(time.RFC3339))
		b.element("updated", p.source.updated().Format(time.RFC3339))
		for _, tag := range p.Tags {
			b.element("category", "", "term", tag.Name)
		}
		b.element("content", string(g.content(p.source)), "type", "html", "xml:base", p.Canonical)
		b.end("entry")
	}
	b.end("feed")
	return b.bytes()
}

// linkTarget is where a link blog's entry leads to, as a whole URL; "": the page is no such entry.
func (p *Page) linkTarget() string {
	return strings.ReplaceAll(p.generation.whole(p.Link), " ", "%20")
}

// sitemap lists every page for search engines (sitemaps.org).
func (p *planner) sitemap() []byte {
	b := &document{}
	b.start("urlset", "xmlns", "http://www.sitemaps.org/schemas/sitemap/0.9")
	for _, url := range slices.Sorted(maps.Keys(p.entries)) {
		e := p.entries[url]
		if e.view == nil {
			continue
		}
		b.start("url")
		b.element("loc", p.info.Base+escaped(url))
		if e.view.Kind == "page" && !e.source.updated().IsZero() {
			b.element("lastmod", e.source.updated().Format(time.RFC3339))
		}
		b.end("url")
	}
	b.end("urlset")
	return b.bytes()
}

func (g *generation) robots() []byte {
	return []byte("User-agent: *\nAllow: /\n\nSitemap: " + g.info.Base + "/sitemap.xml\n")
}

func newer(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// document writes XML, one element a line.
type document struct{ b bytes.Buffer }

// open writes a start tag. Attributes are names and values in turn.
func (d *document) open(name string, attributes []string) {
	d.b.WriteString("<" + name)
	for i := 0; i < len(attributes); i += 2 {
		d.b.WriteString(" " + attributes[i] + `="`)
		xml.EscapeText(&d.b, []byte(attributes[i+1]))
		d.b.WriteByte('"')
	}
}

func (d *document) start(name string, attributes ...string) {
	d.open(name, attributes)
	d.b.WriteString(">\n")
}

func (d *document) end(name string) { d.b.WriteString("</" + name + ">\n") }

func (d *document) element(name, text string, attributes ...string) {
	d.open(name, attributes)
	if text == "" {
		d.b.WriteString("/>\n")
		return
	}
	d.b.WriteByte('>')
	xml.EscapeText(&d.b, []byte(text))
	d.b.WriteString("</" + name + ">\n")
}

func (d *document) bytes() []byte { return append([]byte(xml.Header), d.b.Bytes()...) }
