package content

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"tinycdn/webserver/page"
	"tinycdn/zones"
)

// entry is what the site has at a URL: a page that is made when it is first wanted, or one that is there already.
type entry struct {
	url      string
	fixed    *page.Page
	to       string  // where a fixed page redirects to
	source   *source // of a page, or of a section that has an _index.md
	template string
	view     *View
	write    func() []byte // instead of a template
	theme    *theme

	made      stamp // of what the page is made of: two entries of the same sum are the same page
	before    key   // what the page at this URL was made of in the last generation
	mediaType string
	life      string
}

// planner makes the entries of a generation.
type planner struct {
	*generation
	rules    []page.Rule
	entries  map[string]*entry
	problems []zones.Problem
}

const htmlType = "text/html; charset=utf-8"

func (p *planner) plan() {
	for _, s := range p.inOrder() {
		if !s.section {
			p.page(s)
		}
	}
	for _, c := range p.sections {
		p.section(c)
	}
	for _, tag := range p.info.Tags {
		p.list(tag.path, "tag.html", 0, nil, tag.Pages, View{Kind: "tag", Title: tag.Name, Tag: tag})
	}
	if len(p.info.Tags) > 0 {
		p.list("/tags/", "tags.html", 0, nil, p.info.Pages, View{Kind: "tags", Title: "Tags"})
	}
	p.written("/atom.xml", "application/atom+xml; charset=utf-8", p.feed)
	p.written("/sitemap.xml", "application/xml; charset=utf-8", p.sitemap)
	p.written("/robots.txt", "text/plain; charset=utf-8", p.robots)
	for _, s := range p.inOrder() {
		p.aliases(s)
	}
	// Whoever reads the feed that Hugo or Zola made here goes on reading.
	for _, url := range []string{"/index.xml", "/rss.xml", "/feed.xml"} {
		if _, ok := p.entries[url]; !ok {
			p.entries[url] = &entry{url: url, to: "/atom.xml", fixed: redirect("/atom.xml")}
		}
	}
}

func redirect(to string) *page.Page {
	return page.Redirect(http.StatusMovedPermanently, escaped(to), page.LifeOfRedirect)
}

// inputs begins the list of what an entry is made of with what all of them are made of.
func (p *planner) inputs(e *entry) *inputs {
	in := &inputs{}
	in.add(p.settings.stamp)
	in.add(p.theme.stamp)
	in.text(p.settings.base, p.info.Title, p.info.Description, p.info.Icon, e.url, e.template, e.mediaType, e.life)
	in.number(min(len(p.info.Tags), 1)) // whether there is a link to them
	for _, m := range p.info.Menu {
		in.text(m.Title, m.URL)
	}
	if p.theme.own {
		in.add(p.every)
	}
	return in
}

// page plans the page of a Markdown file.
func (p *planner) page(s *source) {
	shown := p.pages[s]
	e := p.entry(s.url, "page.html", s)
	e.view = &View{Kind: "page", Title: s.Title, Description: s.Description, Page: shown}
	in := p.inputs(e)
	in.add(s.sum)
	for _, neighbour := range []*Page{shown.Newer, shown.Older} {
		if neighbour != nil {
			in.text(neighbour.Title, neighbour.URL)
			in.newest = newer(in.newest, neighbour.source.sum.modified)
		}
	}
	for _, tag := range shown.Tags {
		in.text(tag.Name)
	}
	if bytes.Contains(s.text, []byte("@/")) || bytes.Contains(s.text, []byte(".md")) {
		in.add(p.paths) // it may link to other pages by the names of their files
	}
	e.made = in.stamp()
	p.add(e)
}

// section plans the list of what is in a folder, unless a page is there.
func (p *planner) section(c *section) {
	if e := p.entries[folderURL(c.folder)]; e != nil && c.index == nil {
		return
	}
	template, perPage, url := "section.html", p.settings.perPage, folderURL(c.folder)
	v := View{Kind: "section", Title: p.info.Title, Description: p.info.Description}
	if c.folder == "" {
		template = "index.html"
	}
	if s := c.index; s != nil {
		v.Page = p.pages[s]
		v.Title, v.Description, url = s.Title, s.Description, s.url
		if s.PaginateBy > 0 {
			perPage = s.PaginateBy
		}
	} else if c.folder != "" {
		v.Title, v.Description = capital(lastPart(c.folder)), ""
	}
	if c.folder == "" {
		v.Title = p.info.Title
	}
	p.list(url, template, perPage, c.index, c.pages, v)
}

