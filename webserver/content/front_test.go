package content

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestFrontMatterOfZolaAndHugoIsUnderstood(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name, front string
		want        front
	}{
		{"ours", `title = "T"
date = 2026-01-05
updated = 2026-01-05T18:30:00+02:00
draft = true
tags = ["a", " b "]
link = "https://example.com/"
weight = 3
[extra]
colour = "red"`, front{Title: "T", Date: day, Updated: time.Date(2026, 1, 5, 16, 30, 0, 0, time.UTC), Draft: true, Tags: []string{"a", "b"},
			Link: "https://example.com/", Weight: 3, Extra: map[string]any{"colour": "red"}}},
		{"Zola", `date = "2026-01-05"
path = "/x/"
aliases = ["/y"]
in_search_index = false
[taxonomies]
tags = ["a"]
`, front{Date: day, Path: "/x/", Aliases: []string{"/y"}, Tags: []string{"a"},
			Extra: map[string]any{"in_search_index": false, "taxonomies": map[string]any{"tags": []any{"a"}}}}},
		{"Hugo", `lastmod = 2026-01-05
url = "/x.html"
linkTitle = "L"
tags = "one"
[params]
list = [1, { a = 2026-01-05 }]`, front{Updated: day, Path: "/x.html", Tags: []string{"one"},
			Extra: map[string]any{"linkTitle": "L", "list": []any{int64(1), map[string]any{"a": day}}}}},
		{"of no program", `mastodon = "@me"`, front{Extra: map[string]any{"mastodon": "@me"}}},
	} {
		got, problems := readFront("p.md", []byte(test.front))
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
		{"another encoding", "+++\ntitle = 'T'\n+++\n\ncaf\xe9\n", `p.md:5: this is not UTF-8: save the file in that encoding`},
	} {
		_, problems := newSource("p.md", "p.md", fileInfo{}, []byte(test.text))
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
	_, problems := newSource("p.md", "p.md", fileInfo{}, []byte("+++\ntilte = ''\ndraft = 1\nweight = ''\n+++\n"))
	if len(problems) != 3 {
		t.Errorf("got %v, want three mistakes", problems)
	}
}

// A machine in another time zone reads TOML's local dates in its own zone.
func TestADateIsTheSameInEveryTimeZone(t *testing.T) {
	t.Parallel()
	got := settled(time.Date(2026, 1, 5, 0, 0, 0, 0, time.FixedZone("date-local", 9*3600)))
	if want := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAPageHasATitleInAnyCase(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ file, text, title, rest string }{
		{"a.md", "+++\ntitle = 'T'\n+++\n# H\n", "T", "# H\n"},
		{"a.md", "\n# The `heading` #\n\nText", "The heading", "\nText"},
		{"a.md", "# Learning C#\r\nText", "Learning C#", "Text"},
		{"my-first_post.md", "Text", "My first post", "Text"},
		{"öl.md", "Text", "Öl", "Text"},
		{"_index.md", "Text", "", "Text"},
	} {
		s, _ := newSource(test.file, test.file, fileInfo{}, []byte(test.text))
		if s.Title != test.title || string(s.text) != test.rest {
			t.Errorf("%s %q: got %q and %q", test.file, test.text, s.Title, s.text)
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
		toml, text, line, mistake := split(data)
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
		s, problems := newSource("a/p.md", "p.md", fileInfo{}, data)
		if (s == nil) != (len(problems) > 0) {
			t.Fatalf("neither a page nor a mistake, or both: %v", problems)
		}
		for _, p := range problems {
			if p.Line < 0 || p.Line > 1+bytes.Count(data, []byte("\n")) || strings.ContainsAny(p.Text, "\n\r") {
				t.Errorf("%q is no line of the file", p)
			}
		}
		if s != nil && (s.url == "" || s.url[0] != '/' || strings.HasPrefix(s.url, "//") || strings.ContainsFunc(s.url, isControl)) {
			t.Errorf("%q is the URL of nothing", s.url)
		}
	})
}
