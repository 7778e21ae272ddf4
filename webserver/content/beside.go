package content

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"tinycdn/webserver/files"
	"tinycdn/zones/diag"
)

// besides loads the files that are served as they are: those in static, and those beside pages that have a folder of their own.
func (s *Site) besides(r *reader, last *Site, loaded *diag.Loaded[*Site]) {
	bundles := map[string]bool{}
	s.bundles = map[string]string{}
	for _, source := range s.generation.sources {
		switch {
		case source.bundle != "":
			bundles[source.bundle] = true
			if source.url != "/"+source.bundle+"/" {
				s.bundles[source.url] = "/" + source.bundle + "/"
			}
		case source.section && source.folder != "":
			bundles[source.folder] = true
		}
	}
	outside := func(name string) bool {
		for folder := above(name); folder != ""; folder = above(folder) {
			if bundles[folder] {
				return path.Ext(name) == ".md"
			}
		}
		return true
	}
	left := s.config.Memory/2 + r.room // what the texts have left
	static := files.Load(files.Config{
		Folder: r.Full("static"), Hosts: []string{s.config.Host}, Memory: left * 3 / 8, Rules: s.config.Rules, Part: true,
	}, last.static)
	beside := files.Load(files.Config{
		Folder: r.Full(r.home), Hosts: []string{s.config.Host}, Memory: left / 8, Rules: s.config.Rules, Part: true, Leave: outside,
	}, last.beside)
	s.static, s.beside = static.Value, beside.Value
	if s.static == nil {
		s.static = cmp.Or(last.static, &files.Site{})
	}
	if s.beside == nil {
		s.beside = cmp.Or(last.beside, &files.Site{})
	}
	for _, part := range []diag.Loaded[*files.Site]{static, beside} {
		loaded.Problems = append(loaded.Problems, part.Problems...)
		for _, note := range part.Notes {
			if !slices.ContainsFunc(r.Notes, func(n diag.Problem) bool { return n.File == note.File }) {
				loaded.Notes = append(loaded.Notes, note)
			}
		}
		maps.Copy(loaded.Files, part.Files)
	}
	s.keep(left / 2)
}

// besideAt is where a file beside a page is to be found in the folder of the pages; "" if there is none at the URL.
func (s *Site) besideAt(asked string) string {
	for at := strings.LastIndexByte(asked, '/'); at > 0; at = strings.LastIndexByte(asked[:at], '/') {
		folder, ok := s.bundles[asked[:at+1]]
		if file := folder + asked[at+1:]; ok && s.beside.Has(file) {
			return file
		}
	}
	if s.beside.Has(asked) {
		return asked
	}
	return ""
}
