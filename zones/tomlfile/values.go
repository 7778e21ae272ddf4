package tomlfile

import (
	"fmt"

	"github.com/BurntSushi/toml"
)

// pieceSize is how much text the library decodes at a time, where it may: it takes a hundred bytes for each of a zone's.
const pieceSize = 64 << 10

// piece is a part of a file that is TOML by itself.
type piece struct {
	header string // of the table that the text is in; "": the text begins with a header, or with the file
	text   string
}

// fill lets the library decode the text, and puts the values into the places that the scanner found for them.
func (s *scanner) fill(root *Node, whole string) error {
	if s.apart {
		filled := true
		for _, p := range s.pieces() {
			values, err := decode(p.header + p.text)
			if filled = err == nil; !filled {
				break // what is wrong, and where, the whole tells better
			}
			root.fill(values)
		}
		if filled {
			return nil
		}
	}
	values, err := decode(whole)
	if err == nil {
		root.fill(values)
	}
	return err
}

// pieces cuts the text where statements begin.
func (s *scanner) pieces() (list []piece) {
	last := cut{}
	for _, c := range append(s.cuts, cut{at: len(s.text)}) {
		list = append(list, piece{last.header, s.text[last.at:c.at]})
		last = c
	}
	return list
}

// cut is a place where a piece may begin.
type cut struct {
	at     int
	header string // of the table whose keys follow, with the line's end
}

// decode lets the library decode. Should it ever panic, that costs this file and not the process.
func decode(text string) (values map[string]any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the TOML library cannot read this: %v", r)
		}
	}()
	_, err = toml.Decode(text, &values)
	return values, err
}
