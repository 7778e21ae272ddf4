// Package theme shows pages with templates: ours, and the owner's in place of those of the same name.
package theme

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tinycdn/zones/diag"
)

//go:embed templates/*.html
var builtIn embed.FS

// Theme is a set of templates. It does not change.
type Theme struct {
	sets  map[string]*set   // by name, each with the base and all partials
	paths map[string]string // of the owner's, by name
}

// Template is one of the owner's.
type Template struct {
	Path string // as an operator knows it
	Text string
}

// New makes a theme of the owner's templates, by name, and ours.
func New(owners map[string]Template) (*Theme, []diag.Problem) {
	t := &Theme{sets: map[string]*set{}, paths: map[string]string{}}
	texts := map[string]string{}
	for name, own := range owners {
		texts[name], t.paths[name] = own.Text, own.Path
	}
	ours, _ := fs.Glob(builtIn, "templates/*.html")
	for _, name := range ours {
		data, _ := builtIn.ReadFile(name)
		if name = strings.TrimPrefix(name, "templates/"); texts[name] == "" {
			texts[name] = string(data)
		}
	}
	return t, t.parse(texts)
}

// HasOwn says whether some templates are the owner's: they may show anything of the site on any page.
func (t *Theme) HasOwn() bool { return len(t.paths) > 0 }

// Has says whether there is a template of that name for a page.
func (t *Theme) Has(name string) bool { return t.sets[name] != nil }

// Near is a hint at a template whose name is nearly this one; "": there is none.
func (t *Theme) Near(name string) string {
	return diag.DidYouMean(name, slices.Sorted(maps.Keys(t.sets)))
}

// Path is where a template of the owner's lies; "" for one of ours.
func (t *Theme) Path(name string) string { return t.paths[name] }

var functions = template.FuncMap{
	"safe": func(html string) template.HTML { return template.HTML(html) },
	"day":  func(layout string, t time.Time) string { return t.Format(layout) },
}

// isPartial says whether a template is a part of all the others: it defines blocks for them.
func isPartial(name string) bool {
	return strings.HasPrefix(path.Base(name), "_") || strings.HasPrefix(name, "partials/")
}

// parse makes a set of each template. A block that a template defines takes the place of the base's.
func (t *Theme) parse(texts map[string]string) (problems []diag.Problem) {
	names := slices.Sorted(maps.Keys(texts))
	common := template.New("").Funcs(functions)
	add := func(set *template.Template, name string) bool {
		_, err := set.New(name).Parse(texts[name])
		if at := ofZola(texts[name], err); at != nil && t.paths[name] != "" {
			problems = append(problems, diag.Problem{File: t.paths[name], Line: 1 + strings.Count(texts[name][:at[0]], "\n"),
				Text: "this is a template of Zola (Tera) or Jinja: here they are Go's html/template, {{if .Title}} and not {% if title %}"})
			return false
		}
		if err != nil {
			problems = append(problems, t.Problem(err))
		}
		return err == nil
	}
	if !add(common, "base.html") {
		return problems
	}
	for _, name := range names {
		if isPartial(name) {
			add(common, name)
		}
	}
	for _, name := range names {
		if isPartial(name) || name == "base.html" {
			continue
		}
		set, err := common.Clone()
		if err != nil {
			panic("theme: internal error: " + err.Error()) // only after it was executed
		}
		if add(set, name) {
			t.sets[name] = newSet(set)
		}
	}
	return problems
}

// Templates of Zola have tags and comments, which Go would show as they are; and what it cannot parse: functions called
// with their arguments in brackets, and variables without a point before them.
var (
	tags      = regexp.MustCompile(`\{%|\{#[^{}]*#\}`)
	variables = regexp.MustCompile(`\{\{-?\s*[A-Za-z_]\w*(?:\.[A-Za-z_]|::|\()`)
	alone     = regexp.MustCompile(`\{\{-?\s*([A-Za-z_]\w*)\s*(?:\||-?\}\})`)
	unknown   = regexp.MustCompile(`function "(\w+)" not defined$`)
)

// ofZola finds what a template of Zola has in one of the owner's, of which err came; nil: nothing.
func ofZola(text string, err error) []int {
	if at := tags.FindStringIndex(text); at != nil || err == nil {
		return at
	}
	if at := variables.FindStringIndex(text); at != nil {
		return at
	}
	if name := unknown.FindStringSubmatch(err.Error()); name != nil {
		for _, at := range alone.FindAllStringSubmatchIndex(text, -1) {
			if text[at[2]:at[3]] == name[1] {
				return at
			}
		}
	}
	return nil
}

// templateError is how html/template says where an error is.
var templateError = regexp.MustCompile(`(?s)^(?:html/)?template: ?([^:]+):(\d+)(?::\d+)?: (.*)$`)

// Problem makes a problem of what html/template says.
func (t *Theme) Problem(err error) diag.Problem {
	parts := templateError.FindStringSubmatch(err.Error())
	if parts == nil {
		return diag.Problem{File: "templates", Text: err.Error()}
	}
	line, _ := strconv.Atoi(parts[2])
	file := t.paths[parts[1]]
	if file == "" {
		file = "built-in " + parts[1]
	}
	what := parts[3]
	if endless := Endless(""); errors.As(err, &endless) {
		what = endless.Error()
	} else if at := strings.Index(what, ">: "); strings.HasPrefix(what, "executing ") && at > 0 {
		what = what[at+3:]
	}
	if strings.HasSuffix(what, " not defined") && strings.HasPrefix(what, "function ") {
		what += " (beside Go's own there are safe and day)"
	}
	return diag.Problem{File: file, Line: line, Text: strings.ReplaceAll(what, "\n", " ")}
}

// LongestTemplate is how many bytes a template may have itself: what reads templates calls itself for each {{if}} within
// another, and a stack that overflows ends the process.
const LongestTemplate = 256 << 10

// Show writes a view with the template of that name. An error that is Endless has stopped it.
func (t *Theme) Show(name string, view any) ([]byte, error) {
	set := t.sets[name]
	if set == nil {
		return nil, fmt.Errorf("there is no template %q", name)
	}
	e := set.take()
	defer set.give(e)
	err := e.ExecuteTemplate(&e.meter, name, view)
	if err == nil {
		err = e.meter.over
	}
	return e.meter.page.Bytes(), err
}
