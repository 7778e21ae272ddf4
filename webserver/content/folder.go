package content

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"tinycdn/zones/diag"
)

// folder is the site's folder while it is read. What is read never lies outside it, whatever symbolic links say.
type folder struct {
	root *os.Root
	path string // of root, without symbolic links: should one be switched meanwhile, all that is read is still of one release
	home string // where the Markdown is: "content", or "." for a folder of Markdown and nothing else
	seen map[string]fs.FileInfo
	room int64 // how many more bytes may be read

	problems, notes []diag.Problem
}

// overhead is about how many bytes a page takes in memory beside its text.
const overhead = 3 << 10

// notPages are names in the site's folder that hold no pages, where there is no content folder.
var notPages = []string{"templates", "static", "public", "themes", "layouts", "node_modules", "README.md"}

func openFolder(name string, room int64) (*folder, error) {
	f := &folder{seen: map[string]fs.FileInfo{}, room: room, home: "content"}
	f.seen[name], _ = os.Stat(name)
	real, err := filepath.EvalSymlinks(name)
	if err != nil {
		return f, err
	}
	f.path = real
	if f.root, err = os.OpenRoot(real); err != nil {
		return f, err
	}
	if info := f.stat("content"); info == nil || !info.IsDir() {
		f.home = "."
	}
	f.stat("static")
	return f, nil
}

// full is the path of a file in the machine's file system.
func (f *folder) full(name string) string { return filepath.Join(f.path, filepath.FromSlash(name)) }

// stat looks at a file and remembers what it saw; nil: it is not there.
func (f *folder) stat(name string) fs.FileInfo {
	info, err := f.root.Stat(name)
	if err != nil {
		info = nil
	}
	f.seen[f.full(name)] = info
	return info
}

// read reads a file that was looked at.
func (f *folder) read(name string, info fs.FileInfo) ([]byte, bool) {
	if f.room -= info.Size() + overhead; f.room < 0 {
		return nil, false // said once, in the end
	}
	data, err := f.root.ReadFile(name)
	if err != nil {
		f.wrong(name, "cannot be read: %v", diag.Reason(err))
		return nil, false
	}
	return data, true
}

// sources reads the Markdown files. Those that are as they were in last, which may be nil, are not read again, and for
// one with a mistake in it the last good one is given.
func (f *folder) sources(last map[string]*source) map[string]*source {
	all := map[string]*source{}
	f.walk(f.home, func(name string, info fs.FileInfo) {
		file := name
		if f.home != "." {
			file = strings.TrimPrefix(name, f.home+"/")
		}
		if path.Ext(name) != ".md" || f.home == "." && slices.Contains(notPages, file) {
			return
		}
		if before := last[file]; before != nil && before.path == f.full(name) && diag.SameFile(before.info, info) {
			f.room -= info.Size() + overhead
			all[file] = before
			return
		}
		s := last[file]
		if info.Size() > longestText {
			f.wrong(name, "a page may have %d MB of text: split it", longestText>>20)
		} else if data, ok := f.read(name, info); !ok {
			return
		} else if read, problems := newSource(file, f.full(name), info, data); read == nil {
			f.problems = append(f.problems, problems...)
		} else {
			s = read
		}
		if s != nil {
			all[file] = s
		}
	})
	return all
}

// walk shows every regular file below a folder, in the order of their names.
func (f *folder) walk(name string, show func(name string, info fs.FileInfo)) {
	info := f.stat(name)
	if info == nil || !info.IsDir() {
		return
	}
	entries, err := fs.ReadDir(f.root.FS(), name)
	if err != nil {
		f.wrong(name, "cannot be read: %v", diag.Reason(err))
		return
	}
	for _, entry := range entries {
		below := path.Join(name, entry.Name())
		if entry.Name()[0] == '.' {
			continue
		}
		if entry.IsDir() {
			if name != "." || !slices.Contains(notPages, entry.Name()) {
				f.walk(below, show)
			}
			continue
		}
		switch info := f.stat(below); {
		case info == nil:
			f.note(below, "this leads nowhere, or out of the site; it is left out")
		case info.IsDir():
			f.note(below, "this symbolic link to a folder is left out")
		case info.Mode().IsRegular():
			show(below, info)
		}
	}
}

func (f *folder) wrong(name, format string, args ...any) {
	f.problems = append(f.problems, diag.Problem{File: f.full(name), Text: fmt.Sprintf(format, args...)})
}

func (f *folder) note(name, format string, args ...any) {
	f.notes = append(f.notes, diag.Problem{File: f.full(name), Text: fmt.Sprintf(format, args...)})
}
