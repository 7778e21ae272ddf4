package content

import (
	"fmt"
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
	e := &entry{url: url, write: write, mediaType: mediaType, cacheControl: page.CacheControl(p.rules, url, htmlType)} // it changes with the pages
	in := p.inputs(e)
	in.add(p.every)
	e.made(in)
	if _, ok := p.entries[url]; !ok {
		p.entries[url] = e
	}
}

// entry begins an entry that is shown by a template.
func (p *planner) entry(url, template string, s *source) *entry {
	e := &entry{url: url, template: template, source: s, theme: p.theme, mediaType: htmlType, cacheControl: page.CacheControl(p.rules, url, htmlType)}
	if s != nil && s.Template != "" {
		e.template = s.Template
	}
	if s != nil && s.CacheControl != "" {
		e.cacheControl = s.CacheControl
	}
	return e
}

// add gives an entry its URL, unless another has it.
func (p *planner) add(e *entry) {
	e.view.Site, e.view.URL = p.info, escaped(e.url)
	if p.settings.placed {
		e.view.Canonical = p.settings.base + e.view.URL
	}
	if other := p.entries[e.url]; other != nil {
		p.taken(e.source, e.url, other, "path", "url", "slug")
		return
	}
	p.entries[e.url] = e
}

// taken says that a URL is some other page's. A list that we would have made of ourselves gives way in silence.
func (p *planner) taken(s *source, url string, by *entry, keys ...string) {
	if s == nil {
		return
	}
	other := "the site itself"
	if by.source != nil {
		other = by.source.path
	}
	p.problems = append(p.problems, diag.Problem{File: s.path, Line: s.Line(keys...), Text: fmt.Sprintf(
		"%s is the URL of %s already (give one of them another slug)", url, other)})
}

// aliases plans redirects from where a page was before.
func (p *planner) aliases(s *source) {
	for _, alias := range s.Aliases {
		if deadAlias(alias) != "" {
			continue // of which a note tells
		}
		tidy := tidyPath(hosts.Unescaped(alias))
		ways := []string{tidy}
		if bare := tidy[:len(tidy)-1]; tidy != "/" && tidy[len(tidy)-1] == '/' {
			ways = append(ways, bare)
		}
		for _, way := range ways {
			if other := p.entries[way]; other == nil {
				p.entries[way] = &entry{url: way, source: s, to: s.url}
			} else if !(other.to != "" && other.source == s) {
				p.taken(s, way, other, "aliases")
				break
			}
		}
	}
}
