package front

import (
	"bytes"
	"fmt"
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
	day, later := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 5, 16, 30, 0, 0, time.UTC)
	yes, no := true, false
	for _, test := range []struct {
		name, text string
		want       Matter
	}{
		{"ours", `+++
title = "T"
date = 2026-01-05
updated = 2026-01-05T18:30:00+02:00
draft = true
tags = ["a", " b "]
link = "https://example.com/"
weight = 3
[extra]
colour = "red"
+++`, Matter{Title: "T", Date: day, Updated: later, Hold: Hold{Draft: &yes}, Tags: []string{"a", "b"},
			Link: "https://example.com/", Weight: 3, Extra: map[string]any{"colour": "red"}}},
		{"Zola", `+++
date = "2026-01-05"
path = "/x/"
aliases = ["/y"]
in_search_index = false
render = false
[taxonomies]
tags = ["a"]
+++`, Matter{Date: day, Path: "/x/", Aliases: []string{"/y"}, Tags: []string{"a"}, Hold: Hold{Hidden: &yes},
			Extra: map[string]any{"in_search_index": false, "taxonomies": map[string]any{"tags": []any{"a"}}}}},
		{"Hugo", `+++
LastMod = 2026-01-05
URL = "/x.html"
linkTitle = "L"
tags = "one"
PublishDate = "Mon, 05 Jan 2026 18:30:00 +0200"
unpublishdate = 2026-01-05
[params]
list = [1, { a = 2026-01-05 }]
+++`, Matter{Updated: day, Path: "/x.html", Tags: []string{"one"}, Hold: Hold{Publish: later, Expiry: day},
			Extra: map[string]any{"linkTitle": "L", "list": []any{int64(1), map[string]any{"a": day}}}}},
		{"Hugo in YAML", `---
# of a theme
title: "A: b"
date: 2026-01-05 18:30:00 +0200
draft: no
Tags: [a, 2024]
categories:
  - c
build: { list: never }
cascade:
  - draft: true
    _target: { kind: page }
cover:
  image: &i x.png
  again: *i
---`, Matter{Title: "A: b", Date: later, Hold: Hold{Draft: &no, Unlisted: &yes}, Below: Hold{Draft: &yes}, Tags: []string{"a", "2024"},
			Extra: map[string]any{"categories": []any{"c"}, "cover": map[string]any{"image": "x.png", "again": "x.png"}}}},
		{"empty values", "---\ntitle:\ndate:\ndraft:\ntags:\nbuild:\ncascade:\nextra:\ntaxonomies:\nweight:\naliases: ~\npublished:\n---", Matter{}},
		{"Jekyll", "---\nlayout: post\npublished: no\n---", Matter{Hold: Hold{Draft: &yes}, Extra: map[string]any{"layout": "post"}}},
		{"what converters and archetypes make", `+++
title = 2024
slug = 12
weight = "3"
draft = "false"
date = ""
link = ""
path = ""
template = ""
aliases = []
math = true
paginate_by = 0
+++`, Matter{Title: "2024", Slug: "12", Weight: 3, Hold: Hold{Draft: &no}, Extra: map[string]any{"math": true}}},
		{"nothing", "---\n---\n", Matter{}},
		{"of no program", "+++\nmastodon = '@me'\n+++", Matter{Extra: map[string]any{"mastodon": "@me"}}},
	} {
		got, mistakes, notes := parse([]byte(test.text))
		if len(mistakes)+len(notes) > 0 {
			t.Errorf("%s: %v, %v", test.name, mistakes, notes)
		}
		if test.want.Extra == nil {
			test.want.Extra = map[string]any{}
		}
		got.lines = nil
		got.Date, got.Updated, got.Hold.Publish = got.Date.UTC(), got.Updated.UTC(), got.Hold.Publish.UTC()
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", test.name, got, test.want)
		}
	}
}

