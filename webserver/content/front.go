package content

import (
	"bytes"
	"strings"
	"time"

	"tinycdn/zones/diag"
	"tinycdn/zones/tomlfile"
)

// front is what a page says of itself between the +++ lines at its head.
type front struct {
	Title, Description, Summary, Language string
	Slug, Path                            string // the last part of the URL, or the whole of it
	Template                              string
	Link                                  string // where the title leads to, in a link blog
	CacheControl                          string
	Date, Updated                         time.Time
	Draft                                 bool
	Aliases, Tags                         []string
	Weight                                int
	Extra                                 map[string]any // what is not ours

	SortBy     string // of a section
	PaginateBy int

	lines map[string]int // of the keys
}

// split parts a file into the TOML between its +++ lines and the text below. line is the number of the line that the
// text begins on. The TOML has an empty line in place of the opening one, so that its lines are those of the file.
func split(data []byte) (toml, text []byte, line int, mistake string) {
	start := bytes.TrimPrefix(data, []byte("\ufeff"))
	first, rest := cutLine(start)
	switch fence := string(bytes.TrimRight(first, " \t\r")); {
	case fence == "---":
		return nil, nil, 1, "YAML front matter is not read: write it as TOML between two lines of +++ (title = \"…\", date = 2026-01-31)"
	case fence != "+++":
		return nil, start, 1, ""
	}
	line = 2
	for at := rest; len(at) > 0; line++ {
		content, below := cutLine(at)
		if string(bytes.TrimRight(content, " \t\r")) == "+++" {
			inside := rest[:len(rest)-len(at)]
			return append([]byte("\n"), inside...), below, line + 1, ""
		}
		at = below
	}
	return nil, nil, 1, "the front matter that begins with +++ has no +++ below it"
}

// cutLine parts the first line from the rest, without its line end.
func cutLine(data []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(data, []byte("\n"))
	return line, rest
}

// readFront reads the front matter of the file at path, and goes on after a mistake so that all are told at once.
func readFront(path string, toml []byte) (front, []diag.Problem) {
	f := front{Extra: map[string]any{}, lines: map[string]int{}}
	doc, problem := tomlfile.Parse(path, toml)
	if problem != nil {
		return f, []diag.Problem{*problem}
	}
	var problems []diag.Problem
	for _, key := range doc.Keys() {
		node := doc.Node(key)
		f.lines[key] = node.Line
		set, known := frontKeys[key]
		if !known {
			if near := diag.ClosestSpelling(key, ourKeys); near != "" && !othersKeys[key] {
				problems = append(problems, diag.Problem{File: path, Line: node.Line, Text: "unknown key " + quoted(key) +
					" (did you mean " + quoted(near) + "? what is your own goes into [extra])"})
				continue
			}
			f.Extra[key] = plain(node)
			continue
		}
		if err := set(&f, node); err != nil {
			problems = append(problems, doc.Problem([]string{key}, "%v", err))
		}
	}
	return f, problems
}

func quoted(word string) string { return `"` + strings.ReplaceAll(word, `"`, `\"`) + `"` }

// plain is a node as templates see it: maps, lists and values.
func plain(n *tomlfile.Node) any {
	switch {
	case n.IsTable():
		table := make(map[string]any, len(n.Table))
		for key, value := range n.Table {
			table[key] = plain(value)
		}
		return table
	case n.Value == nil:
		list := make([]any, len(n.List))
		for i, value := range n.List {
			list[i] = plain(value)
		}
		return list
	}
	if t, ok := n.Value.(time.Time); ok {
		return settled(t)
	}
	return n.Value
}

// settled is a time that means the same on every machine: TOML's local dates come in the zone of the one that reads them.
func settled(t time.Time) time.Time {
	switch t.Location().String() {
	case "datetime-local", "date-local", "time-local":
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	}
	return t
}
