package content

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"tinycdn/webserver/content/markdown"
	"tinycdn/webserver/folder"
	"tinycdn/zones/diag"
)

// reader reads what the owner wrote: pages, templates and settings.
type reader struct {
	*folder.Scan
	home   string // where the Markdown is: "content", or "." for a folder of Markdown and nothing else
	room   int64  // how many more bytes may be read
	others []diag.Problem
	loose  []string // files that are pages elsewhere, and may be pages' own here
}

// overhead is about how many bytes a page takes in memory beside its text.
const overhead = 3 << 10

// notPages are names in the site's folder that hold no pages, where there is no content folder.
var notPages = []string{"templates", "static", "public", "themes", "layouts", "node_modules", "README.md"}

func newReader(scan *folder.Scan, room int64) *reader {
	r := &reader{Scan: scan, room: room, home: "content"}
	if info := r.Stat("content"); info == nil || !info.IsDir() {
		r.home = "."
	}
	r.Stat("static")
	return r
}

// text reads a file that was looked at.
func (r *reader) text(name string, info fs.FileInfo) ([]byte, bool) {
	if r.room -= info.Size() + overhead; r.room < 0 {
		return nil, false // said once, in the end
	}
	data, err := r.Read(name, info)
	if err != nil {
		r.Wrong(name, "cannot be read: %v", diag.Reason(err))
		return nil, false
	}
	return data, true
}

// walk shows every file below a folder.
func (r *reader) walk(start string, show func(name string, info fs.FileInfo)) {
	r.Walk(start, folder.Rules{
		Skip: func(name string, entry fs.DirEntry) bool {
			return entry.Name() == ".well-known" || entry.IsDir() && slices.Contains(notPages, name)
		},
		Show: func(name string, info fs.FileInfo) bool { show(name, info); return true },
	})
}

// sources reads the Markdown files. Those that are as they were in last, which may be nil, are not read again, and for
// one with a mistake in it the last good one is given.
func (r *reader) sources(last map[string]*source, ignored ignored) map[string]*source {
	all := map[string]*source{}
	r.walk(r.home, func(name string, info fs.FileInfo) {
		file := strings.TrimPrefix(name, r.home+"/")
		switch {
		case r.home == "." && slices.Contains(notPages, file), ignored.has("content", file):
			return
		case path.Ext(name) != ".md":
			r.noteOther(name)
			return
		}
		if !utf8.ValidString(name) {
			r.Note(name, "its name is not UTF-8, and URLs are made of names; it is left out (rename it)")
			return
		}
		before := last[file]
		if before != nil && diag.SameFile(before.info, info) {
			r.room -= info.Size() + overhead
			all[file] = before.at(r.Full(name))
			return
		}
		s := before
		if info.Size() > markdown.LongestText {
			r.Wrong(name, "a page may have %d MB of text: split it", markdown.LongestText>>20)
		} else if data, ok := r.text(name, info); !ok {
			return
		} else {
			read, problems := newSource(file, r.Full(name), info, data)
			r.Problems = append(r.Problems, problems...)
			if s = cmp.Or(read, before); s == nil && saysDraft.Match(data) {
				s = heldSection(file, r.Full(name))
			}
		}
		if s != nil {
			all[file] = s
		}
	})
	return all
}
