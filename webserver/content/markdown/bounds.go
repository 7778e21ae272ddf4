package markdown

import (
	"bytes"
	"fmt"
	"slices"
)

// Some texts take the reader of Markdown the square of their length, and would keep a processor busy for hours. No page
// that people read comes near these bounds: what does is something else that was pasted in.
const (
	// LongestText is the length of a file in bytes: most books are shorter.
	LongestText = 4 << 20
	// deepest is how many quotes and lists may lie within each other: a line costs a step for each.
	deepest = 100
	// mostMarks is how many brackets and marks of emphasis a paragraph may have: ten thousand take a tenth of a second.
	mostMarks = 10_000
	// mostColumns is how many columns a table may have: its rows are filled up to as many.
	mostColumns = 500
)

// Excess tells what a text has too much of, and in which of its lines, counted from 0; "": nothing.
func Excess(text []byte) (line int, mistake string) {
	var lists []int // columns of the marks of the lists that are open, the outermost first
	fenced, marks := false, 0
	for text := range bytes.Lines(text) {
		begin := openingOf(text)
		if len(begin.lists) > 0 {
			// A mark to the left of another ends the list of that.
			lists = slices.DeleteFunc(lists, func(column int) bool { return column >= begin.lists[0] })
			lists = append(lists, begin.lists...)
		}
		if depth := begin.quotes + len(lists); depth > deepest {
			return line, fmt.Sprintf("%d quotes and lists (> - * + 1.) within each other are more than %d: put text that is no Markdown into a file of its own", depth, deepest)
		}
		inside := text[begin.length:]
		fence := bytes.HasPrefix(inside, []byte("```")) || bytes.HasPrefix(inside, []byte("~~~"))
		fenced = fenced != fence
		if fence || fenced || len(inside) == 0 || len(begin.lists) > 0 || inside[0] == '|' {
			marks = 0 // of another paragraph, or row of a table
		}
		for _, c := range inside {
			switch c {
			case '[', ']', '*', '_', '~':
				marks++
			}
		}
		if marks > mostMarks && !fenced {
			return line, fmt.Sprintf("more than %d brackets and marks of emphasis are in this paragraph: put code between two lines of ```", mostMarks)
		}
		if columns := bytes.Count(inside, []byte("|")); columns > mostColumns && len(bytes.Trim(inside, "|-: \t\r\n")) == 0 {
			return line, fmt.Sprintf("this table has more than %d columns: split it", mostColumns)
		}
		line++
	}
	return 0, ""
}

// opening is how a line begins: with marks of quotes and lists, and spaces.
type opening struct {
	quotes int
	lists  []int // columns of their marks
	length int   // in bytes
}

func openingOf(line []byte) (o opening) {
	column := 0
	for o.length < len(line) {
		ahead := line[o.length:]
		mark := 1
		switch c := ahead[0]; {
		case c == '\t':
			column += 3 - column%4 // and one below
		case c == ' ', c == '\r', c == '\n':
		case c == '>':
			o.quotes++
		default:
			if mark = listMark(ahead); mark == 0 {
				return o
			}
			o.lists = append(o.lists, column)
		}
		column += mark
		o.length += mark
	}
	return o
}

// listMark is the length of the mark of a list that a text begins with; 0: it begins with none.
func listMark(text []byte) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	marks := "-*+"
	if n > 0 {
		marks = ".)"
	}
	if n == len(text) || bytes.IndexByte([]byte(marks), text[n]) < 0 {
		return 0
	}
	if n++; n < len(text) && bytes.IndexByte([]byte(" \t\r\n"), text[n]) < 0 {
		return 0
	}
	return n
}
