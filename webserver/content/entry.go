package content

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"tinycdn/webserver/hosts"
	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// entry is what the site has at a URL: a page that is made when it is first wanted, or the way to another.
type entry struct {
	url      string
	to       string  // the URL that this one redirects to; "": there is a page
	source   *source // of a page, or of a section that has an _index.md
	template string
	view     *View
	write    func() []byte // instead of a template
	feed     bool          // that is what it writes
	theme    *templates

	sum          key       // of what the page is made of: two entries of the same sum are the same page
	before       key       // the sum that the page at this URL had in the last generation
	modified     time.Time // as visitors are told; zero: they are not
	mediaType    string
	cacheControl string
}

const htmlType = "text/html; charset=utf-8"

// inputs begins the list of what an entry is made of with what all of them are made of.
func (p *planner) inputs(e *entry) *inputs {
	in := &inputs{}
	in.add(p.settings.hash)
	in.add(p.theme.hash)
	in.text(p.settings.base, p.info.Title, p.info.Description, p.info.Icon, e.url, e.template, e.mediaType, e.cacheControl)
	in.number(min(len(p.info.Tags), 1)) // whether there is a link to them
	for _, m := range p.info.Menu {
		in.text(m.Title, m.URL)
	}
	if p.theme.HasOwn() {
		in.add(p.every)
	}
	return in
}

// made says what the entry is made of.
func (e *entry) made(of *inputs) {
	hash := of.hash()
	e.sum, e.modified = hash.sum, page.LastModified(hash.modified, time.Now())
}

// written plans what is made without a template.
func (p *planner) written(url, mediaType string, write func() []byte) {
	e := &entry{url: url, write: write, mediaType: mediaType, cacheControl: page.CacheControl(p.rules, p.settings.root+url, htmlType)} // it changes with the pages
	in := p.inputs(e)
	in.add(p.every)
	e.made(in)
	if _, ok := p.entries[url]; !ok {
		p.entries[url] = e
	}
}

// entry begins an entry that is shown by a template.
func (p *planner) entry(url, template string, s *source) *entry {
	e := &entry{url: url, template: template, source: s, theme: p.theme, mediaType: htmlType, cacheControl: page.CacheControl(p.rules, p.settings.root+url, htmlType)}
	switch {
	case s == nil || s.Template == "":
	case p.theme.Has(s.Template):
		e.template = s.Template
	default:
		p.note(s, fmt.Sprintf("there is no template %q%s: %s stands in for it", s.Template, p.theme.Near(s.Template), template), "template")
	}
	if s != nil && s.CacheControl != "" {
		e.cacheControl = s.CacheControl
	}
	return e
}

// add gives an entry its URL, unless another has it.
func (p *planner) add(e *entry) {
	e.view.Site, e.view.URL = p.info, p.href(e.url)
	if p.settings.placed {
		e.view.Canonical = p.settings.base + escaped(e.url)
	}
	other := p.entries[e.url]
	if other == nil {
		p.entries[e.url] = e
	} else if s := e.source; s != nil { // a list that we would have made of ourselves gives way in silence
		p.problems = append(p.problems, diag.Problem{File: s.path, Line: s.Line("path", "url", "slug"), Text: fmt.Sprintf(
			"%s is the URL of %s already (give one of them another slug)", e.url, other.owner())})
	}
}

func (p *planner) note(s *source, text string, keys ...string) {
	if n := (diag.Problem{File: s.path, Line: s.Line(keys...), Text: text}); !slices.Contains(p.notes, n) {
		p.notes = append(p.notes, n)
	}
}

// owner is who has an entry.
func (e *entry) owner() string {
	if e.source != nil {
		return e.source.path
	}
	return "the site itself"
}

// aliases plans redirects from where a page was before. Without a slash before it, an alias is one of Hugo's, beside the
// page, as well as one of Zola's.
func (p *planner) aliases(s *source) {
	for _, alias := range s.Aliases {
		alias = hosts.Unescaped(alias)
		p.alias(s, tidyPath(alias), false)
		if !strings.HasPrefix(alias, "/") {
			p.alias(s, tidyPath(path.Join(path.Dir(strings.TrimSuffix(s.url, "/")), alias)), true)
		}
	}
}

// alias plans a redirect, unless there is a page: a mistake of no weight, since nothing but the redirect is lost.
func (p *planner) alias(s *source, from string, perhaps bool) {
	ways := []string{from}
	if bare := strings.TrimSuffix(from, "/"); bare != "" && bare != from {
		ways = append(ways, bare)
	}
	if p.settings.slashless {
		slices.Reverse(ways) // where a page may be comes first
		ways = slices.DeleteFunc(ways, func(way string) bool { return way == s.url })
	}
	for _, way := range ways {
		if other := p.entries[way]; other == nil {
			p.entries[way] = &entry{url: way, source: s, to: p.settings.public(s.url)}
		} else if other.source != s {
			if !perhaps {
				p.note(s, fmt.Sprintf("the alias %s is the URL of %s already", way, other.owner()), "aliases")
			}
			return
		}
	}
}
