// Package tomlfile reads TOML into Go values and says, of every mistake, where it stands.
package tomlfile

import "fmt"

// Problem is one mistake in a file, as a sentence an operator can act on.
type Problem struct {
	File string
	Line int // 0 where the whole file is meant
	Text string
}

func (p Problem) String() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s", p.File, p.Text)
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
}

func (p Problem) Error() string { return p.String() }
