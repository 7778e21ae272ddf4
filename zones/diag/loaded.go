package diag

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"syscall"
)

// Loaded is what came of reading something of several files: a zone, a site, certificates.
type Loaded[V any] struct {
	Value    V         // nil: nothing that could be served; else it may still have problems
	Problems []Problem // what to mend
	Notes    []Problem // what is odd, but no mistake
	Files    Files     // everything that was looked at, as it was just before
}

// Files are files and folders as they were when they were looked at, by path; nil for one that was not there.
type Files map[string]fs.FileInfo

// Stat looks at files. Look before reading: what changes meanwhile is then seen as a change later.
func Stat(paths []string) Files {
	f := make(Files, len(paths))
	for _, path := range paths {
		f[path], _ = os.Stat(path)
	}
	return f
}

// Unchanged says whether the files are still as they were.
func (f Files) Unchanged() bool {
	for path, was := range f {
		is, _ := os.Stat(path)
		if !SameFile(was, is) {
			return false
		}
	}
	return true
}

// Equal says whether other are the same files in the same state.
func (f Files) Equal(other Files) bool { return maps.EqualFunc(f, other, SameFile) }

// Mark is what SameFile compares, in words that outlive the process.
func Mark(info fs.FileInfo) string {
	where := uint64(0)
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		where = uint64(stat.Ino)
	}
	return fmt.Sprint(where, info.Size(), info.ModTime().UnixNano(), info.Mode(), changeTime(info))
}

// SameFile says whether two looks at a path, nil where nothing was there, saw the same file in the same state.
func SameFile(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && a.Mode() == b.Mode() && changeTime(a) == changeTime(b)
}