// parse reads the front matter of a file.
func parse(data []byte) (Matter, []diag.Problem, []diag.Problem) {
	block, _, line, mistake := Split(data)
	if mistake != "" {
		return Matter{}, []diag.Problem{{File: "p.md", Line: line, Text: mistake}}, nil
	}
	return Read("p.md", block)
}

func TestDatesAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	day, evening := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 31, 18, 30, 0, 0, time.UTC)
	abroad := evening.Add(-time.Hour)
	for text, want := range map[string]time.Time{
		"2026-01-31": day, "2026-1-31": day, "31 Jan 2026": day, "January 31, 2026": day,
		"2026-01-31T18:30:00": evening, "2026-01-31 18:30": evening, "2026-01-31T18:30Z": evening, "2026-01-31 18:30:00 UTC": evening,
		"2026-01-31T18:30:00+01:00": abroad, "2026-01-31T18:30:00+0100": abroad, "2026-01-31 18:30:00 +0100": abroad,
		"2026-01-31 18:30:00.5 +01:00": abroad.Add(time.Second / 2), "2026-01-31 18:30:00+01:00": abroad,
		"Sat, 31 Jan 2026 18:30:00 +0100": abroad, "Sat, 31 Jan 2026 18:30:00 GMT": evening, "": {},
	} {
		if got, err := date(text); err != nil || !got.Equal(want) {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
	for _, bad := range []any{"2026/01/31", "yesterday", "12:30:00", "2026-13-01", "2026", int64(2026), true, []any{}} {
		if got, err := date(bad); err == nil {
			t.Errorf("%v: got %v", bad, got)
		}
	}
}

func TestMistakesAreWhatHidesAPageAndNotesAllElse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, mistake, note string }{
		{"misspelt key", "+++\ntitle = 'T'\ntilte = 'x'\n+++\n", "", `p.md:3: unknown key "tilte" (did you mean "title"? what is your own goes into [extra])`},
		{"misspelt draft", "+++\ndarft = true\n+++\n", `p.md:2: unknown key "darft" (did you mean "draft"?)`, ""},
		{"no draft", "+++\nisDraft = true\n+++\n", "", ""},
		{"no date", "+++\ndate = 'yesterday'\n+++\n", `p.md:2: date: want a date like 2026-01-31 or 2026-01-31T18:30:00Z`, ""},
		{"time without a date", "+++\ndate = 12:30:00\n+++\n", `p.md:2: date: want a date like 2026-01-31 or 2026-01-31T18:30:00Z`, ""},
		{"no date of a change", "+++\nlastmod = 'yesterday'\n+++\n", "", `p.md:2: lastmod: want a date like 2026-01-31 or 2026-01-31T18:30:00Z`},
		{"list for a title", "+++\r\n\r\ntitle = []\r\n+++\r\n", "", `p.md:3: title: want a text, not a list`},
		{"text for a switch", "+++\ndraft = 'perhaps'\n+++\n", `p.md:2: draft: want true or false, not "perhaps"`, ""},
		{"text for a number", "+++\nweight = 'heavy'\n+++\n", "", `p.md:2: weight: want a whole number, not "heavy"`},
		{"part of a number", "+++\nweight = 1.5\n+++\n", "", `p.md:2: weight: want a whole number: 1.5 counts as 1`},
		{"table among tags", "+++\ntags = ['a', {}]\n+++\n", "", `p.md:2: tags: want a text, not a table`},
		{"two parts of a path", "+++\nslug = 'a/b'\n+++\n", `p.md:2: slug: "a/b" is not one part of a path`, ""},
		{"way out", "+++\npath = '/../etc/'\n+++\n", `p.md:2: path: "/../etc/" is not the path of a URL`, ""},
		{"pattern", "+++\nurl = '/:year/:slug/'\n+++\n", `p.md:2: url: "/:year/:slug/" is a pattern of Hugo, which is not read: write the URL itself`, ""},
		{"alias on another host", "+++\naliases = ['https://example.com/x']\n+++\n", "", `p.md:2: aliases: "https://example.com/x" is not a path on this site: write /old/`},
		{"alias with a query", "+++\naliases = ['/a?b']\n+++\n", "", `p.md:2: aliases: "/a?b": an alias is a path, without ? and #`},
		{"line end in a header", "+++\ncache_control = \"a\\r\\nb\"\n+++\n", "", `p.md:2: cache_control: want one line`},
		{"link to a script", "+++\nlink = 'javascript:alert(1)'\n+++\n", "", `p.md:2: link: "javascript:alert(1)" is not a URL like "https://example.org/"`},
		{"link without a host", "+++\nlink = 'https:///x'\n+++\n", "", `p.md:2: link: "https:///x" is not a URL like "https://example.org/"`},
		{"link that is a word", "+++\nlink = 'example.org/x'\n+++\n", "", `p.md:2: link: "example.org/x" is not a URL like "https://example.org/"`},
		{"link in a table", "+++\ntitle = 'T'\n\n[extra]\na = 1\nlink = 'javascript:alert(1)'\n+++\n", "", `p.md:6: extra.link: "javascript:alert(1)" is not a URL like "https://example.org/"`},
		{"link in a table of YAML", "---\nparams:\n  a: 1\n  Link: [1]\n---\n", "", `p.md:4: params.Link: want a text, not a list`},
		{"order", "+++\nsort_by = 'size'\n+++\n", "", `p.md:2: sort_by: want "date", "update_date", "title", "weight", "slug", "permalink" or "none", not "size"`},
		{"key of another program", "+++\nredirect_to = 'x'\n+++\n", "", `p.md:2: "redirect_to" has no effect here: the page is served as if it were not said`},
		{"a key in two ways", "+++\ntitle = 'a'\nTitle = 'b'\n+++\n", "", `p.md:3: Title is said twice (in line 2, too)`},
		{"a key of the URL in two ways", "---\nslug: a\nSlug: b\n---\n", `p.md:3: Slug is said twice (in line 2, too)`, ""},
		{"build", "+++\n[build]\nrender = 'sometimes'\n+++\n", `p.md:2: build: render: want "always", "never" or "link", not "sometimes"`, ""},
		{"broken TOML", "+++\ntitle = 'T'\ndate = \n+++\n", `p.md:3: expected value but found '\n' instead (after key date)`, ""},
		{"never closed", "+++\ntitle = 'T'\n", `p.md:1: the front matter that begins with +++ has no +++ below it`, ""},
		{"YAML never closed", "---\ntitle: T\n", `p.md:1: the front matter that begins with --- has no --- below it`, ""},
		{"broken YAML", "---\nok: 1\ntitle: a: b\n---\n", `p.md:3: YAML: mapping values are not allowed in this context (a text with a colon or a # in it stands in quotes; indent with spaces)`, ""},
		{"TOML between lines of YAML", "---\ntitle = 'a'\n---\n", `p.md:2: this is TOML, which stands between two lines of +++ (or write YAML: title: …)`, ""},
		{"JSON", "{\n\"title\": \"T\"\n}\n", "p.md:1: JSON front matter is not read: write it as TOML between two lines of +++ (title = \"…\"), or as YAML between two of --- (title: …)", ""},
	} {
		_, mistakes, notes := parse([]byte(test.text))
		for _, got := range []struct {
			list []diag.Problem
			want string
		}{{mistakes, test.mistake}, {notes, test.note}} {
			var all []string
			for _, p := range got.list {
				all = append(all, p.String())
			}
			if said := strings.Join(all, "; "); said != got.want {
				t.Errorf("%s:\ngot  %s\nwant %s", test.name, said, got.want)
			}
		}
	}
}

