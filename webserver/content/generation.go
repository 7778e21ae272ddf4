package content

import (
	"cmp"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"tinycdn/webserver/content/markdown"
)

// generation is the site as of one deploy: everything that its pages are made of. It does not change once it is built.
type generation struct {
	settings settings
	theme    *templates
	markdown *markdown.Renderer
	sources  map[string]*source // by file; what is held back is not among them
	held     *held
	info     *Info
	sections []*section
	tags     map[string]*Tag // by slug
	places   map[string]bool // URLs of pages, as they are within; nil: they are shown so, too
	dryRun   bool            // templates are being validated: texts are left out

	pages map[*source]*Page
	every contentHash // of all that the site is made of
	paths contentHash // of where everything is
}

// section is a folder and the pages in it and below.
type section struct {
	folder string
	index  *source // its _index.md; nil: it has none
	pages  []*Page // that it lists
}

// arrange sorts the sources into sections and tags.
func (g *generation) arrange() {
	g.pages = make(map[*source]*Page, len(g.sources))
	sections := map[string]*section{}
	in := func(folder string) *section {
		if sections[folder] == nil {
			sections[folder] = &section{folder: folder}
		}
		return sections[folder]
	}
	in("")
	for _, s := range g.inOrder() {
		p := g.newPage(s)
		g.pages[s] = p
		if s.section {
			in(s.folder).index = s
			continue
		}
		for folder := s.folder; !p.unlisted; folder = above(folder) {
			in(folder).pages = append(in(folder).pages, p)
			if folder == "" {
				break
			}
		}
	}
	for _, c := range sections {
		c.sort()
	}
	g.sections = slices.SortedFunc(maps.Values(sections), func(a, b *section) int { return strings.Compare(a.folder, b.folder) })
	g.link(sections)
	g.collect()
	g.locate()
	g.info = g.newInfo(sections[""])
	g.hashInputs()
}

// inOrder gives the sources in the order of their files.
func (g *generation) inOrder() []*source {
	return slices.SortedFunc(maps.Values(g.sources), func(a, b *source) int { return strings.Compare(a.file, b.file) })
}

// above is the folder that a folder lies in.
func above(folder string) string {
	at := strings.LastIndexByte(folder, '/')
	return folder[:max(at, 0)]
}

// sort puts the pages of a section into order. Unless it says otherwise, or if it is to be by date, it lists the pages with a
// date, the newest first; where none has one, all of them by weight and title.
func (c *section) sort() {
	order := ""
	if c.index != nil {
		order = c.index.SortBy
	}
	undated := func(p *Page) bool { return p.source.updated().IsZero() }
	if order != "update_date" {
		undated = func(p *Page) bool { return p.Date.IsZero() }
	}
	switch order {
	case "", "date", "update_date":
		if dated := slices.DeleteFunc(slices.Clone(c.pages), undated); len(dated) > 0 {
			c.pages = dated
		} else {
			order = "weight"
		}
	}
	slices.SortStableFunc(c.pages, func(a, b *Page) int {
		switch order {
		case "weight":
			return cmp.Or(a.Weight-b.Weight, strings.Compare(a.Title, b.Title))
		case "title", "title_bytes":
			return strings.Compare(a.Title, b.Title)
		case "slug":
			return strings.Compare(path.Base(a.source.url), path.Base(b.source.url))
		case "permalink":
			return strings.Compare(a.source.url, b.source.url)
		case "update_date":
			return cmp.Or(b.source.updated().Compare(a.source.updated()), newestFirst(a, b))
		}
		return newestFirst(a, b)
	})
}

// newestFirst orders pages by date. Of the same day, the later file is the newer.
func newestFirst(a, b *Page) int {
	return cmp.Or(b.Date.Compare(a.Date), strings.Compare(b.source.file, a.source.file))
}

// link makes neighbours of the pages with a date in each section.
func (g *generation) link(sections map[string]*section) {
	for _, c := range sections {
		var newer *Page
		for _, p := range c.pages {
			if p.Date.IsZero() || p.source.folder != c.folder {
				continue
			}
			if p.Newer = newer; newer != nil {
				newer.Older = p
			}
			newer = p
		}
	}
}

// collect gathers the tags of all pages. How a tag is written is what the first file says.
func (g *generation) collect() {
	g.tags = map[string]*Tag{}
	for _, s := range g.inOrder() {
		p := g.pages[s]
		if s.section || p.unlisted {
			continue
		}
		for _, name := range s.Tags {
			slug := slugOf(name)
			tag := g.tags[slug]
			if tag == nil {
				tag = &Tag{Name: name, path: "/tags/" + slug + "/", URL: g.hrefOf("/tags/" + slug + "/")}
				g.tags[slug] = tag
			}
			if !slices.Contains(p.Tags, tag) {
				p.Tags = append(p.Tags, tag)
				tag.Pages = append(tag.Pages, p)
			}
		}
	}
	for _, tag := range g.tags {
		slices.SortStableFunc(tag.Pages, newestFirst)
	}
}

func (g *generation) newInfo(root *section) *Info {
	c := &g.settings
	info := &Info{Title: c.title, Description: c.description, Author: c.author, Language: c.language, Base: c.base, Root: escaped(c.root), TagsURL: g.hrefOf("/tags/"), RelMe: c.relMe, Extra: c.extra}
	if root.index != nil && root.index.Title != "" && !c.named {
		info.Title = root.index.Title
	}
	if root.index != nil && info.Description == "" {
		info.Description = root.index.Description
	}
	for _, s := range g.inOrder() {
		p := g.pages[s]
		switch {
		case p.unlisted || p.hidden:
		case !s.section && !s.Date.IsZero():
			info.Pages = append(info.Pages, p)
		case s.url == "/", s.section && g.isArchive(s):
		case !s.section && s.folder == "", s.section && above(s.folder) == "" && s.folder != "":
			info.Menu = append(info.Menu, p)
		}
	}
	slices.SortStableFunc(info.Pages, newestFirst)
	slices.SortStableFunc(info.Menu, func(a, b *Page) int { return cmp.Or(a.Weight-b.Weight, strings.Compare(a.Title, b.Title)) })
	info.Tags = slices.SortedFunc(maps.Values(g.tags), func(a, b *Tag) int { return strings.Compare(a.path, b.path) })
	return info
}

// period is the name of a folder with the posts of a year, or of a month.
var period = regexp.MustCompile(`^\d{4}(?:-\d{2})?$`)

// isArchive says whether a section has the posts of a time, of which there are more each year: no menu is made of those.
func (g *generation) isArchive(index *source) bool {
	if !period.MatchString(index.folder) {
		return false
	}
	at := slices.IndexFunc(g.sections, func(c *section) bool { return c.index == index })
	return slices.ContainsFunc(g.sections[at].pages, func(p *Page) bool { return !p.Date.IsZero() })
}

// hashInputs hashes what many pages have in common.
func (g *generation) hashInputs() {
	every, paths := &inputs{}, &inputs{}
	every.add(g.settings.hash)
	every.text(g.settings.base)
	for _, s := range g.inOrder() {
		every.text(s.file, s.url)
		every.add(s.hash)
		paths.text(s.file, s.url)
	}
	g.every, g.paths = every.hash(), paths.hash()
}
