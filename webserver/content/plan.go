package content

import (
	"bytes"
	"path"
	"strconv"

	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// planner makes the entries of a generation.
type planner struct {
	*generation
	rules    []page.Rule
	entries  map[string]*entry
	problems []diag.Problem
	notes    []diag.Problem
}

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
	p.written("/sitemap.xml", "application/xml; charset=utf-8", p.sitemap)
	p.written("/robots.txt", "text/plain; charset=utf-8", p.robots)
	p.feeds()
	for _, s := range p.inOrder() {
		p.aliases(s)
	}
	// Whoever reads the feed that Hugo or Zola made here goes on reading.
	for _, url := range []string{"/index.xml", "/rss.xml", "/feed.xml"} {
		if _, ok := p.entries[url]; !ok {
			p.entries[url] = &entry{url: url, to: "/atom.xml"}
		}
	}
}

// page plans the page of a Markdown file.
func (p *planner) page(s *source) {
	shown := p.pages[s]
	e := p.entry(p.settings.public(s.url), "page.html", s)
	e.view = &View{Kind: "page", Title: s.Title, Description: s.Description, Page: shown}
	in := p.inputs(e)
	in.add(s.hash)
	for _, neighbour := range []*Page{shown.Newer, shown.Older} {
		if neighbour != nil {
			in.text(neighbour.Title, neighbour.URL)
			in.date(neighbour.source.hash.modified)
		}
	}
	for _, tag := range shown.Tags {
		in.text(tag.Name)
	}
	if p.settings.slashless || bytes.Contains(s.text, []byte("@/")) || bytes.Contains(s.text, []byte(".md")) {
		in.add(p.paths) // it may link to other pages by the names of their files
	}
	e.made(in)
	p.add(e)
}

// section plans the list of what is in a folder, unless a page is there.
func (p *planner) section(c *section) {
	if e := p.entries[p.settings.public(folderURL(c.folder))]; e != nil && c.index == nil || c.index != nil && p.pages[c.index].hidden {
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
		v.Title, v.Description = capital(path.Base(c.folder)), ""
	}
	if c.folder == "" {
		v.Title = p.info.Title
	}
	p.list(url, template, perPage, c.index, c.pages, v)
}

// list plans a list in parts of so many entries; 0: in one. Its url is as it is within.
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
			return p.settings.public(url)
		}
		return p.settings.public(url + "page/" + strconv.Itoa(n) + "/")
	}
	href := func(n int) string {
		if at(n) == "" {
			return ""
		}
		return p.href(at(n))
	}
	for n := 1; n <= total; n++ {
		e := p.entry(at(n), template, index)
		part := v
		part.Pages = pages[(n-1)*perPage : min(n*perPage, len(pages))]
		part.Number, part.Total, part.Newer, part.Older = n, total, href(n-1), href(n+1)
		e.view = &part
		in := p.inputs(e)
		in.add(p.paths)
		in.number(total)
		if v.Kind == "tags" {
			in.add(p.every)
		}
		if index != nil {
			in.add(index.hash)
		}
		for _, listed := range part.Pages {
			in.add(listed.source.hash)
			for _, tag := range listed.Tags {
				in.text(tag.Name)
			}
		}
		e.made(in)
		p.add(e)
	}
}