func TestAllIsToldAtOnce(t *testing.T) {
	t.Parallel()
	_, mistakes, notes := parse([]byte("+++\ntilte = ''\ndraft = 'x'\nweight = 'y'\ndate = 1\n+++\n"))
	if len(mistakes) != 2 || len(notes) != 2 {
		t.Errorf("got %v and %v, want two of each", mistakes, notes)
	}
}

func TestALineAcrossThePageIsText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"---\n\ntext after a rule\n", "---\ntext\n\n---\nmore", "---", "---\n", "---\n\nNote: nothing ends this", "--- \n- a list\n---\n",
		"{{< shortcode >}}", "{not JSON}", "text\n---\n",
	} {
		matter, below, line, mistake := Split([]byte(text))
		if string(below) != text || line != 1 || mistake != "" || matter.data != nil {
			t.Errorf("%q: got %q below %q from line %d, %s", text, below, matter.data, line, mistake)
		}
	}
	for _, text := range []string{"\ufeff\n\n+++\ndraft = true\n+++\ntext", "\n---\ndraft: true\n---\ntext", "---\n\n# of mine\n'draft': true\n...\ntext"} {
		if m, mistakes, _ := parse([]byte(text)); m.Hold.Draft == nil || !*m.Hold.Draft || len(mistakes) > 0 {
			t.Errorf("%q: is no draft: %v", text, mistakes)
		}
	}
}

