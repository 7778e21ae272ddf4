package content

import (
	"html/template"
	"net/url"
	"strings"
	"time"

	"tinycdn/webserver/content/markdown"
)

// View is what a template gets as its dot.
type View struct {
	Site        *Info
	Kind        string // "page", "section", "tag", "tags" or "error"
	Title       string
	Description string
	URL         string // the path of what is shown, as it stands in links
	Canonical   string // the same with scheme and host; "" for errors, and for a site that has no name
	Page        *Page  // the page, or the _index.md of a section; nil: there is none
	Pages       []*Page
	Tag         *Tag

	Number, Total int    // which page of a list this is, and of how many
	Newer, Older  string // URLs of the pages of the list beside it, or ""

	Status     int // of an error
	StatusText string
}

// Info is what templates see of the whole site.
type Info struct {
	Title, Description, Author, Language string
	Base                                 string   // scheme, host and Root: "https://example.org"
	Root                                 string   // the path that stands before all others of the site, mostly ""
	TagsURL                              string   // of the list of all tags
	Icon                                 string   // "/favicon.svg", or what other icon is in static; "": none
	RelMe                                []string // other places of the author's, for <link rel="me">
	Menu                                 []*Page  // pages without a date at the top, and sections there that have an _index.md
	Pages                                []*Page  // all pages with a date, the newest first
	Tags                                 []*Tag
	Extra                                map[string]any // [extra] of Zola's config.toml, [params] of Hugo's
}

// Page is what templates see of a page.
type Page struct {
	Title, Description string
	URL, Canonical     string
	Link, LinkHost     string // where a link blog's entry leads to, and the name of that site
	Date, Updated      time.Time
	Tags               []*Tag
	Language           string
	Weight             int
	Extra              map[string]any
	HasMore            bool  // the page has more to read than its Summary
	Newer, Older       *Page // its neighbours among those with a date in its section; nil at the ends

	source     *source
	generation *generation
	hidden     bool // a section without a list of its own
	unlisted   bool
}

// Tag is a word and the pages that have it.
type Tag struct {
	Name, URL string
	Pages     []*Page

	path string // the URL as it is within
}

// Content is the text of the page in HTML.
func (p *Page) Content() template.HTML {
	if p.generation.dryRun {
		return ""
	}
	return p.generation.content(p.source)
}

// Summary is the text of the page up to <!-- more -->, or what else may stand for it in a list.
func (p *Page) Summary() template.HTML {
	if p.generation.dryRun {
		return ""
	}
	return p.generation.summary(p.source)
}

// Empty says that there is no text.
func (p *Page) Empty() bool { return len(strings.TrimSpace(string(p.source.text))) == 0 }

// Day is the page's date for people to read.
func (p *Page) Day() string { return p.generation.day(p.Date) }

// UpdatedDay is the same of the day on which the page was last changed; "" if that is the day it is from.
func (p *Page) UpdatedDay() string {
	if day := p.generation.day(p.Updated); day != p.Day() {
		return day
	}
	return ""
}

// day writes a date in words in the language that we have words for.
func (g *generation) day(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case strings.HasPrefix(g.settings.language, "en"):
		return t.Format("2 January 2006")
	}
	return t.Format(time.DateOnly)
}

// newPage shows a source to the templates.
func (g *generation) newPage(s *source) *Page {
	p := &Page{
		Title: s.Title, Description: s.Description, URL: g.hrefOf(s.url), Canonical: g.settings.base + escaped(g.settings.public(s.url)),
		Link: s.Link, Date: s.Date, Updated: s.Updated, Language: s.Language, Weight: s.Weight, Extra: s.Extra,
		HasMore: s.Summary != "" || !markdown.Whole(s.text), source: s, generation: g,
		hidden: is(g.held.holds[s].Hidden), unlisted: is(g.held.holds[s].Unlisted),
	}
	if p.Language == "" {
		p.Language = g.settings.language
	}
	if u, err := url.Parse(s.Link); err == nil {
		p.LinkHost = strings.TrimPrefix(u.Hostname(), "www.")
	}
	return p
}
