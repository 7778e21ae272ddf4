package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tinycdn/zones/tomlfile"
)

// Setting is one that is not as it was, by its key: "pops.syd.addresses".
type Setting struct {
	Key string `json:"key"`
	Was string `json:"was,omitempty"` // as TOML; "": it was not there
	Is  string `json:"is,omitempty"`  // "": it is no longer there
}

// String says it in words.
func (s Setting) String() string {
	switch {
	case s.Was == "" && s.Is == aTable:
		return "+ " + s.Key
	case s.Is == "" && s.Was == aTable:
		return "- " + s.Key
	case s.Was == "":
		return "+ " + s.Key + " = " + s.Is
	case s.Is == "":
		return "- " + s.Key + " = " + s.Was
	}
	return s.Key + ": " + s.Was + " -> " + s.Is
}

// aTable is a whole table, such as that of a POP, of which only the name is told.
const aTable = "{...}"

// Diff says which settings differ in the files of two configurations, in the order of their keys. What is written otherwise and means
// the same is no difference if TOML sees none; nor is the order of keys, unless it is that of POPs, which decides between equals.
func Diff(was, is *Config) (list []Setting) {
	d := settingsDiff{}
	d.tables(nil, was.doc.Root, is.doc.Root)
	if a, b := names(was.doc.Node("pops")), names(is.doc.Node("pops")); !slices.Equal(a, b) && sameNames(a, b) {
		d.list = append(d.list, Setting{"pops", strings.Join(a, ", "), strings.Join(b, ", ")})
	}
	return d.list
}

func names(table *tomlfile.Node) []string {
	if table == nil {
		return nil
	}
	return table.Keys
}

func sameNames(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

type settingsDiff struct{ list []Setting }

// tables compares key by key.
func (d *settingsDiff) tables(at []string, was, is *tomlfile.Node) {
	keys := slices.Concat(was.Keys, is.Keys)
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		d.compare(append(slices.Clip(at), key), was.Table[key], is.Table[key])
	}
}

func (d *settingsDiff) compare(at []string, was, is *tomlfile.Node) {
	switch {
	case was != nil && is != nil && was.IsTable() && is.IsTable():
		d.tables(at, was, is)
		return
	case was != nil && is != nil && len(was.List) == len(is.List) && tablesAlone(was) && tablesAlone(is):
		for i := range was.List {
			d.tables(append(slices.Clip(at), strconv.Itoa(i)), was.List[i], is.List[i])
		}
		return
	}
	if a, b := valueText(was), valueText(is); a != b {
		a, b = brief(was, a), brief(is, b)
		if slices.Equal(at, webhooks) {
			a, b = hide(a), hide(b)
		}
		d.list = append(d.list, Setting{tomlfile.KeyName(at), a, b})
	}
}

// webhooks are told to nobody: who knows the URL of one may write there, and what publish says is read in the logs of a CI.
var webhooks = []string{"health", "notify"}

func hide(value string) string {
	if value == "" {
		return ""
	}
	return "(hidden)"
}

// tablesAlone says whether a node is a list of tables, such as the rules of a map.
func tablesAlone(n *tomlfile.Node) bool {
	return len(n.List) > 0 && !slices.ContainsFunc(n.List, func(one *tomlfile.Node) bool { return !one.IsTable() })
}

// brief is the text of a value that fits a line beside others.
func brief(n *tomlfile.Node, text string) string {
	const most = 80
	switch {
	case n == nil:
		return ""
	case n.IsTable():
		return aTable
	case len(text) > most:
		return strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}

// valueText writes a value, printable and in one line; equal ones alike.
func valueText(n *tomlfile.Node) string {
	if n == nil {
		return ""
	}
	switch value := n.Value.(type) {
	case string:
		return strconv.Quote(value)
	case time.Time:
		return value.Format(time.RFC3339Nano)
	case nil:
		var parts []string
		if n.IsTable() {
			for _, key := range slices.Sorted(slices.Values(n.Keys)) {
				parts = append(parts, tomlfile.KeyName([]string{key})+" = "+valueText(n.Table[key]))
			}
			return "{ " + strings.Join(parts, ", ") + " }"
		}
		for _, one := range n.List {
			parts = append(parts, valueText(one))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprint(n.Value)
}
