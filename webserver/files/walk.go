package files

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// most is how many files and folders a site may have: each takes about 1 KB of memory, even if it is served from disk.
const most = 100_000

// walk finds the files of a site. It never leaves the folder, whatever symbolic links say.
type walk struct {
	tree
	config Config
	files  map[string]*file
	seen   map[string]fs.FileInfo

	most            int  // files and folders to look at
	tooMany         bool // there are more
	problems, notes []diag.Problem
}

// begin begins a walk. The folder itself may be a symbolic link, so that a deploy can switch from one release to the next.
func begin(c Config) (*walk, *diag.Problem) {
	w := &walk{config: c, most: most, files: map[string]*file{}, seen: map[string]fs.FileInfo{}}
	w.seen[c.Folder], _ = os.Stat(c.Folder)
	fail := func(err error) (*walk, *diag.Problem) {
		p := problemf(c.Folder, "the site's folder cannot be read: %v", diag.Reason(err))
		return w, &p
	}
	// Watched by its name, a symbolic link would go on showing the folder that it led to before.
	real, err := filepath.EvalSymlinks(c.Folder)
	if err != nil {
		return fail(err)
	}
	w.path = real
	if w.root, err = os.OpenRoot(real); err != nil {
		return fail(err)
	}
	return w, nil
}

// absent says that there is no folder.
func (w *walk) absent() bool { return w.seen[w.config.Folder] == nil }

// folder walks through the folder of that name and all below it. Those above it are known by what they were found to be,
// so that a symbolic link to one of them does not lead round in circles.
func (w *walk) folder(name string, above []fs.FileInfo) {
	info, err := w.root.Stat(name)
	if err != nil {
		w.wrong(name, "cannot be read: %v", diag.Reason(err))
		return
	}
	if slices.ContainsFunc(above, func(a fs.FileInfo) bool { return os.SameFile(a, info) }) {
		w.note(name, "this symbolic link leads back to a folder that it is in; it is left out")
		return
	}
	w.seen[w.full(name)] = info
	entries, err := fs.ReadDir(w.root.FS(), name)
	if err != nil {
		w.wrong(name, "cannot be read: %v", diag.Reason(err))
		return
	}
	inside := append(above, info)
	for _, entry := range entries {
		if len(w.seen) >= w.most {
			if !w.tooMany {
				w.tooMany = true
				w.wrong(".", "there are more than %d files and folders in it (is it the right folder?)", w.most)
			}
			return
		}
		if !hidden(entry.Name()) {
			w.entry(path.Join(name, entry.Name()), entry, inside)
		}
	}
}

// hidden says whether a file is none of the visitors' business: ".git", ".htpasswd", a file that rsync is still writing.
func hidden(name string) bool { return name[0] == '.' && name != ".well-known" }

func (w *walk) entry(name string, entry fs.DirEntry, above []fs.FileInfo) {
	info, err := w.root.Stat(name)
	linked := entry.Type()&fs.ModeSymlink != 0
	switch {
	case err != nil && linked && errors.Is(err, fs.ErrNotExist):
		w.note(name, "this symbolic link leads nowhere; it is left out")
	case err != nil && linked:
		w.note(name, "this symbolic link leaves the site; it is left out (inside the site, relative ones are followed)")
	case errors.Is(err, fs.ErrNotExist): // gone since the folder was read, which will show as a change of the folder
	case err != nil:
		w.wrong(name, "cannot be read: %v", diag.Reason(err))
	case info.IsDir():
		w.folder(name, above)
	case !info.Mode().IsRegular():
		w.note(name, "this is no regular file; it is left out")
	case w.config.Leave != nil && w.config.Leave(name):
	default:
		w.seen[w.full(name)] = info
		w.files[name] = &file{name: name, info: info}
	}
}

// pair takes files that are packed forms of others ("index.html.gz" beside "index.html") out of the list, and to those.
func (w *walk) pair() {
	for name, f := range w.files {
		extension := path.Ext(name)
		coding, ok := page.CodingOf(extension)
		if !ok {
			continue
		}
		if of := w.files[strings.TrimSuffix(name, extension)]; of != nil {
			of.packed[coding] = f
		}
	}
	for _, f := range w.files {
		for _, packed := range f.packed {
			if packed != nil {
				delete(w.files, packed.name)
			}
		}
	}
}

func (w *walk) wrong(name, format string, args ...any) {
	w.problems = append(w.problems, problemf(w.full(name), format, args...))
}

func (w *walk) note(name, format string, args ...any) {
	w.notes = append(w.notes, problemf(w.full(name), format, args...))
}
