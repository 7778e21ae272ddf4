package protocol

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tinycdn/tests/testkit"
)

// edits are what an operator does to a server at work, and the last line of its log on each.
var edits = []struct{ what, file, old, new, log string }{
	{"a zone is edited, and its serial raised", "zones/example.org.toml", "serial = 7 }", "serial = 8 }", `msg=reloaded`},
	{"a zone is edited, and its serial forgotten", "text.example.zone", "@ NS", "w A 192.0.2.1\n@ NS", `msg=reloaded`},
	{"a mistake in a zone", "zones/example.org.toml", `"192.0.2.80"`, `"192.0.2.8O"`, `level=ERROR.*8O`},
	{"another mistake instead", "zones/example.org.toml", `"192.0.2.8O" }`, `"192.0.2.80", TLL = "x" }`, `level=ERROR.*TLL`},
	{"it is mended", "zones/example.org.toml", `, TLL = "x"`, ``, `msg=reloaded`},
	{"the broken zone is mended", "zones/broken.example.toml", `"192.0.2.8O"`, `"192.0.2.80"`, `msg=reloaded`},
	{"a mistake in the configuration", "tinycdn.toml", `default = "nyc"`, `default = "ncy"`, `level=ERROR.*ncy`},
	{"it is mended, in another way", "tinycdn.toml", `default = "ncy"`, `default = "fra"`, `msg=reloaded`},
	{"the broken site is there", "nowhere", "elsewhere", "", `all that was wrong is mended`},
	{"the host without a certificate is taken away", "tinycdn.toml", `, "www.uncovered.example"`, ``, `all that was wrong is mended`},
	{"a setting that needs a restart", "tinycdn.toml", "# clients", "clients", `level=WARN.*dns.clients`},
	{"a page is edited", "pages/content/first.md", "One.", "One and a half.", `msg=published`},
	{"a mistake in a page", "pages/content/first.md", `title = "The first"`, `slug = "the/first"`, `level=ERROR.*slug`},
	{"it is mended", "pages/content/first.md", `slug = "the/first"`, `title = "The first"`, `all that was wrong is mended`},
	{"a file is edited", "public/index.html", "home", "at home", `msg=published`},
	{"a database that is none", "places.mmdb", "", "nonsense", `level=ERROR.*places.mmdb`},
}

// TestGoldenLog records what a server says in its log, from its start to its end: operators search for these words.
func TestGoldenLog(t *testing.T) {
	t.Parallel()
	h := logHost(t)
	h.Start(t)
	seen, text := 0, &strings.Builder{}
	say := func(what string) {
		list, _ := h.Log.From(seen)
		seen += len(list)
		text.WriteString("\n=== " + what + "\n")
		for _, line := range list {
			text.WriteString("  " + steadyLog(h, line) + "\n")
		}
	}
	awaitLog(t, h, 0, "msg=ready")
	say("a start")
	for _, e := range edits {
		edit(t, h, e.file, e.old, e.new)
		awaitLog(t, h, seen, e.log)
		say(e.what)
	}
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	awaitLog(t, h, seen, "places.mmdb")
	if err := h.Stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	say("SIGHUP, and SIGTERM")
	wantGolden(t, "log.txt", text.String()[1:])
}

// edit puts a file in place in which a text is replaced: all of it if that is "". Without a new text, old is the folder
// that is moved there.
func edit(t *testing.T, h *testkit.Host, file, old, text string) {
	t.Helper()
	path := filepath.Join(h.Folder, file)
	if data, err := os.ReadFile(path); err == nil {
		if old == "" {
			old = string(data)
		}
		err = testkit.ReplaceFile(path, func(w io.Writer) error {
			if strings.Count(string(data), old) != 1 {
				t.Fatalf("%q is not once in %s", old, file)
			}
			_, err := io.WriteString(w, strings.Replace(string(data), old, text, 1))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	} else if err := os.Rename(filepath.Join(h.Folder, old), path); err != nil {
		t.Fatal(err)
	}
}

// TestGoldenLogInJSON records the same of a start and an end, for those who have their logs read by programs.
func TestGoldenLogInJSON(t *testing.T) {
	t.Parallel()
	h := logHost(t)
	config, err := os.ReadFile(filepath.Join(h.Folder, "tinycdn.toml"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, h, "tinycdn.toml", strings.Replace(string(config), "# log", "log", 1))
	h.Start(t)
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	if err := h.Stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	wantGolden(t, "log-json.txt", steadyLog(h, h.Log.String())+"\n")
}

// logHost builds the host whose log is recorded.
func logHost(t *testing.T) *testkit.Host {
	t.Helper()
	h := testkit.Build(t, readGolden(t, "log.house"))
	places, err := os.ReadFile(filepath.Join(h.Folder, "places"))
	if err != nil {
		t.Fatal(err)
	}
	if err := testkit.WriteMMDB(filepath.Join(h.Folder, "places.mmdb"), string(places)); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	hosts := []string{"example.org", "pages.example", "broken.example"}
	if _, err := testkit.Authority().Issue(filepath.Join(h.Folder, "cert"), now.Add(-time.Hour), now.Add(time.Hour), hosts...); err != nil {
		t.Fatal(err)
	}
	return h
}

// awaitLog waits for a line.
func awaitLog(t *testing.T, h *testkit.Host, from int, pattern string) {
	t.Helper()
	fits := regexp.MustCompile(pattern).MatchString
	if _, found := h.Log.Await(from, h.Exited, fits); !found {
		t.Fatalf("the log has no line %s behind line %d\n%s", pattern, from, h.Log)
	}
}

var unsteadyLog = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`\btime=\S+`), "time=(time)"},
	{regexp.MustCompile(`\bafter=[\d.]+m?s`), "after=(time)"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC`), "(time)"},
	{regexp.MustCompile(`"time":"[^"]+"`), `"time":"(time)"`},
	{regexp.MustCompile(`"after":\d+`), `"after":(time)`},
	{regexp.MustCompile(`\b20\d\d-\d\d-\d\d\b`), "(day)"},
	{regexp.MustCompile(`serial 1[789]\d{8}\b`), "serial (time)"}, // of a TOML zone
}

// sitesOf are what a line says of all sites, in an order that differs from time to time.
var sitesOf = regexp.MustCompile(`( site\.\S+="[^"]*")+|(,"site\.[^"]+":"[^"]*")+`)

// steadyLog puts words in the place of what differs from time to time.
func steadyLog(h *testkit.Host, text string) string {
	text = sitesOf.ReplaceAllStringFunc(text, func(list string) string {
		first, _, _ := strings.Cut(list, "site.") // what is before each
		sites := strings.Split(list, first+"site.")[1:]
		slices.Sort(sites)
		return first + "site." + strings.Join(sites, first+"site.")
	})
	for _, u := range unsteadyLog {
		text = u.pattern.ReplaceAllString(text, u.instead)
	}
	return steady(h, text)
}
