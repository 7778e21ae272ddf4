package content

import (
	"context"
	"net/http"
	"strings"

	"github.com/maypok86/otter/v2"

	"tinycdn/webserver/files"
	"tinycdn/webserver/hosts"
	"tinycdn/webserver/page"
)

// Site is a folder as it was read. All of it is immutable but the pages that were made of it.
type Site struct {
	config     Config
	generation *generation
	read       map[string]*source // the last good one of each file
	home       string             // the folder that they lie in
	entries    map[string]*entry  // by URL
	errors     map[int]*page.Page
	refusal    *page.Page

	static    *files.Site       // the folder static
	resources *files.Site       // the pages' own: files that lie beside them
	folders   map[string]string // where they are, by the URL of their page, if that is another

	cache *otter.Cache[key, *page.Page] // pages that were made, in this generation and in those before
}

// key is what a page is kept under: the hash of all that it is made of.
type key = [16]byte

// Answer gives the page at the request's path. It declines what would have to be made, or read from disk.
func (s *Site) Answer(q *page.Request) page.Answer {
	if !q.Reads() {
		return page.Ready(s.refusal)
	}
	if s.generation.settings.root != "" {
		return s.below(q)
	}
	return s.answer(q)
}

// answer is Answer for a path from where the site lies.
func (s *Site) answer(q *page.Request) page.Answer {
	e := s.entries[q.Path]
	switch {
	case e == nil:
		return s.notFound(q)
	case e.to != "":
		return page.Ready(page.Redirect(http.StatusMovedPermanently, s.generation.href(e.to)))
	}
	if p, ok := s.cache.GetIfPresent(e.sum); ok {
		return page.Ready(s.dated(e, p))
	}
	if q.HTTP == nil {
		return page.Answer{}
	}
	// Whoever waits for a page does not lose it because another visitor went away.
	p, err := s.cache.Get(context.Background(), e.sum, otter.LoaderFunc[key, *page.Page](func(context.Context, key) (*page.Page, error) {
		return s.make(e), nil
	}))
	if err != nil {
		panic("content: internal error: " + err.Error()) // making a page gives none
	}
	return page.Answer{Page: p, Cache: page.MadeNow}
}

// make makes a page. If it comes out as it was before, that page serves on, with the codings that it has. One that
// cannot be made is an error for all who want it: the same text and template would come to nothing the next time too.
func (s *Site) make(e *entry) *page.Page {
	body, err := e.body()
	for _, plain := range s.generation.markdown.Notes() {
		s.config.Log.Warn(plain.String(), "url", e.url, "effect", "it is shown without colours")
	}
	if err != nil {
		s.config.Log.Error(e.problem(err).String(), "url", e.url, "effect", "its visitors get an error")
		return s.errors[http.StatusInternalServerError]
	}
	if p, ok := s.cache.GetIfPresent(e.before); ok && string(p.Body()) == string(body) && p.Field("Cache-Control") == e.cacheControl {
		return p.At(e.modified)
	}
	return page.New(page.Response{
		Status:   http.StatusOK,
		Header:   []page.Field{{Name: "Content-Type", Value: e.mediaType}, {Name: "Cache-Control", Value: e.cacheControl}},
		Modified: e.modified,
		OfFile:   true,
		Body:     body,
	})
}

// dated is a page that was made, as of the time of its files: they may have been touched since.
func (s *Site) dated(e *entry, p *page.Page) *page.Page {
	now := p.At(e.modified)
	if now != p {
		s.cache.Set(e.sum, now)
	}
	return now
}

func (e *entry) body() ([]byte, error) {
	if e.write != nil {
		return e.write(), nil
	}
	return e.theme.Show(e.template, e.view)
}

// notFound answers where no page is: with a file, the way to a page, or the page that says that there is none.
func (s *Site) notFound(q *page.Request) page.Answer {
	asked := q.Path
	if s.static.Has(asked) && (!s.generation.settings.slashless || s.otherSlash(asked) == "") {
		return s.static.AnswerAt(q, asked)
	}
	if to := s.canonicalize(asked); to != "" {
		return q.Moved(s.generation.href(to))
	}
	if file := s.resourceAt(asked); file != "" {
		return s.resources.AnswerAt(q, file)
	}
	if a, ok := s.static.AnswerEarlier(q, asked); ok {
		return a
	}
	return page.Ready(s.errors[http.StatusNotFound])
}

// canonicalize gives the URL of the page that somebody asks for without its slash or with one too many, or by the
// name of its file; "" if there is none.
func (s *Site) canonicalize(asked string) string {
	if to := s.otherSlash(asked); to != "" {
		return to
	}
	if folder, ok := strings.CutSuffix(asked, "index.html"); ok {
		if to := s.generation.settings.public(folder); s.entries[to] != nil {
			return to
		}
	}
	if merged := hosts.Merged(asked); merged != "" {
		root := s.generation.settings.root
		to, _ := s.find(root + merged)
		return strings.TrimPrefix(to, root)
	}
	return ""
}

// Error is the site's own page for a status, or nil if it has none.
func (s *Site) Error(status int) *page.Page { return s.errors[status] }

// HasIndex is true: there always is a front page.
func (s *Site) HasIndex() bool { return true }

// Health is nil: a site that was loaded can be served.
func (s *Site) Health() error { return nil }

// Pages is the number of pages, without lists and files.
func (s *Site) Pages() (n int) {
	for _, source := range s.generation.sources {
		if !source.section {
			n++
		}
	}
	return n
}
