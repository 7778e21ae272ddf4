package main

import (
	"io/fs"
	"maps"
	"os"
)

// stamps are files as they were when they were read, by path; nil for one that was not there.
type stamps map[string]fs.FileInfo

// stampsOf looks at files. Look before reading: what changes meanwhile is then seen as a change later.
func stampsOf(paths []string) stamps {
	s := make(stamps, len(paths))
	for _, path := range paths {
		s[path], _ = os.Stat(path)
	}
	return s
}

// current says whether the files are still as they were.
func (s stamps) current() bool {
	for path, was := range s {
		is, _ := os.Stat(path)
		if !sameFile(was, is) {
			return false
		}
	}
	return true
}

// same says whether other are the same files in the same state.
func (s stamps) same(other stamps) bool { return maps.EqualFunc(s, other, sameFile) }

func sameFile(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && a.Mode() == b.Mode()
}
