package front

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"tinycdn/zones/diag"
)

func TestFrontMatterOfZolaAndHugoIsUnderstood(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name, front string
		want        Matter
	}{
		{"ours", `title = "T"
date = 2026-01-05
updated = 2026-01-05T18:30:00+02:00
draft = true
tags = ["a", " b "]
link = "https://example.com/"
weight = 3
[extra]
colour = "red"`, Matter{Title: "T", Date: day, Updated: time.Date(2026, 1, 5, 16, 30, 0, 0, time.UTC), Draft: true, Tags: []string{"a", "b"},
			Link: "https://example.com/", Weight: 3, Extra: map[string]any{"colour": "red"}}},
		{"Zola", `date = "2026-01-05"
path = "/x/"
aliases = ["/y"]
in_search_index = false
[taxonomies]
tags = ["a"]
`, Matter{Date: day, Path: "/x/", Aliases: []string{"/y"}, Tags: []string{"a"},
			Extra: map[string]any{"in_search_index": false, "taxonomies": map[string]any{"tags": []any{"a"}}}}},
		{"Hugo", `lastmod = 2026-01-05
url = "/x.html"
linkTitle = "L"
tags = "one"
[params]
list = [1, { a = 2026-01-05 }]`, Matter{Updated: day, Path: "/x.html", Tags: []string{"one"},
			Extra: map[string]any{"linkTitle": "L", "list": []any{int64(1), map[string]any{"a": day}}}}},
		{"of no program", `mastodon = "@me"`, Matter{Extra: map[string]any{"mastodon": "@me"}}},
	} {
		got, problems := Read("p.md", []byte(test.front))
		if len(problems) > 0 {
			t.Errorf("%s: %v", test.name, problems)
		}
		got.lines = nil
		got.Updated = got.Updated.UTC()
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", test.name, got, test.want)
		}
	}
}

// parse reads the front matter of a file.
func parse(data []byte) (Matter, []diag.Problem) {
	toml, _, line, mistake := Split(data)
	if mistake != "" {
		return Matter{}, []diag.Problem{{File: "p.md", Line: line, Text: mistake}}
	}
	return Read("p.md", toml)
}

func TestEveryMistakeInFrontMatterHasItsLine(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"misspelt key", "+++\ntitle = 'T'\ntilte = 'x'\n+++\n", `p.md:3: unknown key "tilte" (did you mean "title"? what is your own goes into [extra])`},
		{"no date", "+++\ndate = 'yesterday'\n+++\n", `p.md:2: date: want a date like 2026-01-31 or 2026-01-31T18:30:00Z`},
		{"time without a date", "+++\ndate = 12:30:00\n+++\n", `p.md:2: date: want a date like 2026-01-31 or 2026-01-31T18:30:00Z`},
		{"number for a title", "+++\r\n\r\ntitle = 5\r\n+++\r\n", `p.md:3: title: want a string, not a whole number`},
		{"string for a switch", "+++\ndraft = 'no'\n+++\n", `p.md:2: draft: want true or false, not a string`},
		{"string for a number", "+++\nweight = '1'\n+++\n", `p.md:2: weight: want a whole number, not a string`},
		{"number among tags", "+++\ntags = ['a', 1]\n+++\n", `p.md:2: tags: want a list of strings, but a whole number is in it`},
		{"two parts of a path", "+++\nslug = 'a/b'\n+++\n", `p.md:2: slug: "a/b" is not one part of a path`},
		{"way out", "+++\npath = '/../etc/'\n+++\n", `p.md:2: path: "/../etc/" is not the path of a URL`},
		{"alias on another host", "+++\naliases = ['//evil.example/x']\n+++\n", ``},
		{"line end in a header", "+++\ncache_control = \"a\\r\\nb\"\n+++\n", `p.md:2: cache_control: want one line`},
		{"link to a script", "+++\nlink = 'javascript:alert(1)'\n+++\n", `p.md:2: link: "javascript:alert(1)" is not a URL like "https://example.org/"`},
		{"order", "+++\nsort_by = 'size'\n+++\n", `p.md:2: sort_by: want "date", "title" or "weight", not "size"`},
		{"broken TOML", "+++\ntitle = 'T'\ndate = \n+++\n", `p.md:3: expected value but found '\n' instead (after key date)`},
		{"never closed", "+++\ntitle = 'T'\n", `p.md:1: the front matter that begins with +++ has no +++ below it`},
		{"YAML", "---\ntitle: T\n---\n", "p.md:1: YAML front matter is not read: write it as TOML between two lines of +++ (title = \"…\", date = 2026-01-31)"},
	} {
		_, problems := parse([]byte(test.text))
		got := ""
		if len(problems) > 0 {
			got = problems[0].String()
		}
		if len(problems) > 1 || got != test.want {
			t.Errorf("%s:\ngot  %v\nwant %s", test.name, problems, test.want)
		}
	}
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	t.Parallel()
	_, problems := parse([]byte("+++\ntilte = ''\ndraft = 1\nweight = ''\n+++\n"))
	if len(problems) != 3 {
		t.Errorf("got %v, want three mistakes", problems)
	}
}

// A machine in another time zone reads TOML's local dates in its own zone.
func TestADateIsTheSameInEveryTimeZone(t *testing.T) {
	t.Parallel()
	got := universal(time.Date(2026, 1, 5, 0, 0, 0, 0, time.FixedZone("date-local", 9*3600)))
	if want := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestREADMENamesEveryKey(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range ourKeys {
		if !bytes.Contains(text, []byte("`"+key+"`")) {
			t.Errorf("the key %q is not in it", key)
		}
	}
}

func TestAKeyHasItsLine(t *testing.T) {
	t.Parallel()
	m, _ := parse([]byte("+++\n\nslug = 'a'\ntitle = 'b'\n+++\n"))
	for want, keys := range map[int][]string{1: {"path", "url"}, 3: {"path", "slug", "title"}, 4: {"title", "slug"}} {
		if got := m.Line(keys...); got != want {
			t.Errorf("%v: got line %d, want %d", keys, got, want)
		}
	}
}

// FuzzFrontMatter reads any bytes: the text is the end of the file, begins on the line that is said, and mistakes lie
// within the file.
func FuzzFrontMatter(f *testing.F) {
	for _, seed := range []string{
		"+++\ntitle = 'T'\n+++\ntext", "\ufeff+++\r\ndate = 2026-01-01\r\n+++\r\n", "---\na: b\n---\n", "+++\n+++", "+++", "+++\naliases = ['/a', '//b']\n+++\n# H",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		toml, text, line, mistake := Split(data)
		if mistake == "" {
			if !bytes.HasSuffix(data, text) {
				t.Fatalf("the text %q is not the end of the file", text)
			}
			if want := 1 + bytes.Count(data[:len(data)-len(text)], []byte("\n")); line != want && len(text) > 0 {
				t.Fatalf("the text begins on line %d, not %d", want, line)
			}
			if len(toml) > len(data) {
				t.Fatal("more TOML than file")
			}
		}
		_, problems := parse(data)
		for _, p := range problems {
			if p.Line < 0 || p.Line > 1+bytes.Count(data, []byte("\n")) || strings.ContainsAny(p.Text, "\n\r") {
				t.Errorf("%q is no line of the file", p)
			}
		}
	})
}