// What a few lines of YAML stand for may take all memory there is.
func TestYAMLHasBounds(t *testing.T) {
	t.Parallel()
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := range 9 {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i), 10), ","))
	}
	for name, text := range map[string]string{
		"aliases": bomb, "lists in lists": "a: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "\n",
		"an alias of itself": "a: &a [*a]\n", "length": "a: " + strings.Repeat("x", longestYAML) + "\n",
		"keys that are tables": "? {a: 1}\n: x\n", "merged": "a: &a {draft: true}\n<<: *a\n",
	} {
		_, mistakes, _ := parse([]byte("---\n" + text + "---\n"))
		if len(mistakes) != 1 || mistakes[0].Line < 1 {
			t.Errorf("%s: got %v, want a mistake", name, mistakes)
		}
	}
}

// A machine in another time zone reads TOML's local dates in its own zone.
func TestADateIsTheSameInEveryTimeZone(t *testing.T) {
	t.Parallel()
	got := universal(time.Date(2026, 1, 5, 0, 0, 0, 0, time.FixedZone("date-local", 9*3600)))
	if want := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC); got != any(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestREADMENamesEveryKey(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "README.md"))
	text = bytes.ToLower(text) // publishDate
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
	m, _, _ := parse([]byte("+++\n\nslug = 'a'\ntitle = 'b'\n+++\n"))
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
		"+++\ntitle = 'T'\n+++\ntext", "\ufeff+++\r\ndate = 2026-01-01\r\n+++\r\n", "---\na: b\n---\n", "---\na: &a [*a]\nb: {c: 2026-01-01}\n...\ntext", "---\n---", "{\"a\": 1}", "+++\n+++", "+++", "+++\naliases = ['/a', '//b']\n+++\n# H",
		"+++\n[extra]\nlink = 'https://example.org/'\n+++\n", "---\nparams: {Link: ':', link: //a}\n---\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		matter, text, line, mistake := Split(data)
		if mistake == "" {
			if !bytes.HasSuffix(data, text) {
				t.Fatalf("the text %q is not the end of the file", text)
			}
			if want := 1 + bytes.Count(data[:len(data)-len(text)], []byte("\n")); line != want && len(text) > 0 {
				t.Fatalf("the text begins on line %d, not %d", want, line)
			}
			if len(matter.data) > len(data) {
				t.Fatal("more front matter than file")
			}
		}
		_, mistakes, notes := parse(data)
		for _, p := range append(mistakes, notes...) {
			if p.Line < 0 || p.Line > 1+bytes.Count(data, []byte("\n")) || strings.ContainsAny(p.Text, "\n\r") {
				t.Errorf("%q is no line of the file", p)
			}
		}
	})
}
