package tests

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What one can read at once. Of files only those are longer that are data.
const (
	longestFunction = 60
	longestFile     = 300
	mostCommands    = 33 // files at the top of cmd/tinycdn: one a command, and what all of them use
)

// calls that are made only where a reason stands beside them: who sleeps keeps somebody waiting, and what is written to
// the default log is not in the one that the operator has configured.
var calls = map[string]map[string]string{
	"time.Sleep": {
		"geodns/geodnstest/cost/measure.go": "a query is sent when it is due",
		"geodns/backoff.go":                 "a socket that gives an error each time must not take the whole machine",
		"webserver/conns/listener.go":       "the same of a listener",
	},
	"slog.": {
		"webserver/conns/conns.go": "for a Config without a Log: serve gives it one",
		"webserver/origin/tell.go": "the same",
	},
	"log.": {},
}

// source is a Go file of the repository.
type source struct {
	name string // its path
	text []byte
	file *ast.File
	set  *token.FileSet
}

// sources reads all Go files.
func sources(t *testing.T) (all []source) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if path != ".." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "dist" || entry.Name() == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		name, _ := filepath.Rel("..", path)
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
		all = append(all, source{filepath.ToSlash(name), text, file, set})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("only %d files found", len(all))
	}
	return all
}

func (s source) isTest() bool { return strings.HasSuffix(s.name, "_test.go") }

// TestFilesAndFunctionsAreShort: a file is one thought, and a function does one thing.
func TestFilesAndFunctionsAreShort(t *testing.T) {
	t.Parallel()
	commands := 0
	for _, s := range sources(t) {
		if path.Dir(s.name) == "cmd/tinycdn" && !s.isTest() {
			commands++
		}
		if lines := bytes.Count(s.text, []byte("\n")); lines > longestFile && !ast.IsGenerated(s.file) {
			t.Errorf("%s has %d lines: there is more than one thought in it", s.name, lines)
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || s.isTest() {
				continue
			}
			begin := s.set.Position(f.Pos())
			if lines := s.set.Position(f.End()).Line - begin.Line + 1; lines > longestFunction {
				t.Errorf("%s: %s has %d lines", begin, f.Name.Name, lines)
			}
		}
	}
	if commands > mostCommands {
		t.Errorf("cmd/tinycdn has %d files at the top: what is not a command belongs into a room of it", commands)
	}
}

// TestNothingSleepsAndNothingLogsUnseen finds the calls that need a reason.
func TestNothingSleepsAndNothingLogsUnseen(t *testing.T) {
	t.Parallel()
	made := map[string]bool{}
	for _, s := range sources(t) {
		if s.isTest() || strings.HasPrefix(s.name, "tests/") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call := reasonWanted(s.file, n)
			if call == "" {
				return true
			}
			if made[call+s.name] = true; calls[call][s.name] == "" {
				t.Errorf("%s: %s without a reason in calls", s.set.Position(n.Pos()), call)
			}
			return true
		})
	}
	for call, places := range calls {
		for name := range places {
			if !made[call+name] {
				t.Errorf("calls has a reason for %s in %s, where there is none", call, name)
			}
		}
	}
}

// reasonWanted gives the name in calls for what a piece of a file does; "" if it needs no reason.
func reasonWanted(file *ast.File, n ast.Node) string {
	selector, ok := n.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	from, ok := selector.X.(*ast.Ident)
	if !ok {
		return ""
	}
	imports := func(path string) bool {
		return slices.ContainsFunc(file.Imports, func(spec *ast.ImportSpec) bool {
			return spec.Path.Value == fmt.Sprintf("%q", path) && spec.Name == nil
		})
	}
	usesDefault := []string{"Default", "Debug", "DebugContext", "Error", "ErrorContext", "Info", "InfoContext", "Log", "LogAttrs", "SetDefault", "Warn", "WarnContext", "With"}
	switch name := selector.Sel.Name; {
	case from.Name == "time" && imports("time") && name == "Sleep":
		return "time.Sleep"
	case from.Name == "slog" && imports("log/slog") && slices.Contains(usesDefault, name):
		return "slog."
	case from.Name == "log" && imports("log") && name != "New" && name != "Logger":
		return "log."
	}
	return ""
}

// TestEveryPackageSaysWhatItIs, once, in a sentence.
func TestEveryPackageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	said := map[string][]string{}
	for _, s := range sources(t) {
		folder, name := path.Dir(s.name), s.file.Name.Name
		if _, ok := said[folder]; !ok {
			said[folder] = nil
		}
		if s.file.Doc == nil || s.isTest() && !strings.HasPrefix(s.name, "tests/") {
			continue
		}
		begin := "Package " + name + " "
		if name == "main" {
			begin = "Command " + path.Base(folder) + " "
		}
		if !strings.HasPrefix(s.file.Doc.Text(), begin) {
			t.Errorf("%s: it should begin with %q: %.80s", s.name, begin, s.file.Doc.Text())
		}
		if !bytes.Contains(s.text[:s.file.Package], []byte("//go:build")) { // a plain twin says how it is there
			said[folder] = append(said[folder], s.name)
		}
	}
	for folder, where := range said {
		if len(where) != 1 {
			t.Errorf("%s says what it is in %d files: %v", folder, len(where), where)
		}
	}
}
