// Package hostfiles reads what a finished site tells the host that it was made for: in _redirects where paths lead, in
// _headers what fields they have. What a host of that kind passes over is a note here, and so is what is not done.
package hostfiles

import (
	"fmt"
	"iter"
	"strings"

	"tinycdn/zones/diag"
)

// The names of the files, in the root of a site.
const (
	RedirectsName = "_redirects"
	HeadersName   = "_headers"
)

const (
	// LongestFile is how much of a file is read: 20 times as much as the longest that were found.
	LongestFile = 1 << 20
	// mostRules of a file: a path that is nowhere is held against all those that are patterns.
	mostRules = 10_000
)

// notes are of one file. Those that somebody must not overlook come first.
type notes struct {
	file       string
	first, few diag.FewProblems
}

func (n *notes) add(line int, format string, args ...any) {
	n.few.Add(diag.Problem{File: n.file, Line: line, Text: fmt.Sprintf(format, args...)})
}

func (n *notes) warn(line int, format string, args ...any) {
	n.first.Add(diag.Problem{File: n.file, Line: line, Text: fmt.Sprintf(format, args...)})
}

func (n *notes) all() []diag.Problem { return append(n.first.All(), n.few.All()...) }

// lines gives the lines of a file that say something, by their numbers and without white space around them.
func (n *notes) lines(text string) iter.Seq2[int, string] {
	text = strings.TrimPrefix(text, "\ufeff")
	if len(text) > LongestFile {
		text = text[:strings.LastIndexByte(text[:LongestFile], '\n')+1]
		n.add(strings.Count(text, "\n")+1, "the file is longer than 1 MB; it is read up to here")
	}
	return func(yield func(int, string) bool) {
		number := 0
		for line := range strings.SplitSeq(text, "\n") {
			number++
			line = strings.TrimSpace(line)
			if line == "" || line[0] == '#' {
				continue
			}
			if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
				n.add(number, "a control character is in this line (is the file plain text in UTF-8?); it is left out")
				continue
			}
			if !yield(number, line) {
				return
			}
		}
	}
}
