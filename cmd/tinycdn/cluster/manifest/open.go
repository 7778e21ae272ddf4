package manifest

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster/roster"
)

const (
	MaxSize = 128 << 20 // of a manifest in bytes: a million files
	maxPath = 3072      // of a path in bytes: Linux opens 4095, with the folder in which the tree is
	maxName = 255       // of each part of it
	minLine = len("file ") + 64 + len(" 1 1 0644 a\n")
	maxNote = 4 << 10 // of what the publisher says, in bytes
	maxAll  = 1 << 60 // of all files together, in bytes: no sum of sizes overflows

	// maxAhead is how much newer than its generation a file may be: everything in the next one has to be newer still, so that
	// a file of the year 9999 would be the end.
	maxAhead = 24 * time.Hour
)

// Open reads a signed manifest. That the key may sign it is for the roster to say.
func Open(signed []byte) (*Signed, error) {
	if len(signed) > MaxSize {
		return nil, fmt.Errorf("the manifest is larger than %d MB", MaxSize>>20)
	}
	text, by, err := roster.Open(kind, signed)
	if err != nil {
		return nil, fmt.Errorf("the manifest: %w", err)
	}
	s := &Signed{Key: by, Text: signed}
	r := &reader{rest: string(text[len(kind)+1:]), line: 1}
	if err := r.read(&s.Manifest); err != nil {
		return nil, fmt.Errorf("the manifest, line %d: %w", r.line, err)
	}
	if !bytes.Equal(s.text(), text) {
		return nil, fmt.Errorf("the manifest is not written as it should be: two texts would be one generation")
	}
	s.ID = ID{s.Number, sha256.Sum256(text)}
	return s, nil
}

// Is says what is wrong with a signed manifest that should be that of a generation, and does not read what is in it.
func Is(signed []byte, id ID) error {
	text, _, err := roster.Open(kind, signed)
	if err == nil && sha256.Sum256(text) != id.Hash {
		err = fmt.Errorf("this is not generation %d", id.Number)
	}
	return err
}

// reader reads a text line by line.
type reader struct {
	rest string
	line int
}

func (r *reader) read(m *Manifest) error {
	var err error
	for _, head := range []struct {
		name string
		take func(string) error
	}{
		{"number", func(v string) error { m.Number, err = strconv.ParseUint(v, 10, 63); return err }},
		{"parent", func(v string) error { m.Parent, err = ParseID(v); return err }},
		{"config", func(v string) error { m.Config, err = path(v); return err }},
		{"by", func(v string) error {
			if m.By = v; v == "owner" {
				return nil
			}
			return roster.Valid(v)
		}},
		{"note", func(v string) error {
			if m.Note, err = strconv.Unquote(v); err == nil && len(m.Note) > maxNote {
				err = fmt.Errorf("a note of %d octets: %d are the most", len(m.Note), maxNote)
			}
			return err
		}},
		{"time", func(v string) error { m.Time, err = time.Parse(time.RFC3339, v); return err }},
	} {
		value, ok := strings.CutPrefix(r.next(), head.name+" ")
		if !ok {
			return fmt.Errorf("want %q here", head.name)
		}
		if err := head.take(value); err != nil {
			return fmt.Errorf("%s: %w", head.name, err)
		}
	}
	if m.Number == 0 || m.Parent.Number != m.Number-1 {
		return fmt.Errorf("generation %d follows %d: numbers rise by one", m.Number, m.Parent.Number)
	}
	if err := r.readFiles(m); err != nil {
		return err
	}
	if _, ok := m.Find(m.Config); !ok {
		return fmt.Errorf("its configuration, %.60q, is not among its files", m.Config)
	}
	return nil
}

