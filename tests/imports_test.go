package tests

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestWhoImportsWhom reads the imports of every file of the house, tests excepted: they may ask anybody.
func TestWhoImportsWhom(t *testing.T) {
	t.Parallel()
	files := houseFiles(t)
	if len(files) < 50 {
		t.Fatalf("only %d files found", len(files))
	}
	for file, imports := range files {
		folder := filepath.ToSlash(filepath.Dir(file))
		for _, path := range imports {
			if ours, ok := strings.CutPrefix(path, "tinycdn/"); ok {
				if why := forbidden(folder, ours); why != "" {
					t.Errorf("%s imports %s: %s", file, path, why)
				}
				continue
			}
			if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") {
				continue // of Go itself
			}
			places := doorsOf(path)
			if !slices.ContainsFunc(places, func(place string) bool { ok, _ := filepath.Match(place, file); return ok }) {
				t.Errorf("%s imports %s, whose doors are %v", file, path, places)
			}
		}
	}
}

// TestTheKitIsForTestsFromOutside: what tests of the real binary share knows nothing of how it is made, and nobody else
// uses it. Beside it there is nothing in tests/ but tests.
func TestTheKitIsForTestsFromOutside(t *testing.T) {
	t.Parallel()
	const kit = "tests/testkit"
	for file, imports := range importsOf(t, func(string) bool { return true }, slices.Concat(append(floors, []string{"tests"})...)...) {
		isTest, inTests, inKit := strings.HasSuffix(file, "_test.go"), strings.HasPrefix(file, "tests/"), path.Dir(file) == kit
		if inTests && isTest == inKit {
			t.Errorf("%s: in tests/ there are tests, and in %s what they share", file, kit)
		}
		for _, used := range imports {
			ours, ok := strings.CutPrefix(used, "tinycdn/")
			if ok && inTests && (inKit || ours != kit) {
				t.Errorf("%s imports %s: these tests ask the program from outside", file, used)
			}
			if ok && !inTests && strings.HasPrefix(ours, "tests") {
				t.Errorf("%s imports %s: only the tests in tests/ use it", file, used)
			}
		}
	}
}

// doorsOf gives the doors of the library that a package belongs to.
func doorsOf(path string) []string {
	for library, places := range doors {
		if path == library || strings.HasPrefix(path, library+"/") {
			return places
		}
	}
	return nil
}

// forbidden says why a package in the folder from may not import the one in the folder to; "" if it may.
func forbidden(from, to string) string {
	fromRoom, _, _ := strings.Cut(from, "/")
	toRoom, _, toCupboard := strings.Cut(to, "/")
	fromFloor, toFloor := floorOf(fromRoom), floorOf(toRoom)
	switch {
	case fromFloor < 0 || toFloor < 0:
		return "there is no such room"
	case strings.HasPrefix(from, "cmd/tinycdn/") && !slices.ContainsFunc(frontDoor[from], func(room string) bool { ok, _ := path.Match(room, to); return ok }):
		return "this room of the front door does not use it"
	case isTestHelper(to):
		return "only tests use it"
	case fromRoom == toRoom && strings.HasPrefix(from, to+"/"):
		if path.Base(from) == "mk"+generated[to] {
			return "" // a generator: a program, not a cupboard
		}
		if isTestHelper(from) {
			return "" // as httptest uses net/http
		}
		return "a cupboard never uses its room"
	case strings.Count(to, "/") > 1 && !(fromRoom == "cmd" && toRoom == "cmd") && !strings.HasPrefix(from+"/", path.Dir(to)+"/"):
		return "what is in a cupboard is used by that cupboard only"
	case fromRoom == toRoom:
		return "" // the room its cupboards, or one cupboard another
	case fromFloor == toFloor:
		return "neighbours do not know each other"
	case fromFloor > toFloor:
		return "a floor uses only floors below it"
	case fromRoom == "webserver" && toRoom == "zones" && !slices.Contains(lent, to):
		return "pages know nothing of zones"
	case toCupboard && fromRoom != "cmd" && !slices.Contains(lent, to):
		return "a cupboard is used by its room and by cmd only"
	}
	return ""
}

