package files

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"tinycdn/webserver/hosts"
	"tinycdn/webserver/links"
	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// Check finds pages that cannot be read, and links that lead nowhere within the site, or elsewhere. It takes a while: every page is
// read, but for those that nobody sees, as something else has their paths.
func (s *Site) Check(elsewhere links.Elsewhere) (unread, dead []diag.Problem) {
	files := map[string]*file{} // by the paths of their pages
	for _, f := range s.files {
		path := s.config.Below + s.home(f)
		if strings.HasPrefix(f.mediaType, "text/html") && f.fits() && !elsewhere.Has(path) {
			files[path] = f
		}
	}
	pages := func(yield func(string, []byte) bool) {
		for _, path := range slices.Sorted(maps.Keys(files)) {
			f := files[path]
			body, err := s.body(f)
			if err != nil {
				unread = append(unread, diag.Problem{File: s.folder.Full(f.name), Text: "cannot be read: " + diag.Reason(err)})
			} else if !yield(path, body) {
				return
			}
		}
	}
	for _, link := range links.Check(s.config.Hosts, pages, elsewhere.Or(s.follow)) {
		dead = append(dead, diag.Problem{File: s.folder.Full(files[link.Page].name), Line: link.Line, Text: link.Text})
	}
	return unread, dead
}

// home is the path, from where the site lies, at which a file is best known, and at which it is not some other file.
func (s *Site) home(f *file) string {
	if path := clean(f.name); s.urls[path].file == f && s.urls[path].moved == "" {
		return path
	}
	return "/" + f.name
}

// Leads says whether there is something to serve at a URL's path, if only a redirect.
func (s *Site) Leads(path string) bool {
	_, ok := s.follow(path)
	return ok
}

// Home is the path at which there is what a URL's path leads to; "" if that is elsewhere.
func (s *Site) Home(path string) (home string, ok bool) { return s.follow(path) }

// follow gives the home of the file that a path leads to, be it by a rule of the site; "" of what leads out of it.
func (s *Site) follow(path string) (string, bool) {
	inside, ok := s.inside(path)
	if !ok {
		return "", false
	}
	if home, ok := s.fileAt(inside); ok {
		return s.config.Below + home, true
	}
	m, ok := s.told.rules.Find(&page.Request{}, inside, false)
	switch {
	case !ok || m.Status >= http.StatusBadRequest:
		return "", false
	case m.Redirects() && !strings.HasPrefix(m.Location, "/"):
		return "", true
	}
	home, ok := s.fileAt(m.Path)
	return s.config.Below + home, ok
}

// inside is a path from where the site lies; who leaves out the slash there is sent on.
func (s *Site) inside(path string) (inside string, ok bool) {
	if inside, ok = strings.CutPrefix(path, s.config.Below); !ok {
		inside, ok = strings.CutPrefix(hosts.Merged(path), s.config.Below)
	}
	if inside == "" {
		inside = "/"
	}
	return inside, ok
}

// fileAt gives the home of the file that there is at a path from where the site lies.
func (s *Site) fileAt(path string) (home string, ok bool) {
	at, ok := s.urls[path]
	if !ok {
		at, ok = s.urls[hosts.Merged(path)]
	}
	if !ok {
		return "", false
	}
	return s.home(at.file), true
}

func (s *Site) body(f *file) ([]byte, error) {
	if f.page != nil {
		return f.page.Body(), nil
	}
	return s.folder.Read(f.name, f.info)
}