func (r *reader) readFiles(m *Manifest) error {
	m.Files = make([]File, 0, min(strings.Count(r.rest, "\n"), len(r.rest)/minLine))
	var above []string // files whose paths begin this one's, the shortest first
	sizes := map[Hash]int64{}
	var all int64
	for r.rest != "" {
		f, err := parseFile(r.next())
		if err != nil {
			return err
		}
		if f.Time.After(m.Time.Add(maxAhead)) {
			return fmt.Errorf("%.60q is from the future: the clock of whoever publishes is behind, or was ahead", f.Path)
		}
		if len(m.Files) > 0 {
			if err := follows(m.Files[len(m.Files)-1].Path, f.Path); err != nil {
				return err
			}
		}
		if above, err = isBelowNone(above, f.Path); err != nil {
			return err
		}
		if size, ok := sizes[f.Hash]; ok && size != f.Size {
			return fmt.Errorf("%.60q has %d octets, and another file with the same content %d", f.Path, f.Size, size)
		}
		sizes[f.Hash] = f.Size
		if all += f.Size; all > maxAll {
			return fmt.Errorf("all files together are larger than anybody's disk")
		}
		m.Files = append(m.Files, f)
	}
	return nil
}

func (r *reader) next() (line string) {
	line, r.rest, _ = strings.Cut(r.rest, "\n")
	r.line++
	return line
}

// ParseID reads what ID.String wrote.
func ParseID(text string) (id ID, err error) {
	number, hash, _ := strings.Cut(text, " ")
	if id.Number, err = strconv.ParseUint(number, 10, 63); err != nil {
		return ID{}, err
	}
	id.Hash, err = ParseHash(hash)
	return id, err
}

// parseFile reads "file HASH SIZE TIME MODE PATH".
func parseFile(line string) (f File, err error) {
	words := strings.SplitN(line, " ", 6)
	if len(words) != 6 || words[0] != "file" {
		return f, fmt.Errorf("%.60q is no line about a file", line)
	}
	if f.Hash, err = ParseHash(words[1]); err != nil {
		return f, err
	}
	if f.Path, err = path(words[5]); err != nil {
		return f, err
	}
	f.Size, err = strconv.ParseInt(words[2], 10, 64)
	seconds, errTime := strconv.ParseInt(words[3], 10, 64)
	mode, errMode := strconv.ParseUint(words[4], 8, 9)
	if f.Mode = fs.FileMode(mode); f.Mode != Plain && f.Mode != Private {
		errMode = strconv.ErrRange
	}
	// A time before 1970 or after 9999 is not written as one by what the pages' headers are made with.
	if err != nil || f.Size < 0 || f.Size > maxAll || errTime != nil || seconds < 0 || seconds > 253402300799 || errMode != nil {
		return f, fmt.Errorf("%.60q has no size, time or mode that a file has", line)
	}
	f.Time = time.Unix(seconds, 0).UTC()
	return f, nil
}

// path reads what word wrote, and takes only what leads to a file below the top of the tree.
func path(word string) (string, error) {
	plain := word
	if strings.HasPrefix(word, `"`) {
		var err error
		if plain, err = strconv.Unquote(word); err != nil {
			return "", fmt.Errorf("%.60q is no path", word)
		}
	}
	if len(plain) > maxPath {
		return "", fmt.Errorf("a path of %d octets: %d is the longest", len(plain), maxPath)
	}
	for part := range strings.SplitSeq(plain, "/") {
		if part == "" || part == "." || part == ".." || len(part) > maxName || strings.ContainsRune(part, 0) {
			return "", fmt.Errorf("%.60q does not lead to a file below the top of the tree", plain)
		}
	}
	return plain, nil
}

// follows says what is wrong with a path after the one before it in the list.
func follows(before, path string) error {
	switch {
	case path == before:
		return fmt.Errorf("%.60q stands there twice", path)
	case path < before:
		return fmt.Errorf("%.60q comes after %.60q: they are in order", path, before)
	}
	return nil
}

// isBelowNone says which file a path is below. Above are the files whose paths begin that of the file before; those that begin this
// one come back, and itself. All that is in order between a path and a longer one begins like it, so none is missed.
func isBelowNone(above []string, path string) ([]string, error) {
	for len(above) > 0 && !strings.HasPrefix(path, above[len(above)-1]) {
		above = above[:len(above)-1]
	}
	for _, file := range above {
		if path[len(file)] == '/' {
			return nil, fmt.Errorf("%.60q is a file, and %.60q is below it", file, path)
		}
	}
	return append(above, path), nil
}
