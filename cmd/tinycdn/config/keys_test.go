package config

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write down the keys anew")

// TestKeysAreWrittenDownAsTheirFieldsSay holds the table in the README and the text of `tinycdn help config` against the
// comments of the structs that tinycdn.toml is read into.
func TestKeysAreWrittenDownAsTheirFieldsSay(t *testing.T) {
	t.Parallel()
	keys := new(manual).keysOf(t, ".", "file", "")
	for _, k := range keys {
		if k.meaning == "" || k.leftOut == "" {
			t.Errorf("%s: want a comment that says what it means, and what holds if it is left out: got %+v", k.name, k)
		}
	}
	const readme, text = "../README.md", "keys.txt"
	written, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- keys: begin -->\n", "<!-- keys: end -->\n"
	before, rest, found := strings.Cut(string(written), begin)
	_, after, ends := strings.Cut(rest, end)
	if !found || !ends {
		t.Fatalf("%s has no %s and %s", readme, begin, end)
	}
	for path, want := range map[string]string{readme: before + begin + markdownOf(keys) + end + after, text: textOf(keys)} {
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s does not say what the comments say (run go generate): %v", path, err)
		}
	}
}

// key is a row of the manual.
type key struct{ name, meaning, leftOut string }

// manual reads the structs of the house.
type manual struct{ folders map[string][]*ast.File }

// keysOf are the keys of the struct with that name in a folder, below the prefix.
func (m *manual) keysOf(t *testing.T, folder, name, prefix string) (keys []key) {
	fields, file := m.structOf(t, folder, name)
	own := map[string]bool{}
	for _, field := range fields {
		own[tomlName(field)] = true
	}
	for _, field := range fields {
		folder, name, inMap := typeOf(folder, file, field.Type)
		named := prefix + tomlName(field)
		switch below, _ := m.structOf(t, folder, name); {
		case len(field.Names) == 0: // what is embedded, as far as it is not hidden
			for _, k := range m.keysOf(t, folder, name, prefix) {
				if first, _, _ := strings.Cut(strings.TrimPrefix(k.name, prefix), "."); !own[first] {
					keys = append(keys, k)
				}
			}
		case tomlName(field) == "":
		case strings.Contains(folder, "tomlfile") || len(below) == 0 || isRow(below), inMap && field.Doc != nil: // whose own keys are told there
			keys = append(keys, keyOf(named, field))
		case inMap:
			keys = append(keys, m.keysOf(t, folder, name, named+".NAME.")...)
		default:
			if field.Doc != nil { // it may also be true or false
				keys = append(keys, keyOf(named, field))
			}
			keys = append(keys, m.keysOf(t, folder, name, named+".")...)
		}
	}
	return keys
}

func keyOf(name string, field *ast.Field) key {
	meaning, leftOut, _ := strings.Cut(strings.Join(strings.Fields(field.Doc.Text()), " "), " Left out: ")
	return key{name, strings.TrimSuffix(meaning, "."), leftOut}
}

// structOf gives the fields of a struct of ours, and the file that it is in.
func (m *manual) structOf(t *testing.T, folder, name string) ([]*ast.Field, *ast.File) {
	t.Helper()
	if _, known := m.folders[folder]; !known {
		paths, _ := filepath.Glob(filepath.Join(folder, "*.go"))
		var files []*ast.File
		for _, path := range paths {
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
		if m.folders == nil {
			m.folders = map[string][]*ast.File{}
		}
		m.folders[folder] = files
	}
	for _, file := range m.folders[folder] {
		for _, decl := range file.Decls {
			decl, _ := decl.(*ast.GenDecl)
			if decl == nil || decl.Tok != token.TYPE {
				continue
			}
			for _, spec := range decl.Specs {
				spec := spec.(*ast.TypeSpec)
				if s, ok := spec.Type.(*ast.StructType); ok && spec.Name.Name == name {
					return s.Fields.List, file
				}
			}
		}
	}
	return nil, nil
}

// typeOf says where a field's type is, without pointers and maps around it.
func typeOf(folder string, file *ast.File, expr ast.Expr) (in, name string, inMap bool) {
	switch e := expr.(type) {
	case *ast.StarExpr:
		return typeOf(folder, file, e.X)
	case *ast.MapType:
		in, name, _ = typeOf(folder, file, e.Value)
		return in, name, true
	case *ast.ArrayType:
		in, name, _ = typeOf(folder, file, e.Elt)
		return in, name, true
	case *ast.Ident:
		return folder, e.Name, false
	case *ast.SelectorExpr:
		for _, spec := range file.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			if ours, ok := strings.CutPrefix(path, "tinycdn/"); ok && filepath.Base(path) == e.X.(*ast.Ident).Name {
				return "../../../" + ours, e.Sel.Name, false
			}
		}
	}
	return "", "", false
}

// tomlName is the key of a field; "": it has none.
func tomlName(field *ast.Field) string {
	if tag := tomlTag(field); !strings.HasPrefix(tag, ",") {
		return tag
	}
	return ""
}

func tomlTag(field *ast.Field) string {
	if field.Tag == nil {
		return ""
	}
	tag, _ := strconv.Unquote(field.Tag.Value)
	return reflect.StructTag(tag).Get("toml")
}

// isRow says whether a struct is a key of the file's and the value behind it.
func isRow(fields []*ast.Field) bool {
	return slices.ContainsFunc(fields, func(f *ast.Field) bool { return tomlTag(f) == ",value" })
}

// ofPages says whether a key is of the second table.
func ofPages(k key) bool {
	return strings.HasPrefix(k.name, "web.") || strings.HasPrefix(k.name, "sites.")
}

func markdownOf(keys []key) string {
	var b strings.Builder
	for _, pages := range []bool{false, true} {
		if pages {
			b.WriteString("\nFor the pages:\n\n")
		}
		b.WriteString("| key | meaning | left out |\n|---|---|---|\n")
		for _, k := range keys {
			if ofPages(k) == pages {
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", k.name, k.meaning, k.leftOut)
			}
		}
	}
	return b.String()
}

func textOf(keys []key) string {
	var b strings.Builder
	for _, pages := range []bool{false, true} {
		for _, k := range keys {
			if ofPages(k) == pages {
				fmt.Fprintf(&b, "%s\n%s", k.name, indented(k.meaning+" (left out: "+k.leftOut+")"))
			}
		}
	}
	return b.String()
}

var markup = regexp.MustCompile("`|\\[([^]]+)\\]\\([^)]*\\)")

// indented is a text without Markdown, in lines that fit a terminal.
func indented(text string) string {
	var b strings.Builder
	line := ""
	for _, word := range strings.Fields(markup.ReplaceAllString(text, "$1")) {
		if len(line)+len(word) > 90 {
			b.WriteString("    " + line + "\n")
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return b.String() + "    " + line + "\n"
}
