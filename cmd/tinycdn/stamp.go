package main

import (
	"io/fs"
	"os"
)

// stamps are files as they were when they were last read, by path; nil for one that was not there.
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
		if (was == nil) != (is == nil) {
			return false
		}
		if was != nil && !(os.SameFile(was, is) && was.Size() == is.Size() && was.ModTime().Equal(is.ModTime())) {
			return false
		}
	}
	return true
}
