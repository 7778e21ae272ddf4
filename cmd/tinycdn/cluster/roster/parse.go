package roster

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxSize of a roster in bytes: room for five hundred members.
const maxSize = 64 << 10

var goodName = regexp.MustCompile(`^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$`)

// Valid says what is wrong with the name of a member; nil: nothing.
func Valid(name string) error {
	if !goodName.MatchString(name) || name == "owner" {
		return fmt.Errorf(`%.80q is no name for a member: want up to 63 of a-z, 0-9, "-" and "_", and not "owner"`, name)
	}
	return nil
}

// parse reads a signed roster. Its lines stand in the order of Marshal, which makes two equal rosters equal octet for octet.
func parse(signed []byte) (*Roster, Key, error) {
	if len(signed) > maxSize {
		return nil, Key{}, fmt.Errorf("the roster is larger than %d KB", maxSize>>10)
	}
	text, by, err := Open(kind, signed)
	if err != nil {
		return nil, Key{}, fmt.Errorf("the roster: %w", err)
	}
	r := &Roster{}
	number := 1
	for line := range bytes.Lines(text[len(kind)+1:]) {
		number++
		if err := r.parseLine(strings.Split(strings.TrimSuffix(string(line), "\n"), " ")); err != nil {
			return nil, Key{}, fmt.Errorf("the roster, line %d: %w", number, err)
		}
	}
	if r.Version == 0 || r.Owner == (Key{}) {
		return nil, Key{}, fmt.Errorf("the roster has no version, or no owner")
	}
	if !bytes.Equal(r.text(), text) {
		return nil, Key{}, fmt.Errorf("the roster is not written as it should be: two texts would be one roster")
	}
	return r, by, nil
}

func (r *Roster) parseLine(words []string) (err error) {
	what, words := words[0], words[1:]
	switch {
	case what == "version" && len(words) == 1 && r.Version == 0:
		r.Version, err = strconv.ParseUint(words[0], 10, 63)
	case what == "owner" && len(words) == 1 && r.Owner == (Key{}):
		r.Owner, err = ParseKey(words[0])
	case what == "pop" && len(words) == 2:
		err = fmt.Errorf("the POP %.60s has no address", words[0])
	case what == "pop" && len(words) > 2:
		err = r.parsePOP(words)
	case what == "publisher" && len(words) > 1:
		err = r.parsePublisher(words)
	case what == "retired" && len(words) == 2:
		err = r.parseRetired(words)
	default:
		err = fmt.Errorf("%.100q is nothing that a roster says here (a newer tinycdn made it?)", strings.Join(append([]string{what}, words...), " "))
	}
	return err
}

func (r *Roster) parsePOP(words []string) (err error) {
	p := POP{Name: words[0]}
	if p.Key, err = r.newMember(p.Name, words[1]); err != nil {
		return err
	}
	for _, word := range words[2:] {
		address, err := ParseAddress(word)
		if err != nil {
			return err
		}
		if slices.Contains(p.Addresses, address) {
			return fmt.Errorf("%s has the address %s twice", p.Name, word)
		}
		p.Addresses = append(p.Addresses, address)
	}
	r.POPs = append(r.POPs, p)
	return nil
}

func (r *Roster) parsePublisher(words []string) (err error) {
	p := Publisher{Name: words[0]}
	if p.Key, err = r.newMember(p.Name, words[1]); err != nil {
		return err
	}
	for _, word := range words[2:] {
		setting, value, _ := strings.Cut(word, "=")
		switch {
		case setting == "may" && slices.Contains(Rights, Right(value)) && !p.Can(Right(value)):
			p.May = append(p.May, Right(value))
		case setting == "paths" && ValidPattern(value) == nil:
			p.Paths = append(p.Paths, value)
		default:
			return fmt.Errorf("%q is nothing that a publisher has", word)
		}
	}
	r.Publishers = append(r.Publishers, p)
	return nil
}

// ValidPattern says what is wrong with a pattern of paths; nil: nothing.
func ValidPattern(pattern string) error {
	plain, below := strings.CutSuffix(pattern, "**")
	folder, isFolder := strings.CutSuffix(plain, "/")
	_, err := path.Match(plain, "")
	switch {
	case err != nil, strings.ContainsAny(pattern, " \r\n"), strings.Contains(plain, "**"):
	case below && (plain == "" || isFolder && isPath(folder) && !strings.ContainsAny(folder, `*?[\`)), !below && isPath(plain):
		return nil
	}
	return fmt.Errorf(`%.100q is no pattern of paths: want "public/**", all below a folder, or "public/*.html"`, pattern)
}

// isPath says whether something can be the path of a file below the top of the tree.
func isPath(name string) bool { return fs.ValidPath(name) && name != "." }

// newMember reads the key of a member that there is not yet.
func (r *Roster) newMember(name, key string) (k Key, err error) {
	if err := Valid(name); err != nil {
		return k, err
	}
	if k, err = ParseKey(key); err != nil {
		return k, err
	}
	_, isPOP := r.POP(name)
	_, holdsPOP := r.POPOf(k)
	_, isPublisher := find(r.Publishers, func(p Publisher) bool { return p.Name == name })
	_, publishes := r.PublisherOf(k)
	if isPOP || holdsPOP || isPublisher || publishes {
		return k, fmt.Errorf("%s, or its key, is in the roster twice", name)
	}
	return k, nil
}

func (r *Roster) parseRetired(words []string) (err error) {
	old := Retired{}
	if old.Key, err = ParseKey(words[0]); err != nil {
		return err
	}
	from, ok := strings.CutPrefix(words[1], "from=")
	if old.From, err = strconv.ParseUint(from, 10, 63); !ok || err != nil {
		return fmt.Errorf("%q: want from= and the number of a generation", words[1])
	}
	if _, twice := find(r.Retired, func(other Retired) bool { return other.Key == old.Key }); twice {
		return fmt.Errorf("the key %s is retired twice", old.Key.Fingerprint())
	}
	r.Retired = append(r.Retired, old)
	return nil
}
