package theme

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// view is what the templates of these tests get.
type view struct{ Title string }

// own are templates of an owner, by name.
func own(texts map[string]string) map[string]Template {
	all := map[string]Template{}
	for name, text := range texts {
		all[name] = Template{Path: "site/templates/" + name, Text: text}
	}
	return all
}

func TestREADMENamesTheFunctionsAndBlocks(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for name := range functions {
		if !strings.Contains(text, "`"+name) {
			t.Errorf("the function %q is not in it", name)
		}
	}
	base, err := builtIn.ReadFile("templates/base.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(base), "{{block \"")[1:] {
		if name, _, _ := strings.Cut(block, `"`); !strings.Contains(text, "`"+name+"`") {
			t.Errorf("the block %q is not in it", name)
		}
	}
}

func TestTheOwnersTakeThePlaceOfOurs(t *testing.T) {
	t.Parallel()
	ours, problems := New(nil)
	if len(problems) > 0 || ours.HasOwn() || !ours.Has("page.html") || ours.Has("own.html") || ours.Has("_list.html") || ours.Path("page.html") != "" {
		t.Errorf("ours alone: got %v, %v", ours, problems)
	}
	theme, problems := New(own(map[string]string{
		"base.html":       `[{{block "main" .}}{{end}}] {{template "foot"}}`,
		"page.html":       `{{template "base.html" .}}{{define "main"}}{{.Title}}{{end}}`,
		"wide/list.html":  `{{template "base.html" .}}`,
		"partials/x.html": `{{define "foot"}}foot{{end}}`,
	}))
	if len(problems) > 0 || !theme.HasOwn() || theme.Path("page.html") != "site/templates/page.html" {
		t.Fatalf("got %v, %v", theme, problems)
	}
	for name, want := range map[string]string{"page.html": "&lt;b&gt;", "wide/list.html": ""} {
		if got, err := theme.Show(name, view{"<b>"}); string(got) != "["+want+"] foot" || err != nil {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func TestEveryMistakeHasItsLine(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"a.html", "\n{{if .Title}}", "site/templates/a.html:2: unexpected EOF"},
		{"_a.html", "{{ page.title }}", zolas(1, "_a.html")},
		{"a.html", "a\n\n{{ super() }}", zolas(3, "a.html")},
		{"a.html", "{{ title }}", zolas(1, "a.html")},
		{"shortcodes/a.html", "{{.Title}}\n<img alt='{{ alt | escape }}'>", zolas(2, "shortcodes/a.html")},
		{"a.html", "{{- macros::x(a=1) | safe }}", zolas(1, "a.html")},
		{"a.html", "{{ section.content | safe }}", zolas(1, "a.html")},
		{"a.html", "\n{# a comment of Tera #}", zolas(2, "a.html")},
		{"a.html", "{{ partial \"x\" . }}", `site/templates/a.html:1: function "partial" not defined (beside Go's own there are safe and day)`},
		{"base.html", "\n{% block a %}", zolas(2, "base.html")},
		{"a.html", "\n\n{{.Titel}}", "site/templates/a.html:3: can't evaluate field Titel in type theme.view"},
		{"a.html", "{{range 1000000000}}" + strings.Repeat("and on ", 10_000) + "{{end}}", "site/templates/a.html:1: it writes more than 32 MB (is there a loop without an end?)"},
		{"c.html", "c", "templates: there is no template \"a.html\""},
	} {
		theme, problems := New(own(map[string]string{test.name: test.text}))
		if len(problems) == 0 {
			_, err := theme.Show("a.html", view{"T"})
			if err == nil {
				t.Errorf("%s: no mistake", test.text)
				continue
			}
			problems = append(problems, theme.Problem(err))
		}
		if got := problems[0].String(); len(problems) != 1 || got != test.want {
			t.Errorf("%.100s: got %s, want %s", test.text, got, test.want)
		}
	}
}

// zolas is what is said of a template of Zola.
func zolas(line int, name string) string {
	return fmt.Sprintf("site/templates/%s:%d: this is a template of Zola (Tera) or Jinja: here they are Go's html/template, {{if .Title}} and not {%% if title %%}", name, line)
}
