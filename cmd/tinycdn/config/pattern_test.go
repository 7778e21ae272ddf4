package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What an editor, a version control system or a copying tool leaves behind is no zone, and a folder is none either.
func TestAPatternFindsFiles(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"*.zone":          "a.zone",
		"*":               "a.zone b tinycdn.toml",
		"*/*.zone":        "f/c.zone g/d.zone",
		"*/*/*.zone":      "f/h/e.zone",
		"[fg]/?.zone":     "f/c.zone g/d.zone",
		"*/h/*":           "f/h/e.zone",
		"*/h/e.zone":      "f/h/e.zone",
		"a.zone/*":        "",
		"none/*":          "",
		"f/../*.zone":     "a.zone",
		".*/*.zone":       "",
		"*/../b":          "b",
		"{f,g}/*.zone":    "",
		"g/d.zone/*":      "",
		"*/[^c].zone":     "g/d.zone",
		"*/n*ne/*":        "",
		"*/none/*.zone":   "",
		"*/none/..*":      "",
		"./f/./*.zone":    "f/c.zone",
		"*/h/../c.zo?e":   "f/c.zone",
		"f/h/*/../*.zo??": "f/h/e.zone",
	} {
		c, mistakes := load(t, "zones = '"+pattern+"'", "a.zone", "b", "b~", ".a.zone.swp", "f/c.zone", "f/h/e.zone", "g/d.zone", ".git/x.zone")
		var got []string
		for _, zone := range c.Zones {
			got = append(got, zone.Path)
		}
		if strings.Join(got, " ") != want || len(mistakes) > 0 {
			t.Errorf("%s: got %v %v, want %s", pattern, got, mistakes, want)
		}
	}
}

// A file that a pattern does not find any more may be an accident, or not.
func TestWhatAPatternHasLost(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, name := range []string{"g/a.zone", "g/b.zone", "f/x/a.zone", "f/y/a.zone"} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	lost := func(p Pattern, name string) string {
		var when []string
		file := ZoneFile{Path: filepath.Join(folder, name)}
		for _, asked := range []bool{false, true} {
			if p.Lost(file, asked) {
				when = append(when, map[bool]string{false: "by itself", true: "asked"}[asked])
			}
		}
		return strings.Join(when, ", ")
	}
	find := func(text string) Pattern {
		cut, inside := cutPattern(filepath.Join(folder, text))
		p := Pattern{Text: text, folder: cut, inside: inside}
		p.find()
		return p
	}
	blocked := func(p Pattern, name string) Pattern {
		p.Blocked = append(slices.Clip(p.Blocked), Blocked{Folder: filepath.Join(folder, name), Why: "permission denied"})
		return p
	}
	for _, test := range []struct {
		what    string
		pattern Pattern
		file    string
		want    string
	}{
		{"one of two is gone", find("g/*.zone"), "g/c.zone", ""},
		{"the last is gone", find("g/*.zon"), "g/c.zon", "by itself"},
		{"it never fitted", find("g/*.zon"), "g/c.zone", ""},
		{"it lies below", find("g/*.zon"), "g/h/c.zon", ""},
		{"the folder is gone", find("h/*.zone"), "h/c.zone", "by itself"},
		{"the folder may not be read", blocked(find("h/*.zone"), "h"), "h/c.zone", "by itself, asked"},
		{"one of two folders may not be read", blocked(find("f/*/*.zone"), "f/z"), "f/z/c.zone", "by itself, asked"},
		{"and the other may", blocked(find("f/*/*.zone"), "f/z"), "f/x/c.zone", ""},
		{"one whose name begins alike", blocked(find("f/*/*.zone"), "f/z"), "f/zz/c.zone", ""},
		{"one of three folders is gone", find("f/*/*.zone"), "f/z/c.zone", ""},
	} {
		if got := lost(test.pattern, test.file); got != test.want {
			t.Errorf("%s: got %q, want %q", test.what, got, test.want)
		}
	}
}
