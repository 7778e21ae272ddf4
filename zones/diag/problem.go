// Package diag says what is wrong with files, in sentences that an operator can act on.
package diag

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
)

// Problem is one mistake in a file, as a sentence an operator can act on.
type Problem struct {
	File string
	Line int // 0 where the whole file is meant
	Text string
	More int // so many others like it are not told
}

func (p Problem) String() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s", p.File, p.Text)
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
}

func (p Problem) Error() string { return p.String() }

// Sort puts problems in the order of files and lines.
func Sort(list []Problem) {
	slices.SortStableFunc(list, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line)
	})
}

// Reason is what went wrong with a file, without its path, which a Problem has already.
func Reason(err error) string {
	var in *fs.PathError
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Sprintf("permission denied: %s may not read it (see: ls -l, chmod, chown)", reader())
	}
	if errors.As(err, &in) {
		return in.Err.Error()
	}
	return err.Error()
}

// reader is who we are.
func reader() string {
	id := strconv.Itoa(os.Geteuid())
	if u, err := user.LookupId(id); err == nil {
		return "user " + u.Username
	}
	return "user " + id
}