// list plans a list in parts of so many entries; 0: in one.
func (p *planner) list(url, template string, perPage int, index *source, pages []*Page, v View) {
	if perPage <= 0 {
		perPage = max(len(pages), 1)
	}
	total := max((len(pages)+perPage-1)/perPage, 1)
	at := func(n int) string {
		switch {
		case n < 1 || n > total:
			return ""
		case n == 1:
			return url
		}
		return url + "page/" + strconv.Itoa(n) + "/"
	}
	for n := 1; n <= total; n++ {
		e := p.entry(at(n), template, index)
		part := v
		part.Pages = pages[(n-1)*perPage : min(n*perPage, len(pages))]
		part.Number, part.Total, part.Newer, part.Older = n, total, escaped(at(n-1)), escaped(at(n+1))
		e.view = &part
		in := p.inputs(e)
		in.add(p.paths)
		in.number(total)
		if v.Kind == "tags" {
			in.add(p.every)
		}
		if index != nil {
			in.add(index.sum)
		}
		for _, listed := range part.Pages {
			in.add(listed.source.sum)
			for _, tag := range listed.Tags {
				in.text(tag.Name)
			}
		}
		e.made = in.stamp()
		p.add(e)
	}
}

// written plans what is made without a template.
func (p *planner) written(url, mediaType string, write func() []byte) {
	e := &entry{url: url, write: write, mediaType: mediaType, life: page.Life(p.rules, url, htmlType)} // it changes with the pages
	in := p.inputs(e)
	in.add(p.every)
	e.made = in.stamp()
	if _, ok := p.entries[url]; !ok {
		p.entries[url] = e
	}
}

// entry begins an entry that is shown by a template.
func (p *planner) entry(url, template string, s *source) *entry {
	e := &entry{url: url, template: template, source: s, theme: p.theme, mediaType: htmlType, life: page.Life(p.rules, url, htmlType)}
	if s != nil && s.Template != "" {
		e.template = s.Template
	}
	if s != nil && s.CacheControl != "" {
		e.life = s.CacheControl
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
	p.problems = append(p.problems, zones.Problem{File: s.path, Line: s.lineFor(keys...), Text: fmt.Sprintf(
		"%s is the URL of %s already (give one of them another slug)", url, other)})
}

// aliases plans redirects from where a page was before.
func (p *planner) aliases(s *source) {
	for _, alias := range s.Aliases {
		tidy := tidyPath(alias)
		ways := []string{tidy}
		if bare := tidy[:len(tidy)-1]; tidy != "/" && tidy[len(tidy)-1] == '/' {
			ways = append(ways, bare)
		}
		for _, way := range ways {
			if other := p.entries[way]; other == nil {
				p.entries[way] = &entry{url: way, source: s, to: s.url, fixed: redirect(s.url)}
			} else if !(other.fixed != nil && other.source == s) {
				p.taken(s, way, other, "aliases")
				break
			}
		}
	}
}

// try shows every page with its texts left out, unless just that was tried before. What fails is told, and its entry is
// that of before, or is left out.
func (p *planner) try(before map[string]*entry) {
	p.trial = true
	defer func() { p.trial = false }()
	told := map[zones.Problem]bool{}
	for _, url := range sortedKeys(p.entries) {
		e := p.entries[url]
		if e == nil || e.view == nil {
			continue
		}
		old := before[url]
		if old != nil && old.made.sum == e.made.sum {
			continue
		}
		_, err := e.theme.show(e.template, e.view)
		if err == nil {
			continue
		}
		problem := p.theme.problem(err)
		if p.theme.sets[e.template] == nil && e.source != nil {
			problem = zones.Problem{File: e.source.path, Line: e.source.lineFor("template"), Text: err.Error()}
		}
		if !told[problem] {
			told[problem] = true
			p.problems = append(p.problems, problem)
		}
		if old != nil {
			p.entries[url] = old
		} else {
			delete(p.entries, url)
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
