// Package content serves a folder of Markdown as a site: pages, lists, tags and a feed, each made when it is first wanted.
package content

import (
	"log/slog"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/maypok86/otter/v2"

	"tinycdn/webserver/content/markdown"
	"tinycdn/webserver/files"
	"tinycdn/webserver/folder"
	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// Config says what to serve.
type Config struct {
	Folder string
	Host   string // the name of the site, for URLs that must be whole; "*": it has none
	Below  string // the path, not escaped, that the site lies below, whatever base_url says: "/blog"; "": as that says
	Memory int64  // how many bytes the site may take: its texts, its files, and the pages made of them
	Rules  []page.Rule
	Types  []files.TypeRule // of the files in static and beside pages
	// Listing is how many bytes it may take, beside that, to know what files there are; 0: any number.
	Listing int64
	Earlier []files.Earlier  // what was in static before, and is still served where nothing else is
	Disk    *files.Disk      // of all sites; nil: any number of files are read at a time
	Log     *slog.Logger     // is told of pages that cannot be made when they are wanted; nil: nobody
	Now     func() time.Time // pages wait for their date; nil: time.Now
}

// Load reads a folder. What has not changed since last, which may be nil, is taken over from it: files that were read and
// pages that were made. A page with a mistake in it stays as it was in last. Templates, which are a part of every
// page, must all be right, or the last site stays.
func Load(c Config, last *Site) diag.Loaded[*Site] {
	if last == nil || last.config.Folder != c.Folder {
		last = &Site{generation: &generation{}}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	scan, problem := folder.Open(c.Folder)
	if problem != nil {
		return diag.Loaded[*Site]{Problems: []diag.Problem{*problem}, Files: scan.Seen}
	}
	defer scan.Close()
	r := newReader(scan, c.Memory/2)
	g := &generation{settings: r.settings(last.generation.settings, c.Below), markdown: last.generation.markdown}
	g.settings.complete(c.Host, c.Below)
	all := r.sources(last.read, g.settings.ignored)
	g.theme = r.templates(last.generation.theme)
	if g.markdown == nil {
		g.markdown = markdown.New()
	}
	g.held = holdBack(all, &g.settings, c.Now())
	g.sources = maps.Clone(all)
	maps.DeleteFunc(g.sources, func(_ string, s *source) bool { return g.held.back[s] })
	s := &Site{config: c, generation: g, read: all, home: r.home, cache: last.cache, refusal: page.NotAllowed("GET, HEAD")}
	loaded := diag.Loaded[*Site]{Files: r.Seen}
	switch {
	case r.room < 0:
		r.Wrong(".", "the Markdown and templates take more than half of the %d MB that this site may have: raise web.cache_bytes", c.Memory>>20)
	case len(g.theme.broken) > 0:
		r.Problems = append(r.Problems, g.theme.broken...)
	case last.home == "content" && r.home != "content":
		r.Wrong("content", "this folder is gone") // what else lies about is not the site
	case len(all) == 0:
		r.Wrong(".", "no pages are in this folder: it wants *.md files, or a folder content with them")
	default:
		s.loadFiles(r, last, &loaded)
		problems, notes := s.build(last)
		r.Problems = append(r.Problems, problems...)
		r.Notes = append(r.Notes, together(slices.Concat(r.others, g.notes(), notes))...)
		r.noteLayouts()
		g.markdown.Prewarm(g.texts)
		loaded.Value = s
	}
	loaded.Problems = slices.Concat(r.Problems, loaded.Problems)
	loaded.Notes = slices.Concat(r.Notes, loaded.Notes)
	return loaded
}

// keep gives the pages that are made so much memory.
func (s *Site) keep(bytes int64) {
	if s.cache != nil {
		s.cache.SetMaximum(uint64(bytes))
		return
	}
	s.cache = otter.Must(&otter.Options[key, *page.Page]{
		MaximumWeight: uint64(bytes),
		Weigher:       func(_ key, p *page.Page) uint32 { return uint32(min(p.Bytes(), math.MaxUint32)) },
	})
}

// build plans the pages of the site.
func (s *Site) build(last *Site) (problems, notes []diag.Problem) {
	g := s.generation
	g.arrange()
	for _, icon := range []string{"/favicon.ico", "/favicon.png", "/favicon.svg"} {
		if s.static.Has(icon) {
			g.info.Icon = g.href(icon)
		}
	}
	p := &planner{generation: g, rules: s.config.Rules, entries: map[string]*entry{}}
	made := []string{"/atom.xml", "/feed.json", "/sitemap.xml", "/robots.txt", "/index.xml", "/rss.xml", "/feed.xml"}
	for _, url := range append(made, g.settings.feeds.urls...) {
		if s.static.Has(url) {
			p.entries[url] = nil // the owner's own
		}
	}
	p.plan()
	p.validate(last.entries)
	maps.DeleteFunc(p.entries, func(_ string, e *entry) bool { return e == nil })
	s.entries = p.entries
	for url, e := range s.entries {
		if before := last.entries[url]; before != nil && before != e {
			e.before = before.sum
		}
	}
	s.errors = p.errors(s.static)
	return p.problems, p.notes
}

// Due is when the site is another though no file changes: a page's date has come, or it has expired. It is zero if that
// is never.
func (s *Site) Due() time.Time { return s.generation.held.next }
