package protocol

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/tests/testkit"
)

// folderBefore is one of two folders: without a cluster, they are compared all the same.
const folderBefore = `-- before/tinycdn.toml --
zones = ["zones/*.toml"]
[pops.nyc]
addresses = "192.0.2.1"
location = [40.71, -74.01]
[pops.fra]
addresses = "192.0.2.2"
location = [50.11, 8.68]
[maps.site]
default = "nyc"
[sites."example.org"]
root = "public"
-- before/zones/example.org.toml --
[records]
"@" = { NS = "ns", geo = "site" }
ns = { A = "192.0.2.1" }
-- before/public/index.html --
one
`

const cameFile = `-- came.json --
{"day":"2026-11-28","site":"example.org","by":"country","name":"US","views":9,"visitors":3}
{"day":"2026-11-29","site":"example.org","by":"country","name":"US","views":2,"visitors":1}
{"day":"2026-11-29","site":"example.org","by":"country","name":"?","views":2,"visitors":1}
`

func TestDiffOfFoldersAndDatabases(t *testing.T) {
	t.Parallel()
	after := strings.NewReplacer("-- before/", "-- after/", "[maps.site]", "[pops.syd]\naddresses = \"192.0.2.3\"\nlocation = [-33.87, 151.21]\n[maps.site]",
		`A = "192.0.2.1"`, `A = "192.0.2.9"`, "one\n", "two\n").Replace(folderBefore)
	h := testkit.Build(t, folderBefore+after+"-- bad/tinycdn.toml --\nzones = 1\n-- text.mmdb --\nno database\n"+cameFile)
	for name, places := range map[string]string{
		"old.mmdb": "192.0.2.0/24 FR 48.85,2.35\n198.51.100.0/24 US 40.7,-74\n",
		"new.mmdb": "192.0.2.0/24 US 40.7,-74\n198.51.100.0/24 US 40.7,-74\n",
	} {
		if err := testkit.WriteMMDB(filepath.Join(h.Folder, name), places); err != nil {
			t.Fatal(err)
		}
	}
	state := t.TempDir()
	run := func(status int, want string, args ...string) string {
		t.Helper()
		cmd := testkit.Command(args...)
		cmd.Dir = filepath.Join(h.Folder, "after")
		cmd.Env = append(os.Environ(), "TINYCDN_STATE="+state)
		out, err := cmd.CombinedOutput()
		got := 0
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			got = exit.ExitCode()
		}
		if got != status || !strings.Contains(string(out), want) {
			t.Errorf("%v: status %d, want %d, and %q in\n%s", args, got, status, want, out)
		}
		return string(out)
	}
	run(0, "~ public/index.html\n~ tinycdn.toml (+ pops.syd)\n~ zones/example.org.toml (ns A: 192.0.2.1 -> 192.0.2.9)\nmap site: ", "diff", "../before")
	out := run(0, "fra -> syd ", "diff", "../before/tinycdn.toml", ".")
	if !strings.Contains(out, "built-in: IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0\n") {
		t.Errorf("nobody is named whose data it is:\n%s", out)
	}
	var told struct {
		Old, New string
		Changes  []string
		Moves    struct {
			Maps []struct {
				Map  string
				IPv4 struct {
					Share float64
					Flows []struct{ From, To string }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(run(0, "", "diff", "--json", "../before", ".")), &told); err != nil {
		t.Fatal(err)
	}
	if maps := told.Moves.Maps; told.Old != "../before" || told.New != "." || len(told.Changes) != 3 || len(maps) != 1 || !(maps[0].IPv4.Share > 0.1) || len(maps[0].IPv4.Flows) != 2 {
		t.Errorf("got %+v", told)
	}
	if out := run(0, "", "diff", ".", "."); out != "" {
		t.Errorf("of the same folder: %s", out)
	}
	run(0, "map site: 50 % of IPv4 and nothing of IPv6 get another POP\n  IPv4  from, to  fra -> nyc 50 %\n        countries US 50 % (50 % of it)\n        prefixes  192.0.2.0/24 fra -> nyc\n",
		"diff", "../old.mmdb", "../new.mmdb")
	run(0, "map site: ", "diff", "../old.mmdb")

	// Who came in the last days, as tinycdn stats --json tells it.
	moves := []string{"diff", "../old.mmdb", "../new.mmdb"}
	run(0, "\nof visitors it is not known who moves: there is no [stats] in tinycdn.toml\n", moves...)
	run(0, "\n        visitors  50 %: fra -> nyc 50 %; from US 50 % (50 % of it)\n", append(moves, "--stats", "../came.json")...)
	run(0, "\nvisitors: 5 in 2 days, by country; of 1 the country is not known\n", append(moves, "--stats", "../came.json")...)
	run(0, `"audience":{"what":"visitors","days":2,"count":5,"placed":4}`, append(moves, "--json", "--stats", "../came.json")...)
	run(0, `"audience_error":"there is no [stats] in tinycdn.toml"`, append(moves, "--json")...)
	run(2, "--stats ../none.json: no such file or directory", append(moves, "--stats", "../none.json")...)
	run(2, "--stats ../text.mmdb: line 1: want what tinycdn stats --json prints, an object a line", append(moves, "--stats", "../text.mmdb")...)

	run(1, "../bad has mistakes (tinycdn check --config ../bad/tinycdn.toml)", "diff", "../bad")
	run(1, "../text.mmdb: not a MaxMind DB file, or cut short", "diff", "../text.mmdb")
	run(2, "nothing: want a folder, a database, a generation by its number or hash (tinycdn history --json), live, or last", "diff", "nothing")
	run(2, "want tinycdn diff [OLD [NEW]]", "diff", "a", "b", "c")
	run(1, "this folder belongs to no cluster yet", "diff", "1")
	run(1, "this folder belongs to no cluster yet", "diff")
	run(1, "last: there are no copies of ", "diff", "last")

	// The copies that a POP keeps lie below their absolute paths.
	path, err := filepath.EvalSymlinks(filepath.Join(h.Folder, "after"))
	if err != nil {
		t.Fatal(err)
	}
	copies := filepath.Join(state, "last", strings.ReplaceAll(strings.ReplaceAll(strings.TrimPrefix(path, "/")+"/tinycdn.toml", "-", "%2D"), "/", "-"), path)
	if err := os.CopyFS(copies, os.DirFS(filepath.Join(h.Folder, "before"))); err != nil {
		t.Fatal(err)
	}
	os.RemoveAll(filepath.Join(copies, "public")) // of sites there are none
	if out := run(0, "~ tinycdn.toml (+ pops.syd)\n~ zones/example.org.toml (ns A: 192.0.2.1 -> 192.0.2.9)\nmap site: ", "diff", "last"); strings.Contains(out, "public") {
		t.Error(out)
	}

	run(2, "--output x.gif: a picture is .svg or .png", "map", "-o", "x.gif")
	run(2, `map "sites": there is no such map (did you mean "site"?)`, "map", "sites")
	run(2, `map "nowhere": there is no such map (there are: site)`, "map", "nowhere")
	run(2, "want tinycdn map [NAME]", "map", "a", "b")
	run(2, "unknown flag: --nonsense", "map", "--nonsense")
	run(2, "tests.toml: no such file or directory: name one, or have one written (tinycdn test --record tests.toml)", "test")
	run(1, "zones: ", "map", "--config", "../bad/tinycdn.toml")
	run(1, "none/x.svg", "map", "-o", "none/x.svg")
	run(0, "", "map", "--diff", "../before", "-o", "moves.svg")
	svg, err := os.ReadFile(filepath.Join(h.Folder, "after", "moves.svg"))
	if err != nil {
		t.Fatal(err)
	}
	for decoder := xml.NewDecoder(strings.NewReader(string(svg))); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"what moves since ../before", "fra -&gt; syd", ">stays<", "IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0"} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("%q is not in the picture", want)
		}
	}
}
