// Package front reads front matter: what a page says of itself in TOML or YAML, at the head of its file.
package front

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tinycdn/zones/diag"
)

// Matter is what a page says of itself.
type Matter struct {
	Title, Description, Summary, Language string
	Slug, Path                            string // the last part of the URL, or the whole of it
	Template                              string
	Link                                  string // where the title leads to, in a link blog
	CacheControl                          string
	Date, Updated                         time.Time
	Aliases, Tags                         []string
	Weight                                int
	Extra                                 map[string]any // what is not ours

	Hold  Hold // of the page, and of a section's all that is in it
	Below Hold // Hugo's cascade: of a section and all that is in it, where they do not say otherwise

	SortBy     string // of a section
	PaginateBy int

	lines map[string]int // of the keys, in small letters
}

// Hold says when a page is served, and where. What is nil or zero is not said.
type Hold struct {
	Draft    *bool
	Hidden   *bool     // it has no page of its own
	Unlisted *bool     // it is in no list
	Publish  time.Time // from then on it is served
	Expiry   time.Time // from then on it is not
}

// Or is h with what it does not say as above says it.
func (h Hold) Or(above Hold) Hold {
	return Hold{
		cmp.Or(h.Draft, above.Draft), cmp.Or(h.Hidden, above.Hidden), cmp.Or(h.Unlisted, above.Unlisted),
		cmp.Or(h.Publish, above.Publish), cmp.Or(h.Expiry, above.Expiry),
	}
}

// Read reads the front matter of the file at path, and goes on after a mistake so that all are told at once. Only what
// keeps us from telling a page's URL, or whether it is to be served, is a mistake. All else is a note, and counts as if it
// were not said.
func Read(path string, block Block) (m Matter, mistakes, notes []diag.Problem) {
	m = Matter{Extra: map[string]any{}, lines: map[string]int{}}
	table, problem := block.table(path)
	if problem != nil {
		return m, []diag.Problem{*problem}, nil
	}
	keys := m.keys()
	for _, e := range table {
		name := strings.ToLower(e.Key) // Hugo's keys have no case
		tell := func(mistake bool, format string, args ...any) {
			p := diag.Problem{File: path, Line: e.Line, Text: oneLine(fmt.Sprintf(format, args...))}
			if mistake {
				mistakes = append(mistakes, p)
			} else {
				notes = append(notes, p)
			}
		}
		set, known := keys[name]
		switch {
		case m.lines[name] > 0:
			tell(decides[name], "%s is said twice (in line %d, too)", e.Key, m.lines[name])
			continue
		case !known && holdsPerhaps(name, e.Value):
			tell(true, "unknown key %s (did you mean \"draft\"?)", quoted(e.Key))
		case !known:
			if near := diag.ClosestSpelling(name, ourKeys); near != "" && !othersKeys[name] {
				tell(false, "unknown key %s (did you mean %s? what is your own goes into [extra])", quoted(e.Key), quoted(near))
			}
			if noEffect[name] {
				tell(false, "%s has no effect here: the page is served as if it were not said", quoted(e.Key))
			}
			m.Extra[e.Key] = e.Value
		default:
			if err := set(e.Value); err != nil {
				tell(decides[name], "%s: %v", e.Key, err)
			}
		}
		m.lines[name] = e.Line
	}
	return m, mistakes, append(notes, m.takeLink(path, table)...)
}

// takeLink takes the link of a page that says it where Zola and Hugo want what is not theirs.
func (m *Matter) takeLink(path string, table []Entry) (notes []diag.Problem) {
	for _, e := range table {
		own, _ := e.Value.(map[string]any)
		if name := strings.ToLower(e.Key); name != "extra" && name != "params" {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(own)) {
			if !strings.EqualFold(key, "link") || m.Link != "" {
				continue
			}
			if err := toWord(&m.Link, checkLink)(own[key]); err != nil {
				line := cmp.Or(e.Below[key], e.Line)
				notes = append(notes, diag.Problem{File: path, Line: line, Text: oneLine(fmt.Sprintf("%s.%s: %v", e.Key, key, err))})
			}
		}
	}
	return notes
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

// holdsPerhaps says whether a key is all but "draft", and its value not "no": whether the page is held back cannot be told.
func holdsPerhaps(name string, v any) bool {
	if othersKeys[name] || len(name) < 4 || len(name) > 6 || diag.ClosestSpelling(name, []string{"draft"}) == "" {
		return false
	}
	held, err := truth(v)
	return err == nil && held
}

func quoted(word string) string { return `"` + strings.ReplaceAll(word, `"`, `\"`) + `"` }

// oneLine is a text as it may stand in a line of the log.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if isControl(r) {
			return ' '
		}
		return r
	}, text)
}

func lines(data []byte) int { return strings.Count(string(data), "\n") }
