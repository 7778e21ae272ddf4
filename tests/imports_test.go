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

// floors are the rooms, from the top of the house down. Who is on a floor uses only what is below it.
var floors = [][]string{{"cmd"}, {"geodns", "webserver"}, {"zones"}, {"geoip"}, {"packaging"}}

// doors are the places where a library comes in: folders, or files with a pattern. Nobody else uses it.
var doors = map[string][]string{
	"github.com/miekg/dns": {
		"zones/explain.go", "zones/plainrecord.go", "zones/zonefile/*.go", "zones/sign/*.go", "zones/zonestest/*.go",
		"geodns/stream.go", "geodns/rare.go", "geodns/transfer.go", "geodns/update.go", "cmd/tinycdn/live/ask.go", "cmd/tinycdn/delegation/*.go", "cmd/tinycdn/golden/*.go",
	},
	"github.com/oschwald/maxminddb-golang": {"geoip/db.go", "geoip/validate.go", "geoip/record.go"},
	"github.com/BurntSushi/toml":           {"zones/tomlfile/*.go"},
	"golang.org/x/sys":                     {"geodns/mmsg/*.go", "cmd/tinycdn/system/*_linux.go", "cmd/tinycdn/cluster/store/disk_linux.go"},
	"github.com/landlock-lsm/go-landlock":  {"cmd/tinycdn/system/confine_linux.go"},
	"kernel.org/pub/linux":                 {"cmd/tinycdn/system/privileges_linux.go"},
	"github.com/google/renameio":           {"cmd/tinycdn/cluster/*.go", "cmd/tinycdn/cluster/drains/*.go", "cmd/tinycdn/cluster/store/*.go", "cmd/tinycdn/state/*.go", "cmd/tinycdn/map.go", "webserver/acme/*.go", "webserver/visits/*.go"},
	"github.com/axiomhq/hyperloglog":       {"webserver/visits/sketch.go"},
	"github.com/mholt/acmez":               {"webserver/acme/*.go"},
	"github.com/letsencrypt/pebble":        {"webserver/webservertest/*.go"},
	"github.com/spf13/cobra":               {"cmd/tinycdn/*.go"},
	"github.com/quic-go/quic-go":           {"webserver/quic.go", "webserver/quicstreams.go", "webserver/quicleave.go"},
	"github.com/pires/go-proxyproto":       {"webserver/conns/proxyheader.go"},
	"github.com/klauspost/compress":        {"webserver/page/*.go", "webserver/origin/gunzip.go", "geoip/cells/cells.go", "cmd/tinycdn/cluster/channel/frames.go", "cmd/tinycdn/cluster/channel/list.go"},
	"github.com/molecule-man/go-brrr":      {"webserver/page/*.go"},
	"github.com/maypok86/otter":            {"webserver/content/*.go", "webserver/origin/*.go"},
	"github.com/yuin/goldmark":             {"webserver/content/markdown/*.go"},
	"github.com/alecthomas/chroma":         {"webserver/content/markdown/lexers.go"},
	"go.yaml.in/yaml":                      {"webserver/content/front/yaml.go"},
	"golang.org/x/term":                    {"cmd/tinycdn/passphrase.go", "cmd/tinycdn/map.go", "cmd/tinycdn/top.go"},
	"filippo.io/age":                       {"cmd/tinycdn/cluster/roster/locked.go"},
	"github.com/prometheus":                {"cmd/tinycdn/metrics/*.go"},
	"golang.org/x/image":                   {"cmd/tinycdn/worldmap/png.go"},
	"golang.org/x/net":                     {"webserver/links/*.go", "cmd/tinycdn/admin/*.go"},
}

// generated is what programs beside a room make for it.
var generated = map[string]string{"geoip": "builtin", "cmd/tinycdn/worldmap": "land"}

// lent are the cupboards that other rooms open too: what an address is, how files are opened, how mistakes are told, how logs of
// lines are written, and the house's reader of TOML. Whatever of the house is written in TOML has its mistakes told in the same way,
// front matter as well as zones.
var lent = []string{"geoip/inet", "geoip/plainfile", "zones/diag", "zones/linefile", "zones/tomlfile"}

