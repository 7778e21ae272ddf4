package tests

import (
	"debug/buildinfo"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tinycdn/tests/testkit"
)

// document gives the text of a file of the repository.
func document(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestEveryKeyOfZonesIsDocumented holds the table of keys against the struct that is read: neither has a key more. Those of
// tinycdn.toml are held by a test of cmd/tinycdn/config.
func TestEveryKeyOfZonesIsDocumented(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ folder, root, document, heading string }{
		{"../zones/zonefile", "tomlZone", "zones/README.md", "\n## Zone files\n"},
	} {
		_, section, found := strings.Cut(document(t, test.document), test.heading)
		if !found {
			t.Fatalf("%s has no %q", test.document, test.heading)
		}
		section = regexp.MustCompile(`(?s)\n##.*`).ReplaceAllString(section, "")
		var documented []string
		for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(section, -1) {
			documented = append(documented, row[1])
		}
		read := slices.Sorted(maps.Keys(keysOf(t, test.folder, test.root)))
		slices.Sort(documented)
		if !slices.Equal(documented, read) {
			t.Errorf("%s has\n%s\nwhat is read is\n%s", test.document, strings.Join(documented, "\n"), strings.Join(read, "\n"))
		}
	}
}

// keysOf gives the keys of a TOML file that is read into the struct named root: "dns.listen", "pops.NAME.location".
func keysOf(t *testing.T, folder, root string) map[string]bool {
	t.Helper()
	structs := map[string]*ast.StructType{}
	paths, _ := filepath.Glob(filepath.Join(folder, "*.go"))
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if s, ok := spec.Type.(*ast.StructType); ok {
					structs[spec.Name.Name] = s
				}
			}
			return true
		})
	}
	keys := map[string]bool{}
	var collect func(name, prefix string)
	collect = func(name, prefix string) {
		for _, field := range structs[name].Fields.List {
			if field.Tag == nil {
				continue
			}
			tag, _ := strconv.Unquote(field.Tag.Value)
			key := prefix + reflect.StructTag(tag).Get("toml")
			typ, below := field.Type, key+"."
			if m, ok := typ.(*ast.MapType); ok {
				typ, below = m.Value, key+".NAME."
			}
			if of, ok := typ.(*ast.Ident); ok && structs[of.Name] != nil {
				collect(of.Name, below)
				continue
			}
			keys[strings.TrimSuffix(key, ".,text")] = true // what may stand in place of the keys below
		}
	}
	if structs[root] == nil {
		t.Fatalf("%s has no struct %s", folder, root)
	}
	collect(root, "")
	return keys
}

// tutorial is where the files stand that sites are added to.
const tutorial = "cmd/tinycdn/tutorials/zone.md"

// writeFilesOf writes the configuration and the zone that a document has the reader write, with something to serve.
func writeFilesOf(t *testing.T, path string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	files := map[string]string{"public/index.html": "<p>Hello", "blog/content/hello.md": "Hello"}
	blocks := regexp.MustCompile("(?s)```toml\n# (\\S+)\n(.*?)```").FindAllStringSubmatch(document(t, path), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d files in %s", len(blocks), path)
	}
	for _, block := range blocks {
		files[block[1]] = block[2]
	}
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// TestTheFilesInReadmeAreRight checks that they do what README and the tutorial say.
func TestTheFilesInReadmeAreRight(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"README.md", tutorial} {
		folder := writeFilesOf(t, path)
		for _, step := range []struct{ args, want string }{
			{"check", "tinycdn.toml: fine: 3 POPs, 1 map, 1 zone with "},
			{"explain 81.2.69.142 www.example.org", "81.2.69.142 gets fra from www.example.org"},
			{"explain 1.1.1.0/24 www.example.org", "1.1.1.0/24 gets syd from www.example.org"},
		} {
			cmd := testkit.Command(strings.Fields(step.args)...)
			cmd.Dir = folder
			if out, err := cmd.CombinedOutput(); err != nil || !strings.HasPrefix(string(out), step.want) {
				t.Errorf("%s: %s: got %v\n%s\nwant %s", path, step.args, err, out, step.want)
			}
		}
	}
}

// TestTheSitesInTheTutorialsAreRight adds each site of the tutorials to the configuration of the first one.
func TestTheSitesInTheTutorialsAreRight(t *testing.T) {
	t.Parallel()
	text := document(t, "cmd/tinycdn/tutorials/site.md") + document(t, "cmd/tinycdn/tutorials/application.md")
	sites := regexp.MustCompile("(?s)```toml\n# added to tinycdn.toml\n(.*?)```").FindAllStringSubmatch(text, -1)
	if len(sites) != 3 {
		t.Fatalf("%d sites in the tutorials", len(sites))
	}
	for _, site := range sites {
		folder := writeFilesOf(t, tutorial)
		file, err := os.OpenFile(filepath.Join(folder, "tinycdn.toml"), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteString(site[1]); err != nil {
			t.Fatal(err)
		}
		file.Close()
		cmd := testkit.Command("check")
		cmd.Dir = folder
		if out, err := cmd.CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "tinycdn.toml: fine: 3 POPs, 1 map, 1 zone") {
			t.Errorf("with\n%s\ngot %v\n%s", site[1], err, out)
		}
	}
}

// TestEveryLibraryInTheBinaryIsInNotice: their licences ask for that.
func TestEveryLibraryInTheBinaryIsInNotice(t *testing.T) {
	t.Parallel()
	notice, err := os.ReadFile("../NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.ReadFile(testkit.Program())
	if err != nil {
		t.Fatal(err)
	}
	if len(info.Deps) == 0 {
		t.Error("the binary has no libraries?")
	}
	for _, dep := range info.Deps {
		if !strings.Contains(string(notice), dep.Path) {
			t.Errorf("%s is in the binary, but not in NOTICE", dep.Path)
		}
	}
}
