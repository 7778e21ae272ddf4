// Package front reads front matter: what a page says of itself in TOML, at the head of its file.
package front

import (
	"bytes"
	"strings"
	"time"

	"tinycdn/zones/diag"
	"tinycdn/zones/tomlfile"
)

// Matter is what a page says of itself.
type Matter struct {
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

// Split parts a file into the TOML between its +++ lines and the text below. line is the number of the line that the
// text begins on. The TOML has an empty line in place of the opening one, so that its lines are those of the file.
func Split(data []byte) (toml, text []byte, line int, mistake string) {
	start := bytes.TrimPrefix(data, []byte("\ufeff"))
	first, below, _ := bytes.Cut(start, []byte("\n"))
	switch fence := string(bytes.TrimRight(first, " \t\r")); {
	case fence == "---":
		return nil, nil, 1, "YAML front matter is not read: write it as TOML between two lines of +++ (title = \"…\", date = 2026-01-31)"
	case fence != "+++":
		return nil, start, 1, ""
	}
	line = 2
	for at := below; len(at) > 0; line++ {
		content, after, _ := bytes.Cut(at, []byte("\n"))
		if string(bytes.TrimRight(content, " \t\r")) == "+++" {
			inside := below[:len(below)-len(at)]
			return append([]byte("\n"), inside...), after, line + 1, ""
		}
		at = after
	}
	return nil, nil, 1, "the front matter that begins with +++ has no +++ below it"
}

// Read reads the front matter of the file at path, and goes on after a mistake so that all are told at once.
func Read(path string, toml []byte) (Matter, []diag.Problem) {
	m := Matter{Extra: map[string]any{}, lines: map[string]int{}}
	doc, problem := tomlfile.Parse(path, toml)
	if problem != nil {
		return m, []diag.Problem{*problem}
	}
	var problems []diag.Problem
	fields := m.fields()
	for _, key := range doc.Root.Keys {
		node := doc.Node(key)
		m.lines[key] = node.Line
		field, known := fields[key]
		if !known {
			if near := diag.ClosestSpelling(key, ourKeys); near != "" && !othersKeys[key] {
				problems = append(problems, diag.Problem{File: path, Line: node.Line, Text: "unknown key " + quoted(key) +
					" (did you mean " + quoted(near) + "? what is your own goes into [extra])"})
				continue
			}
			m.Extra[key] = Value(node)
			continue
		}
		if err := set(field, node, checks[key]); err != nil {
			problems = append(problems, doc.Problem([]string{key}, "%v", err))
		}
	}
	return m, problems
}

// Line is the line of the first of these keys that the front matter has, or the first line of the file.
func (m *Matter) Line(keys ...string) int {
	for _, key := range keys {
		if line := m.lines[key]; line > 0 {
			return line
		}
	}
	return 1
}

func quoted(word string) string { return `"` + strings.ReplaceAll(word, `"`, `\"`) + `"` }

// Value is a node as templates see it: maps, lists and values.
func Value(n *tomlfile.Node) any {
	switch {
	case n.IsTable():
		table := make(map[string]any, len(n.Table))
		for key, value := range n.Table {
			table[key] = Value(value)
		}
		return table
	case n.Value == nil:
		list := make([]any, len(n.List))
		for i, value := range n.List {
			list[i] = Value(value)
		}
		return list
	}
	if t, ok := n.Value.(time.Time); ok {
		return universal(t)
	}
	return n.Value
}

// universal is a time that means the same on every machine: TOML's local dates come in the zone of the one that reads them.
func universal(t time.Time) time.Time {
	switch t.Location().String() {
	case "datetime-local", "date-local", "time-local":
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	}
	return t
}