// frontDoor is what each room behind the front door uses of the house; a pattern stands for cupboards. The commands, in
// cmd/tinycdn itself, use whatever they need.
var frontDoor = map[string][]string{
	"cmd/tinycdn/pop": {
		"cmd/tinycdn/admin", "cmd/tinycdn/cluster", "cmd/tinycdn/cluster/channel", "cmd/tinycdn/cluster/drains", "cmd/tinycdn/compare", "cmd/tinycdn/config", "cmd/tinycdn/dashboard", "cmd/tinycdn/delegation", "cmd/tinycdn/explain/told", "cmd/tinycdn/metrics", "cmd/tinycdn/notify", "cmd/tinycdn/state", "cmd/tinycdn/status", "cmd/tinycdn/system", "cmd/tinycdn/watch", "cmd/tinycdn/worldmap", "geodns", "webserver", "webserver/*", "zones", "zones/health", "zones/steer", "zones/diag", "zones/zonefile", "geoip", "geoip/inet",
	},
	"cmd/tinycdn/config":       {"cmd/tinycdn/admin", "cmd/tinycdn/notify", "cmd/tinycdn/system", "geodns", "geoip", "geoip/inet", "geoip/plainfile", "webserver", "webserver/*", "zones", "zones/health", "zones/steer", "zones/diag", "zones/tomlfile"},
	"cmd/tinycdn/live":         {"cmd/tinycdn/admin", "cmd/tinycdn/config", "cmd/tinycdn/delegation", "cmd/tinycdn/pop", "webserver/acme", "zones", "zones/diag"},
	"cmd/tinycdn/metrics":      {},
	"cmd/tinycdn/dashboard":    {"cmd/tinycdn/admin", "cmd/tinycdn/words"},
	"cmd/tinycdn/explain":      {"cmd/tinycdn/admin", "cmd/tinycdn/cluster", "cmd/tinycdn/config", "cmd/tinycdn/explain/told", "cmd/tinycdn/pop", "cmd/tinycdn/system", "geoip", "zones"},
	"cmd/tinycdn/explain/told": {"cmd/tinycdn/words", "geoip", "zones"},
	"cmd/tinycdn/exit":         {},
	"cmd/tinycdn/words":        {},
	"cmd/tinycdn/status":       {"cmd/tinycdn/cluster", "cmd/tinycdn/cluster/*", "cmd/tinycdn/exit", "cmd/tinycdn/words", "zones/health"},
	"cmd/tinycdn/session":      {"cmd/tinycdn/cluster", "cmd/tinycdn/cluster/*", "cmd/tinycdn/config", "cmd/tinycdn/exit", "cmd/tinycdn/status", "cmd/tinycdn/system", "cmd/tinycdn/words"},
	"cmd/tinycdn/publishing": {
		"cmd/tinycdn/cluster", "cmd/tinycdn/cluster/*", "cmd/tinycdn/compare", "cmd/tinycdn/config", "cmd/tinycdn/exit", "cmd/tinycdn/pop", "cmd/tinycdn/session", "cmd/tinycdn/state", "cmd/tinycdn/status", "cmd/tinycdn/system", "cmd/tinycdn/words", "zones/steer",
	},
	"cmd/tinycdn/tallies":    {"webserver/visits"},
	"cmd/tinycdn/watch":      {"zones/diag"},
	"cmd/tinycdn/state":      {"geoip/plainfile", "zones/diag"},
	"cmd/tinycdn/admin":      {"geoip/inet", "geoip/plainfile", "zones/diag"},
	"cmd/tinycdn/notify":     {"zones/diag"},
	"cmd/tinycdn/delegation": {"zones/diag"},
	"cmd/tinycdn/golden": {
		"cmd/tinycdn/config", "cmd/tinycdn/delegation", "cmd/tinycdn/exit", "cmd/tinycdn/explain", "cmd/tinycdn/live", "cmd/tinycdn/pop", "cmd/tinycdn/system", "geoip", "geoip/plainfile", "zones", "zones/diag", "zones/tomlfile",
	},
	"cmd/tinycdn/compare": {"cmd/tinycdn/config", "cmd/tinycdn/worldmap", "geoip", "zones", "zones/diag", "zones/steer"},
	// Keys and who holds them are the lowest of the cluster; then lists of files, and what is done with them.
	"cmd/tinycdn/cluster":          {"cmd/tinycdn/cluster/*"},
	"cmd/tinycdn/cluster/channel":  {"cmd/tinycdn/cluster/manifest", "cmd/tinycdn/cluster/roster", "zones/diag"},
	"cmd/tinycdn/cluster/drains":   {},
	"cmd/tinycdn/cluster/commit":   {"cmd/tinycdn/cluster/manifest", "cmd/tinycdn/cluster/roster"},
	"cmd/tinycdn/cluster/store":    {"cmd/tinycdn/cluster/manifest"},
	"cmd/tinycdn/cluster/manifest": {"cmd/tinycdn/cluster/roster"},
	"cmd/tinycdn/cluster/roster":   {},
	"cmd/tinycdn/setup":            {"cmd/tinycdn/cluster", "cmd/tinycdn/cluster/*", "cmd/tinycdn/config", "packaging"},
	"cmd/tinycdn/system":           {},
	"cmd/tinycdn/worldmap":         {},
	"cmd/tinycdn/worldmap/mkland":  {"cmd/tinycdn/worldmap"},
}

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
