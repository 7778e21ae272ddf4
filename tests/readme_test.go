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
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestEveryConfigKeyIsDocumented holds README's tables against the structs that are read: neither has a key more.
func TestEveryConfigKeyIsDocumented(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ folder, root, heading string }{
		{"../cmd/tinycdn/config", "configFile", "\n## Configuration\n"},
		{"../zones/zonefile", "tomlZone", "\n### Zones\n"},
	} {
		_, section, found := strings.Cut(readme(t), test.heading)
		if !found {
			t.Fatalf("README has no %q", test.heading)
		}
		section = regexp.MustCompile(`(?s)\n##.*`).ReplaceAllString(section, "")
		var documented []string
		for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(section, -1) {
			documented = append(documented, row[1])
		}
		read := slices.Sorted(maps.Keys(keysOf(t, test.folder, test.root)))
		slices.Sort(documented)
		if !slices.Equal(documented, read) {
			t.Errorf("%s: README has\n%s\nwhat is read is\n%s", test.heading, strings.Join(documented, "\n"), strings.Join(read, "\n"))
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
			keys[key] = true
		}
	}
	if structs[root] == nil {
		t.Fatalf("%s has no struct %s", folder, root)
	}
	collect(root, "")
	return keys
}

// writeReadmeFiles writes the configuration and the zone that README has the reader write.
func writeReadmeFiles(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	blocks := regexp.MustCompile("(?s)```toml\n# (\\S+)\n(.*?)```").FindAllStringSubmatch(readme(t), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d files in README", len(blocks))
	}
	for _, block := range blocks {
		path := filepath.Join(folder, block[1])
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(block[2]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// TestTheFilesInReadmeAreRight checks that they do what README says.
func TestTheFilesInReadmeAreRight(t *testing.T) {
	t.Parallel()
	folder := writeReadmeFiles(t)
	for _, step := range []struct{ args, want string }{
		{"check", "tinycdn.toml: fine: 3 POPs, 1 maps, 1 zones with "},
		{"explain 81.2.69.142 www.example.org", "81.2.69.142 gets fra from www.example.org"},
		{"explain 1.1.1.0/24 www.example.org", "1.1.1.0/24 gets syd from www.example.org"},
	} {
		cmd := tinycdn(strings.Fields(step.args)...)
		cmd.Dir = folder
		if out, err := cmd.CombinedOutput(); err != nil || !strings.HasPrefix(string(out), step.want) {
			t.Errorf("%s: got %v\n%s\nwant %s", step.args, err, out, step.want)
		}
	}
}

// TestTheSitesInReadmeAreRight adds each site of the tutorials to that configuration.
func TestTheSitesInReadmeAreRight(t *testing.T) {
	t.Parallel()
	sites := regexp.MustCompile("(?s)```toml\n# added to tinycdn.toml\n(.*?)```").FindAllStringSubmatch(readme(t), -1)
	if len(sites) != 3 {
		t.Fatalf("%d sites in README", len(sites))
	}
	for _, site := range sites {
		folder := writeReadmeFiles(t)
		config, err := os.ReadFile(filepath.Join(folder, "tinycdn.toml"))
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"tinycdn.toml": string(config) + site[1], "public/index.html": "<p>Hello", "blog/content/hello.md": "Hello",
		} {
			if err := os.MkdirAll(filepath.Join(folder, filepath.Dir(name)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		cmd := tinycdn("check")
		cmd.Dir = folder
		if out, err := cmd.CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "tinycdn.toml: fine: 3 POPs, 1 maps, 1 zones") {
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
	info, err := buildinfo.ReadFile(program)
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
