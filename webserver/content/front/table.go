package front

import (
	"strings"
	"time"

	"tinycdn/zones/diag"
	"tinycdn/zones/tomlfile"
)

// Entry is a key of a table and its value, which is one that templates can use: a string, int64, float64, bool, time.Time,
// []any, map[string]any or nil.
type Entry struct {
	Key   string
	Line  int
	Value any
	Below map[string]int // the lines of the keys of Value, if that is a table
}

// Table reads a table of YAML, if the file's name says so, or of TOML.
func Table(path string, data []byte) ([]Entry, *diag.Problem) {
	return Block{data, strings.HasSuffix(path, ".yaml") || strings.HasSuffix(path, ".yml")}.table(path)
}

func (b Block) table(path string) ([]Entry, *diag.Problem) {
	if b.yaml {
		return yamlTable(path, b.data)
	}
	doc, problem := tomlfile.Parse(path, b.data)
	if problem != nil {
		return nil, problem
	}
	var list []Entry
	for _, key := range doc.Root.Keys {
		node := doc.Node(key)
		list = append(list, Entry{key, node.Line, value(node), linesBelow(node)})
	}
	return list, nil
}

// linesBelow are the lines of the keys of a table.
func linesBelow(n *tomlfile.Node) map[string]int {
	if !n.IsTable() {
		return nil
	}
	lines := make(map[string]int, len(n.Table))
	for key, v := range n.Table {
		lines[key] = v.Line
	}
	return lines
}

// value is a node of TOML as templates see it.
func value(n *tomlfile.Node) any {
	switch {
	case n.IsTable():
		table := make(map[string]any, len(n.Table))
		for key, v := range n.Table {
			table[key] = value(v)
		}
		return table
	case n.Value == nil:
		list := make([]any, len(n.List))
		for i, v := range n.List {
			list[i] = value(v)
		}
		return list
	}
	if t, ok := n.Value.(time.Time); ok {
		return universal(t)
	}
	return n.Value
}

// universal is a time that means the same on every machine: TOML's local dates come in the zone of the one that reads
// them. A time without a date is a text.
func universal(t time.Time) any {
	switch t.Location().String() {
	case "time-local":
		return t.Format(time.TimeOnly)
	case "datetime-local", "date-local":
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	}
	return t
}
