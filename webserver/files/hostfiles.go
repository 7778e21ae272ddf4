package files

import (
	"io"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"tinycdn/webserver/folder"
	"tinycdn/webserver/hostfiles"
	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// told is what the site's own files say of its paths: _redirects and _headers, which are no pages.
type told struct {
	rules   *hostfiles.Redirects
	headers *hostfiles.Headers

	overlays map[string]*page.Overlay // by the text of their fields, while the site is loaded
	missing  *page.Overlay            // of the page for what is not there
	others   sync.Map                 // pages with another status than 200, by pageOf
}

// pageOf is a file as the page of a status; nil: the site's own.
type pageOf struct {
	file   *file
	status int
}

// isTold says whether a file is read for what it says, and never served.
func (c *Config) isTold(name string) bool {
	return c.HostFiles && (name == hostfiles.RedirectsName || name == hostfiles.HeadersName)
}

// listen reads what the files of those names say.
func (s *Site) listen(scan *folder.Scan, found map[string]fs.FileInfo) {
	redirects, headers := text(scan, hostfiles.RedirectsName, found), text(scan, hostfiles.HeadersName, found)
	var notes []diag.Problem
	s.told.headers, notes = hostfiles.ReadHeaders(scan.Full(hostfiles.HeadersName), headers)
	scan.Notes = append(scan.Notes, notes...)
	s.told.rules, notes = hostfiles.ReadRedirects(scan.Full(hostfiles.RedirectsName), redirects, s.config.Hosts)
	scan.Notes = append(scan.Notes, notes...)
	s.told.overlays = map[string]*page.Overlay{}
	if headers != "" {
		s.dress(scan)
	}
}

// dress gives the files the fields that the site says they have.
func (s *Site) dress(scan *folder.Scan) {
	twofold := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(s.files)) {
		f := s.files[name]
		f.fields, f.overlay = s.told.fieldsOf(clean(name), "/"+name)
		for _, field := range f.fields {
			if directive := contradicts(field); directive != "" && !twofold[field.Value] {
				twofold[field.Value] = true
				scan.Note(hostfiles.HeadersName, "/%s has Cache-Control of two paths here, %q: of two %s caches may take either (! Cache-Control below the narrower path takes away what was said before)",
					name, field.Value, directive)
			}
		}
	}
	_, s.told.missing = s.told.fieldsOf("/404", "/404.html")
}

// contradicts gives the directive that a Cache-Control has with two values (RFC 9111, 4.2.1); "": none.
func contradicts(f page.Field) string {
	said := map[string]string{}
	for directive := range strings.SplitSeq(f.Value, ",") {
		name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(directive)), "=")
		if first, twice := said[name]; twice && first != value && f.Name == "Cache-Control" {
			return name
		}
		said[name] = value
	}
	return ""
}

// text reads as much of a file as is looked at; "": there is none.
func text(scan *folder.Scan, name string, found map[string]fs.FileInfo) string {
	if found[name] == nil {
		return ""
	}
	in, err := scan.Open(name)
	if err == nil {
		defer in.Close()
		var read []byte
		if read, err = io.ReadAll(io.LimitReader(in, hostfiles.LongestFile+1)); err == nil {
			err = folder.Unchanged(in, found[name])
		}
		if err == nil {
			return string(read)
		}
	}
	scan.Wrong(name, "cannot be read: %v", diag.Reason(err))
	return ""
}

// ofThePage are fields that follow from what is sent, or that the page has anyway. All others lie over those of the site.
func ofThePage(name string) bool {
	return name == "Content-Type" || name == "Cache-Control" || name == "Vary"
}

// fieldsOf gives the fields that a file of these paths has of its own. Files with the same fields share their overlay.
func (t *told) fieldsOf(paths ...string) (fields []page.Field, overlay *page.Overlay) {
	var over []page.Field
	var key strings.Builder
	for _, f := range t.headers.Of(paths...) {
		switch {
		case !ofThePage(f.Name):
			over = append(over, f)
			key.WriteString(f.Name + ":" + f.Value + "\n")
		case f.Value != "":
			fields = append(fields, f)
		}
	}
	if over == nil {
		return fields, nil
	}
	if overlay = t.overlays[key.String()]; overlay == nil {
		overlay = &page.Overlay{Fields: over}
		t.overlays[key.String()] = overlay
	}
	return fields, overlay
}

// hold finds out which URLs the rules may take from the files, and notes what is in vain.
func (s *Site) hold(scan *folder.Scan) {
	s.told.overlays = nil
	for url, at := range s.urls {
		if s.told.rules.Forces(url) {
			at.forced = true
			s.urls[url] = at
		}
	}
	scan.Notes = append(scan.Notes, s.told.rules.Against(scan.Full(hostfiles.RedirectsName), s.fileAt)...)
}

// ruled answers as the site's rules say: all of them, or those alone that go before a file.
func (s *Site) ruled(q *page.Request, path string, forced bool) (a page.Answer, ok bool) {
	m, ok := s.told.rules.Find(q, path, forced)
	if !ok {
		return a, false
	}
	if m.Redirects() {
		return page.Ready(page.Redirect(m.Status, s.below(m.Location))), true
	}
	at, found := s.urls[m.Path]
	switch {
	case m.Status != http.StatusOK:
		return s.withStatus(at.file, m.Status), true
	case !found:
		return s.nowhere(), true
	}
	return s.give(q, at.file), true
}

// below is a location of the site as the visitor has to ask for it.
func (s *Site) below(location string) string {
	if strings.HasPrefix(location, "/") {
		return escaped(s.config.Below) + location
	}
	return location
}

// withStatus answers with a file as the page of a status, and where there is none (nil, or one on disk) with the site's own.
func (s *Site) withStatus(f *file, status int) page.Answer {
	overlay := s.told.missing
	if f != nil && f.page == nil {
		f = nil
	}
	if f != nil {
		overlay = f.overlay
	}
	made, ok := s.told.others.Load(pageOf{f, status})
	if !ok {
		made, _ = s.told.others.LoadOrStore(pageOf{f, status}, s.makeWithStatus(f, status))
	}
	return page.Answer{Page: made.(*page.Page), Cache: page.WasThere, Overlay: overlay}
}

func (s *Site) makeWithStatus(f *file, status int) *page.Page {
	switch {
	case f != nil:
		return errorPage(status, f, nil)
	case s.errors[status] != nil:
		return s.errors[status]
	}
	return page.Plain(status)
}

// nowhere answers that there is nothing.
func (s *Site) nowhere() page.Answer {
	return page.Answer{Page: s.missing, Cache: page.WasThere, Overlay: s.told.missing}
}
