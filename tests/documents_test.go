package tests

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// documents gives the paths of all Markdown that is about tinycdn: not the pages of sites.
func documents(t *testing.T) (paths []string) {
	t.Helper()
	sites := []string{"dist", "tests", "cmd/tinycdn/example"}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel("..", path)
		if entry.IsDir() && (name == ".git" || slices.Contains(sites, name) || entry.Name() == "testdata") {
			return filepath.SkipDir
		}
		if filepath.Ext(name) == ".md" {
			paths = append(paths, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

var (
	link        = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading     = regexp.MustCompile("(?m)^#+ (.*)$")
	fenced      = regexp.MustCompile("(?s)```.*?```")
	inlineCode  = regexp.MustCompile("`[^`]*`")
	notInAnchor = regexp.MustCompile(`[^\p{L}\p{N}_-]`)
)

// anchors gives what a link to this text may have behind its #: the headings, as the usual renderers spell them.
func anchors(text string) (found []string) {
	for _, title := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		name := strings.ReplaceAll(strings.ToLower(title[1]), " ", "-")
		found = append(found, notInAnchor.ReplaceAllString(name, ""))
	}
	return found
}

// TestEveryLinkInTheDocumentsLeadsSomewhere follows those that stay in the repository.
func TestEveryLinkInTheDocumentsLeadsSomewhere(t *testing.T) {
	t.Parallel()
	paths := documents(t)
	if len(paths) < 10 {
		t.Fatalf("only %d documents found", len(paths))
	}
	for _, path := range paths {
		text := inlineCode.ReplaceAllString(fenced.ReplaceAllString(document(t, path), ""), "")
		for _, l := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(l[1], "://") {
				continue
			}
			target, anchor, _ := strings.Cut(l[1], "#")
			to := path
			if target != "" {
				to = filepath.Join(filepath.Dir(path), target)
			}
			if _, err := os.Stat(filepath.Join("..", to)); err != nil {
				t.Errorf("%s: %s leads nowhere", path, l[1])
			} else if anchor != "" && !slices.Contains(anchors(document(t, to)), anchor) {
				t.Errorf("%s: %s: there is no such heading", path, l[1])
			}
		}
	}
}

// TestReadmeIsShortAndLeadsToTheRest keeps it a page that one reads, and the way to every folder and all other documents.
func TestReadmeIsShortAndLeadsToTheRest(t *testing.T) {
	t.Parallel()
	text := document(t, "README.md")
	if len(text) > 10_000 {
		t.Errorf("it has %d bytes: what is true of one folder alone belongs into the README there", len(text))
	}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if !entry.IsDir() || strings.HasPrefix(name, ".") || name == "dist" {
			continue
		}
		if !regexp.MustCompile(`(?m)^\| \[?` + name + `[]/ ]`).MatchString(text) {
			t.Errorf("the folder %s is not in it", name)
		}
	}
	for _, path := range documents(t) {
		if path != "README.md" && !strings.Contains(text, "("+path+")") {
			t.Errorf("nothing in it leads to %s", path)
		}
	}
}

// TestDesignNamesWhatIsThere follows the paths in the two documents about the code.
func TestDesignNamesWhatIsThere(t *testing.T) {
	t.Parallel()
	path := regexp.MustCompile("`((?:cmd|geodns|zones|geoip|webserver|tests|packaging)/[\\w./-]+)`")
	for _, name := range []string{"DESIGN.md", "CONTRIBUTING.md"} {
		for _, found := range path.FindAllStringSubmatch(document(t, name), -1) {
			if _, err := os.Stat(filepath.Join("..", found[1])); err != nil {
				t.Errorf("%s: there is no %s", name, found[1])
			}
		}
	}
}

// TestTheFiguresHaveTheirBenchmarks finds what the commands beside figures run.
func TestTheFiguresHaveTheirBenchmarks(t *testing.T) {
	t.Parallel()
	command := regexp.MustCompile("`go test (?:-run '\\^\\$' -bench|-run) (\\S+) (?:-v )?\\./([\\w/]+)`")
	count := 0
	for _, name := range documents(t) {
		for _, found := range command.FindAllStringSubmatch(strings.ReplaceAll(document(t, name), "\n", " "), -1) {
			count++
			function := regexp.MustCompile(`(?m)^func \w*` + found[1])
			files, _ := filepath.Glob(filepath.Join("..", found[2], "*_test.go"))
			if !slices.ContainsFunc(files, func(file string) bool {
				text, err := os.ReadFile(file)
				return err == nil && function.Match(text)
			}) {
				t.Errorf("%s: %s runs nothing", name, found[0])
			}
		}
	}
	if count < 10 {
		t.Errorf("only %d commands found", count)
	}
}

// TestTheScriptsInTheDocumentsAreShell has a shell read what the reader types, without running it.
func TestTheScriptsInTheDocumentsAreShell(t *testing.T) {
	t.Parallel()
	script := regexp.MustCompile("(?s)```sh\n(.*?)```")
	count := 0
	for _, name := range documents(t) {
		for _, found := range script.FindAllStringSubmatch(document(t, name), -1) {
			count++
			cmd := exec.Command("sh", "-n")
			cmd.Stdin = strings.NewReader(found[1])
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s\n%s", name, err, out, found[1])
			}
		}
	}
	if count < 10 {
		t.Errorf("only %d scripts found", count)
	}
}
