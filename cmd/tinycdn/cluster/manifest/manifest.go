// Package manifest is the signed list of the files that are a generation: what every POP of a cluster serves, to the octet.
package manifest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster/roster"
)

// Hash is the SHA-256 of a file, or of a manifest.
type Hash [sha256.Size]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText and UnmarshalText are for JSON, which would write 32 numbers.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

func (h *Hash) UnmarshalText(text []byte) (err error) {
	*h, err = ParseHash(string(text))
	return err
}

// ParseHash reads what String wrote.
func ParseHash(text string) (h Hash, err error) {
	wrong := len(text) != hex.EncodedLen(len(h)) || strings.ContainsAny(text, "ABCDEF")
	if !wrong {
		_, err := hex.Decode(h[:], []byte(text))
		wrong = err != nil
	}
	if wrong {
		return Hash{}, fmt.Errorf("%.80q is no hash: want 64 of 0-9 and a-f", text)
	}
	return h, nil
}

// ID names a generation. Numbers rise by one from each generation to the one that follows it.
type ID struct {
	Number uint64 // 0: there is none
	Hash   Hash
}

func (id ID) String() string { return fmt.Sprintf("%d %v", id.Number, id.Hash) }

// Manifest lists the files of a generation. It is not changed once it is made.
type Manifest struct {
	Number uint64
	Parent ID     // what it was made from
	Config string // the path of its configuration
	By     string // the publisher's name
	Note   string // what the publisher said of it
	Time   time.Time
	Files  []File // by path
}

// File is a file of a generation.
type File struct {
	Path string // with slashes, below the top of the tree
	Hash Hash
	Size int64
	Time time.Time   // of its last change, in whole seconds
	Mode fs.FileMode // Plain or Private
}

// A file is readable for everybody, or for its owner alone, as keys are. All else that a umask or a checkout may make of a mode
// means nothing here, and would be a change.
const (
	Plain   fs.FileMode = 0o644
	Private fs.FileMode = 0o600
)

// kind is the first line of a manifest.
const kind = "tinycdn generation 1"

// Signed is a manifest as it was signed, the same octets everywhere.
type Signed struct {
	Manifest
	ID   ID
	Key  roster.Key // whose signature it is
	Text []byte     // with the signature
}

// Sign writes m down and signs it.
func (m *Manifest) Sign(key roster.PrivateKey) (*Signed, error) { return Open(key.Sign(m.text())) }

func (m *Manifest) text() []byte {
	b := make([]byte, 0, 256+128*len(m.Files))
	b = fmt.Appendf(b, "%s\nnumber %d\nparent %v\nconfig %s\nby %s\nnote %s\ntime %s\n",
		kind, m.Number, m.Parent, word(m.Config), m.By, strconv.Quote(m.Note), m.Time.UTC().Format(time.RFC3339))
	for i := range m.Files {
		b = m.Files[i].appendLine(b)
	}
	return b
}

// appendLine writes a file down as it stands in the list: "file HASH SIZE TIME MODE PATH".
func (f *File) appendLine(b []byte) []byte {
	b = append(b, "file "...)
	b = hex.AppendEncode(b, f.Hash[:])
	b = strconv.AppendInt(append(b, ' '), f.Size, 10)
	b = strconv.AppendInt(append(b, ' '), f.Time.Unix(), 10)
	b = strconv.AppendUint(append(b, " 0"...), uint64(f.Mode.Perm()), 8)
	b = append(append(b, ' '), word(f.Path)...)
	return append(b, '\n')
}

// word writes a path as it is, or quoted if it holds what a line cannot, or looks like a quoted one.
func word(path string) string {
	if isPlain(path) {
		return path
	}
	if quoted := strconv.Quote(path); quoted != `"`+path+`"` {
		return quoted
	}
	return path
}

// isPlain says of most paths, at once, that nothing in them has to be quoted.
func isPlain(path string) bool {
	for i := range len(path) {
		if c := path[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// Find gives the file at a path.
func (m *Manifest) Find(path string) (File, bool) {
	i, ok := slices.BinarySearchFunc(m.Files, path, func(f File, path string) int { return cmp.Compare(f.Path, path) })
	if !ok {
		return File{}, false
	}
	return m.Files[i], true
}

// Size is that of all files together, in bytes.
func (m *Manifest) Size() (n int64) {
	for _, f := range m.Files {
		n += f.Size
	}
	return n
}

// Follow gives files the times that they have in a generation after m. What is as in m has the time that it had, so that a fresh
// checkout does not make everything new, and so has what was moved or copied to a new path. Everything else is newer than all
// of m: what was replaced by an older content too, or the serial number of its zone would fall.
func (m *Manifest) Follow(files []File, now time.Time) []File {
	before := make(map[Hash]time.Time, len(m.Files))
	newest := now.Truncate(time.Second)
	for _, f := range m.Files {
		if at, ok := before[f.Hash]; !ok || f.Time.Before(at) {
			before[f.Hash] = f.Time
		}
		if !newest.After(f.Time) {
			newest = f.Time.Add(time.Second)
		}
	}
	files = slices.Clone(files)
	for i := range files {
		f := &files[i]
		old, was := m.Find(f.Path)
		at, moved := before[f.Hash]
		switch {
		case was && old.Hash == f.Hash:
			f.Time = old.Time
		case !was && moved:
			f.Time = at
		default:
			f.Time = newest
		}
	}
	return files
}

// Change is how a file differs between two manifests.
type Change struct {
	Path string
	Kind ChangeKind
}

// ChangeKind is '+', '-' or '~'.
type ChangeKind byte

const (
	Added   ChangeKind = '+'
	Removed ChangeKind = '-'
	Changed ChangeKind = '~'
)

// Changes are what a publisher changed from one manifest to the next, by path. Times alone are no change.
func Changes(from, to *Manifest) (list []Change) {
	old, now := from.Files, to.Files
	for len(old) > 0 || len(now) > 0 {
		switch {
		case len(old) == 0 || len(now) > 0 && now[0].Path < old[0].Path:
			list = append(list, Change{now[0].Path, Added})
			now = now[1:]
		case len(now) == 0 || old[0].Path < now[0].Path:
			list = append(list, Change{old[0].Path, Removed})
			old = old[1:]
		default:
			if old[0].Hash != now[0].Hash || old[0].Mode != now[0].Mode {
				list = append(list, Change{now[0].Path, Changed})
			}
			old, now = old[1:], now[1:]
		}
	}
	return list
}
