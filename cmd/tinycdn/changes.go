package main

import (
	"fmt"
	"strings"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/pop"
)

// wordsOf are changes, one after another.
func wordsOf(changes []manifest.Change) (list []string) {
	for _, c := range changes {
		list = append(list, fmt.Sprintf("%c %s", c.Kind, c.Path))
	}
	return list
}

// few is a list of which only the beginning is told.
func few(list []string) string {
	const most = 10
	if len(list) > most {
		return fmt.Sprintf("%s   and %d more", strings.Join(list[:most], "   "), len(list)-most)
	}
	return strings.Join(list, "   ")
}

// undone are the files of which next would undo what was changed from last to parent: those that it has as they were, or that it has
// changed, too.
func undone(last, parent *manifest.Signed, next *manifest.Manifest) (list []string) {
	for _, c := range manifest.Changes(&last.Manifest, &parent.Manifest) {
		live, lives := parent.Find(c.Path)
		is, has := next.Find(c.Path)
		if lives != has || live.Hash != is.Hash {
			list = append(list, c.Path)
		}
	}
	return list
}

// filesOf are the files that a generation consists of, below their top.
func filesOf(folder cluster.Folder, g *pop.Generation) (top string, files []manifest.File, err error) {
	top, names, err := tree(g.Files())
	if err != nil {
		return "", nil, err
	}
	files, err = folder.Scan(top, names)
	return top, files, err
}
