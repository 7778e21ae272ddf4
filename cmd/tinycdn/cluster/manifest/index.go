package manifest

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// indexKind is the first line of an index.
const indexKind = "tinycdn index 1\n"

// Marshal writes the index down, a line for each file.
func (i Index) Marshal() []byte {
	b := []byte(indexKind)
	for _, path := range slices.SortedFunc(maps.Keys(i), cmp.Compare[string]) {
		k := i[path]
		b = fmt.Appendf(b, "%v %d %d %d %d %s\n", k.Hash, k.Size, k.Inode, k.Written, k.Changed, word(path))
	}
	return b
}

// ParseIndex reads what Marshal wrote. Anything else is an empty index: then all files are read.
func ParseIndex(text []byte) Index {
	i := Index{}
	lines, ok := bytes.CutPrefix(text, []byte(indexKind))
	if !ok {
		return i
	}
	for line := range strings.Lines(string(lines)) {
		words := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 6)
		if len(words) != 6 {
			return Index{}
		}
		k := Known{}
		_, err := fmt.Sscan(strings.Join(words[1:5], " "), &k.Size, &k.Inode, &k.Written, &k.Changed)
		hash, errHash := ParseHash(words[0])
		path, errPath := path(words[5])
		if err != nil || errHash != nil || errPath != nil {
			return Index{}
		}
		k.Hash = hash
		i[path] = k
	}
	return i
}
