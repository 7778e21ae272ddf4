// Package files serves a finished static site: a folder of files, from memory as far as they fit.
package files

import (
	"cmp"
	"io/fs"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tinycdn/webserver/folder"
	"tinycdn/webserver/hosts"
	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// Config says what to serve.
type Config struct {
	Folder string
	Hosts  []string // the site's names: links to them are links within the site. Only Check asks.
	Memory int64    // how many bytes the pages may take; what does not fit is read from disk at each request
	Rules  []page.Rule
	Types  []TypeRule
	Index  bool // folders without an index.html have a page that lists what is in them
	// Listing is how many bytes it may take, beside the pages, to know what there is; 0: any number.
	Listing int64
	Disk    *Disk // of all sites; nil: any number of files are read at a time

	// Part says that the folder is a part of some other site: it may be empty, or not there at all. At first it always
	// gives a site, if only one without files.
	Part bool
	// Below is the path, not escaped and without a slash at its end, that the site lies below: "/static"; "": it lies at "/".
	Below string
	// Leave names files to leave out, by their path from the folder with slashes; nil: none.
	Leave func(path string) bool
	// Earlier are files that are served where nothing else is: a deploy took them away, and pages that are open somewhere want them.
	Earlier []Earlier
	// HostFiles says that _redirects and _headers in the folder are no pages, but tell what to do with its paths.
	HostFiles bool
}

// Site is a folder as it was read. All of it is immutable; files too large for memory are opened when asked for.
type Site struct {
	folder  folder.Folder
	config  Config
	files   map[string]*file
	urls    map[string]target
	earlier map[string]*file // by URL
	errors  map[int]*page.Page
	outside int             // files that memory was too full for
	wrong   map[string]bool // what was left out, by name: that it still is so does not keep the next deploy from being served
	missing *page.Page      // for what is not there
	refusal *page.Page      // for methods other than GET and HEAD
	told    told            // what files of the site say of its paths

	// With Index, these are the folders by their paths, "" for the site's own, with their times; and the pages that list what is in
	// them, by the index.html that they stand for.
	folders  map[string]time.Time
	listings map[string]*file
}

// target is what a URL stands for.
type target struct {
	file  *file
	moved string // the path, escaped, that the URL redirects to; "": the file is here

	forced bool // a rule of the site may go first
}

// location is where to send who asks for what there is at a path, escaped.
func (t target) location(path string) string { return cmp.Or(t.moved, escaped(path)) }

// Load reads a folder. Files that are as they were in last, which may be nil, are taken over from it. A folder that
// cannot be read as a whole gives a site of what can be read at first. It replaces another only if nothing is wrong but
// what was wrong there.
func Load(c Config, last *Site) diag.Loaded[*Site] {
	scan, problem := folder.Open(c.Folder)
	switch {
	case problem != nil && c.Part && scan.Seen[c.Folder] == nil: // it is not there
		s := c.empty()
		s.listen(scan, nil)
		(&reader{scan, s, cmp.Or(last, &Site{}), time.Now(), false}).fillEarlier(c.Memory)
		return diag.Loaded[*Site]{Value: s, Files: scan.Seen}
	case problem != nil && c.Part && last == nil:
		return diag.Loaded[*Site]{Value: c.empty(), Problems: []diag.Problem{*problem}, Files: scan.Seen}
	case problem != nil:
		return diag.Loaded[*Site]{Problems: []diag.Problem{*problem}, Files: scan.Seen}
	}
	s := c.empty()
	s.folder = scan.Folder
	s.listen(scan, s.list(scan))
	s.fill(scan, last)
	s.errorPages(last)
	s.index()
	s.hold(scan)
	bare := len(s.files) == 0 && s.told.rules.Empty() && !c.mayBeEmpty()
	if bare && len(scan.Problems) == 0 {
		scan.Wrong(".", "no files are in this folder (was the site built?)")
	}
	if worse := s.judge(scan, last); bare || worse && last != nil {
		s = nil
	}
	return diag.Loaded[*Site]{Value: s, Problems: scan.Problems, Notes: scan.Notes, Files: scan.Seen}
}

// judge remembers what is wrong, by its name in the folder: the next release may lie in another one. What is new since the
// last site comes first, as that is what refuses this one; it says whether there is such.
func (s *Site) judge(scan *folder.Scan, last *Site) (worse bool) {
	s.wrong = map[string]bool{}
	var known []diag.Problem
	scan.Problems = slices.DeleteFunc(scan.Problems, func(p diag.Problem) bool {
		name, err := filepath.Rel(scan.Full("."), p.File)
		s.wrong[name] = err == nil
		was := last != nil && last.wrong[name]
		if was {
			known = append(known, p)
		}
		return was
	})
	worse = len(scan.Problems) > 0
	scan.Problems = append(scan.Problems, known...)
	return worse
}

// list finds the files of a site, its folders, and the files that tell of its paths.
func (s *Site) list(scan *folder.Scan) (told map[string]fs.FileInfo) {
	c := &s.config
	s.files, s.folders, told = map[string]*file{}, map[string]time.Time{}, map[string]fs.FileInfo{}
	scan.Walk(".", folder.Rules{FollowLinks: true, Room: c.roomForNames(), Enter: s.enter, Show: func(name string, info fs.FileInfo) bool {
		if c.Leave != nil && c.Leave(name) {
			return false
		}
		if c.isTold(name) {
			told[name] = info
			return true
		}
		mediaType, _ := c.typeOf(name)
		s.files[name] = &file{name: name, info: info, mediaType: mediaType}
		return true
	}})
	pair(s.files)
	return told
}

// empty is a site without any file.
func (c Config) empty() *Site {
	c.Rules, c.Types, c.Hosts = rulesBelow(c.Below, c.Rules), typesBelow(c.Below, c.Types), slices.Clone(c.Hosts)
	return &Site{config: c, missing: page.Plain(http.StatusNotFound), refusal: page.NotAllowed("GET, HEAD")}
}

// Pages is the number of files that are served, without the packed forms of others.
func (s *Site) Pages() (n int) {
	for _, f := range s.files {
		if !f.isPacked {
			n++
		}
	}
	return n
}

// FromDisk is the number of files that memory was too full for.
func (s *Site) FromDisk() int { return s.outside }

// Has says whether there is something to serve at a path from where the site lies, if only a redirect.
func (s *Site) Has(path string) bool {
	_, ok := s.urls[path]
	if !ok {
		_, ok = s.urls[hosts.Merged(path)]
	}
	return ok || s.challenge(path) != nil
}

// HasIndex says whether there is something to serve at "/".
func (s *Site) HasIndex() bool { return s.Has("/") }

// Answer gives the page at the request's path. It declines what it would have to read from disk.
func (s *Site) Answer(q *page.Request) page.Answer {
	path, ok := strings.CutPrefix(q.Path, s.config.Below)
	merged := ""
	switch {
	case ok && path != "":
		return s.AnswerAt(q, path)
	case !q.Reads():
		return page.Ready(s.refusal)
	case ok && s.HasIndex():
		return q.Moved(escaped(s.config.Below + "/"))
	case !ok:
		merged = hosts.Merged(q.Path)
	}
	if strings.HasPrefix(merged, s.config.Below) {
		return q.Moved(escaped(merged))
	}
	return s.nowhere()
}

// AnswerAt is Answer for a path from where the site lies, whatever the request's is.
func (s *Site) AnswerAt(q *page.Request, path string) page.Answer {
	at, ok := s.urls[path]
	if !q.Reads() {
		return s.refuse(q, path, ok)
	}
	if !ok {
		return s.elsewhere(q, path)
	}
	if at.forced {
		if a, ruled := s.ruled(q, path, true); ruled {
			return a
		}
	}
	if at.moved != "" {
		return q.Moved(at.moved)
	}
	return s.give(q, at.file)
}

// give answers with a file.
func (s *Site) give(q *page.Request, f *file) page.Answer {
	switch {
	case f.page != nil:
		return page.Answer{Page: f.page, Cache: page.WasThere, Overlay: f.overlay}
	case q.HTTP == nil:
		return page.Answer{}
	}
	return page.Answer{Stream: f.disk, Cache: page.FromDisk, Overlay: f.overlay}
}

// elsewhere answers where no file is: as the rules of the site say, or that there is nothing.
func (s *Site) elsewhere(q *page.Request, path string) page.Answer {
	if s.token(path) != "" {
		if q.HTTP == nil {
			return page.Answer{}
		}
		if p := s.challenge(path); p != nil {
			return page.Answer{Page: p, Cache: page.FromDisk}
		}
	}
	if to, ok := s.urls[hosts.Merged(path)]; ok {
		return q.Moved(to.location(s.config.Below + hosts.Merged(path)))
	}
	if a, ok := s.AnswerEarlier(q, path); ok {
		return a
	}
	if a, ruled := s.ruled(q, path, false); ruled {
		return a
	}
	return s.nowhere()
}

// refuse answers methods that pages are not for. A path that has moved has moved for all of them.
func (s *Site) refuse(q *page.Request, path string, isFile bool) page.Answer {
	if m, ok := s.told.rules.Find(q, path, isFile); ok && m.Redirects() {
		return page.Ready(page.Redirect(m.Status, s.below(m.Location)))
	}
	return page.Ready(s.refusal)
}

// Error is the site's own page for a status: 503.html, or for what is wrong here also 50x.html; nil if it has none.
func (s *Site) Error(status int) *page.Page { return s.errors[status] }

// Health is nil: a site that was loaded can be served.
func (s *Site) Health() error { return nil }
