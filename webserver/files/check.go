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

// Check finds pages that cannot be read, and links that lead nowhere within the site. It takes a while: every page is read.
func (s *Site) Check() (unread, dead []diag.Problem) {
	files := map[string]*file{} // by the paths of their pages
	for _, f := range s.files {
		if strings.HasPrefix(f.mediaType, "text/html") && f.fits() {
			files[s.home(f)] = f
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
	for _, link := range links.Check(s.config.Hosts, pages, s.follow) {
		dead = append(dead, diag.Problem{File: s.folder.Full(files[link.Page].name), Line: link.Line, Text: link.Text})
	}
	return unread, dead
}

// home is the path at which a file is best known, and at which it is not some other file.
func (s *Site) home(f *file) string {
	if path := clean(f.name); s.urls[path].file == f && s.urls[path].moved == "" {
		return path
	}
	return "/" + f.name
}

// follow gives the home of the file that a path leads to, be it by a rule of the site; "" of what leads out of it.
func (s *Site) follow(path string) (string, bool) {
	if home, ok := s.fileAt(path); ok {
		return home, true
	}
	m, ok := s.told.rules.Find(&page.Request{}, path, false)
	switch {
	case !ok || m.Status >= http.StatusBadRequest:
		return "", false
	case m.Redirects() && !strings.HasPrefix(m.Location, "/"):
		return "", true
	}
	return s.fileAt(m.Path)
}

// fileAt gives the home of the file that there is at a path.
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
