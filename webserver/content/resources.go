package content

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"tinycdn/webserver/files"
	"tinycdn/zones/diag"
)

// loadFiles loads the files that are served as they are: those in static, and the resources of pages, which lie beside
// those that have a folder of their own.
func (s *Site) loadFiles(r *reader, last *Site, loaded *diag.Loaded[*Site]) {
	owned := map[string]bool{}
	s.folders = map[string]string{}
	for _, source := range s.generation.sources {
		switch {
		case source.own != "":
			owned[source.own] = true
			if source.url != "/"+source.own+"/" {
				s.folders[source.url] = "/" + source.own + "/"
			}
		case source.section && source.folder != "":
			owned[source.folder] = true
		}
	}
	g := s.generation
	outside := func(name string) bool {
		return isMarkdown(name) || g.settings.ignored.has("content", name) || g.held.keeps(name, owned)
	}
	for _, name := range r.loose {
		if outside(strings.TrimPrefix(name, r.home+"/")) {
			r.others = append(r.others, diag.Problem{File: r.Full(name), Text: fmt.Sprintf(
				"below content/ this %s is neither a page nor a page's own file: a page is a file *.md, and others lie in static/", path.Ext(name))})
		}
	}
	root := g.settings.root
	left := s.config.Memory/2 + r.room // what the texts have left
	static := files.Load(files.Config{
		Folder: r.Full("static"), Hosts: []string{s.config.Host}, Memory: left * 3 / 8, Rules: s.config.Rules, Types: s.config.Types, Listing: s.config.Listing, Disk: s.config.Disk, Part: true, Below: root,
		Earlier: files.EarlierIn(s.config.Earlier, "static"),
		Leave:   func(name string) bool { return g.settings.ignoredStatic.has("static", name) },
	}, last.static)
	resources := files.Load(files.Config{
		Folder: r.Full(r.home), Hosts: []string{s.config.Host}, Memory: left / 8, Rules: s.config.Rules, Types: s.config.Types, Listing: s.config.Listing, Disk: s.config.Disk, Part: true, Below: root, Leave: outside,
	}, last.resources)
	s.static, s.resources = static.Value, resources.Value
	if s.static == nil {
		s.static = cmp.Or(last.static, &files.Site{})
	}
	if s.resources == nil {
		s.resources = cmp.Or(last.resources, &files.Site{})
	}
	for _, part := range []diag.Loaded[*files.Site]{static, resources} {
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

// resourceAt is where a resource of a page is to be found in the folder of the pages; "" if there is none at the URL.
func (s *Site) resourceAt(asked string) string {
	for at := strings.LastIndexByte(asked, '/'); at > 0; at = strings.LastIndexByte(asked[:at], '/') {
		folder, ok := s.folders[asked[:at+1]]
		if file := folder + asked[at+1:]; ok && s.resources.Has(file) {
			return file
		}
	}
	if s.resources.Has(asked) {
		return asked
	}
	return ""
}