// isTestHelper says whether a package is lent to tests, as httptest is.
func isTestHelper(folder string) bool {
	room, cupboard, ok := strings.Cut(folder, "/")
	return ok && cupboard == room+"test"
}

func floorOf(room string) int {
	return slices.IndexFunc(floors, func(rooms []string) bool { return slices.Contains(rooms, room) })
}

// houseFiles gives the imports of every Go file that is not a test, by its path in the repository.
func houseFiles(t *testing.T) map[string][]string {
	t.Helper()
	return importsOf(t, func(file string) bool { return !strings.HasSuffix(file, "_test.go") }, slices.Concat(floors...)...)
}

// importsOf gives the imports of those Go files in some folders that are wanted, by their paths in the repository.
func importsOf(t *testing.T, wanted func(file string) bool, folders ...string) map[string][]string {
	t.Helper()
	files := map[string][]string{}
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join("..", folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || !wanted(path) {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			name, _ := filepath.Rel("..", path)
			imports := map[string]bool{}
			for _, spec := range file.Imports {
				path, _ := strconv.Unquote(spec.Path.Value)
				imports[path] = true
			}
			files[filepath.ToSlash(name)] = slices.Sorted(maps.Keys(imports))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestTheRulesOfImportsAreStrict tries the rules on what must not be.
func TestTheRulesOfImportsAreStrict(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		from, to string
		allowed  bool
	}{
		{"cmd/tinycdn", "geodns", true},
		{"cmd/tinycdn", "zones/tomlfile", true},
		{"cmd/tinycdn", "cmd/tinycdn/config", true},
		{"cmd/tinycdn/pop", "cmd/tinycdn/config", true},
		{"cmd/tinycdn/pop", "webserver/origin", true},
		{"cmd/tinycdn/config", "cmd/tinycdn/system", true},
		{"cmd/tinycdn/config", "webserver/accesslog", true},
		{"geodns", "zones", true},
		{"geodns", "geoip", true},
		{"geodns", "geodns/wire", true},
		{"zones", "zones/steer", true},
		{"zones/steer", "zones/tomlfile", true},
		{"zones/steer", "geoip", true},
		{"geoip/mkbuiltin", "geoip", true},
		{"zones/zonestest", "zones", true},
		{"cmd/tinycdn", "webserver/certs", true},
		{"webserver", "webserver/conns", true},
		{"webserver/origin", "webserver/cache", true},
		{"webserver/files", "webserver/folder", true},
		{"webserver/content", "zones/diag", true},
		{"webserver/content", "zones/tomlfile", true},
		{"webserver/content", "webserver/content/front", true},
		{"webserver/content/front", "zones/tomlfile", true},
		{"geodns/wire", "geodns", false},
		{"cmd/tinycdn/pop", "cmd/tinycdn", false},
		{"cmd/tinycdn/config", "cmd/tinycdn/pop", false},
		{"cmd/tinycdn/config", "geodns/wire", false},
		{"cmd/tinycdn/system", "cmd/tinycdn/config", false},
		{"cmd/tinycdn/system", "geoip", false},
		{"webserver/page", "webserver", false},
		{"webserver/folder", "webserver", false},
		{"webserver/content/markdown", "webserver/content", false},
		{"webserver/files", "webserver/content/markdown", false},
		{"cmd/tinycdn", "webserver/content/front", false},
		{"webserver/content", "zones", false},
		{"webserver/content", "zones/steer", false},
		{"geodns", "webserver/page", false},
		{"zones/steer", "zones", false},
		{"geodns", "webserver", false},
		{"webserver", "geodns", false},
		{"zones", "geodns", false},
		{"geoip", "zones/tomlfile", false},
		{"geodns", "cmd/tinycdn", false},
		{"geodns", "zones/steer", false},
		{"zones/steer", "geoip/cells", false},
		{"geodns", "tests", false},
		{"geodns", "tests/testkit", false},
		{"geodns", "zones/zonestest", false},
		{"zones", "zones/zonestest", false},
	} {
		if why := forbidden(test.from, test.to); (why == "") != test.allowed {
			t.Errorf("%s imports %s: got %q, want it allowed: %v", test.from, test.to, why, test.allowed)
		}
	}
}
