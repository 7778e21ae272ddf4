package watch

import (
	"os"
	"path/filepath"
)

// resolver follows paths through all links, and tells each name that it passes, with the folder that the name is in.
type resolver struct {
	step  func(dir, name string)
	known map[string]string // paths that were resolved already, and to what
}

// mostLinks is how many links may follow each other, as in Linux (path_resolution(7)).
const mostLinks = 40

// resolve gives the path without links; "" if there is nothing. Then the last step it told is where it may come.
func (r *resolver) resolve(path string, links int) string {
	if real, known := r.known[path]; known {
		return real
	}
	real := r.follow(path, links)
	r.known[path] = real
	return real
}

func (r *resolver) follow(path string, links int) string {
	dir, name := cut(path)
	switch {
	case name == "" && dir == path:
		return path // the root
	case links > mostLinks:
		return ""
	}
	parent := r.resolve(dir, links)
	switch {
	case parent == "" || name == "" || name == ".":
		return parent
	case name == "..":
		return filepath.Dir(parent)
	}
	r.step(parent, name)
	real := filepath.Join(parent, name)
	info, err := os.Lstat(real)
	if err != nil {
		return ""
	}
	if info.Mode()&os.ModeSymlink == 0 {
		return real
	}
	target, err := os.Readlink(real)
	if err != nil {
		return ""
	}
	if !filepath.IsAbs(target) {
		// Not Join, which takes dir/.. away, where dir may be a link.
		target = parent + string(filepath.Separator) + target
	}
	return r.resolve(target, links+1)
}

// cut divides a path before its last name.
func cut(path string) (dir, name string) {
	dir, name = filepath.Split(path)
	if len(dir) > 1 {
		dir = dir[:len(dir)-1]
	}
	return dir, name
}
