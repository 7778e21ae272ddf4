package stories

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tinycdn/tests/testkit"

	"github.com/rogpeppe/go-internal/testscript"
)

func askCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) > 0, "[!] ask [@HOST] DIG-ARGUMENTS")
	host, rest := hostOf(args)
	port := storyOf(ts).ports.DNS
	var r *reply
	var err error
	if slices.ContainsFunc(rest, func(arg string) bool { return arg == "+tcp" || arg == "+notcp" || arg == "+ignore" }) {
		r, err = dig(host, port, "+notcp", rest...) // the argument that comes later holds
	} else {
		r, err = digBoth(host, port, rest...)
	}
	if neg {
		if err == nil {
			ts.Fatalf("there is an answer:\n%s", r.text)
		}
		return
	}
	ts.Check(err)
	io.WriteString(ts.Stdout(), r.text)
}

// answersCommand asks every POP each line of a table, and what one says all must say.
func answersCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 1, "answers TABLE")
	s := storyOf(ts)
	hosts := slices.Sorted(maps.Values(s.hosts))
	if len(hosts) == 0 {
		hosts = []string{"127.0.0.1"}
	}
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		line = strings.TrimSpace(line)
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		usage(ts, len(words) == 4 || len(words) == 5, "a table's lines are: subnet name type answer [scope]")
		question := []string{words[1], words[2]}
		if words[0] != "-" {
			question = append(question, "+subnet="+words[0])
		}
		var first *reply
		for _, host := range hosts {
			r, err := digBoth(host, s.ports.DNS, question...)
			ts.Check(err)
			if !r.says(words[3]) || len(words) == 5 && "/"+r.scope != words[4] {
				ts.Fatalf("%s does not say what is wanted of it: %s\n%s", host, line, r.text)
			}
			if first == nil {
				first = r
			}
			if r.text != first.text {
				ts.Fatalf("two POPs say different things:\n%s\n%s", first.text, r.text)
			}
		}
	}
}

func editCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 3, "edit FILE OLD NEW")
	text := ts.ReadFile(args[0])
	if n := strings.Count(text, args[1]); n != 1 {
		ts.Fatalf("edit: %q is %d times in %s", args[1], n, args[0])
	}
	ts.Check(testkit.ReplaceFile(ts.MkAbs(args[0]), func(w io.Writer) error {
		_, err := io.WriteString(w, strings.Replace(text, args[1], args[2], 1))
		return err
	}))
}

func mmdbCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 2, "mmdb FILE LIST")
	ts.Check(testkit.WriteMMDB(ts.MkAbs(args[0]), ts.ReadFile(args[1])))
}

func deployCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 2, "deploy POP HOST")
	s := storyOf(ts)
	pop, from := args[0], ts.MkAbs(".")
	s.hosts[pop] = args[1]
	ts.Check(filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(from, path)
		if entry.IsDir() {
			if s.hosts[name] != "" || name == ".tmp" {
				return filepath.SkipDir
			}
			return os.MkdirAll(filepath.Join(from, pop, name), 0o755)
		}
		return copyFile(path, filepath.Join(from, pop, name), args[1])
	}))
}

// copyFile copies a file with its time, unless the copy has that already.
func copyFile(from, to, host string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if copied, err := os.Stat(to); err == nil && copied.ModTime().Equal(info.ModTime()) {
		return nil
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	err = testkit.ReplaceFile(to, func(w io.Writer) error {
		_, err := io.WriteString(w, strings.ReplaceAll(string(text), "$ADDRESS", host))
		return err
	})
	if err != nil {
		return fmt.Errorf("deploy: %w", err)
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}
