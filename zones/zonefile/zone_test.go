package zonefile

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	"tinycdn/zones/rr"
)

// written is a sink that writes down what it is given, a line each, as a master file would have it.
type written struct{ lines []string }

func (w *written) Record(r *Record) {
	header := dns.RR_Header{Name: dns.Fqdn(rr.NameText(r.Owner)), Rrtype: r.Type, Class: dns.ClassINET, Ttl: r.TTL, Rdlength: uint16(len(r.Data))}
	read, used, err := dns.UnpackRRWithHeader(header, r.Data, 0)
	if err != nil || used != len(r.Data) {
		w.lines = append(w.lines, fmt.Sprintf("%s %d broken %s %x: %v", rr.NameText(r.Owner), r.TTL, TypeText(r.Type), r.Data, err))
		return
	}
	text := strings.NewReplacer("\tIN\t", "\t", "\tCLASS1\t", "\t").Replace(read.String())
	w.lines = append(w.lines, strings.Join(strings.Fields(text), " "))
}

func (w *written) Geo(g *Geo) {
	w.lines = append(w.lines, fmt.Sprintf("%s. %d geo %s", rr.NameText(g.Owner), g.TTL, g.Map))
}

// fileTime is when the files of the tests were changed; 1700000000 is the serial derived from it.
var fileTime = time.Unix(1700000000, 0)

// put writes files, given as name and text by turns, into a new folder.
func put(t *testing.T, files ...string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for i := 0; i < len(files); i += 2 {
		path := filepath.Join(folder, files[i])
		if err := os.WriteFile(path, []byte(files[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, fileTime, fileTime); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// read reads the first of the files as a zone. Problems have file names without the folder.
func read(t *testing.T, origin string, files ...string) (lines, problems []string, zone Zone) {
	t.Helper()
	folder := put(t, files...)
	var sink written
	zone, found := Read(filepath.Join(folder, files[0]), origin, &sink)
	for _, p := range found {
		problems = append(problems, strings.ReplaceAll(p.String(), folder+string(filepath.Separator), ""))
	}
	return sink.lines, problems, zone
}

func wantLines(t *testing.T, what string, got []string, want string) {
	t.Helper()
	var lines []string
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if g, w := strings.Join(got, "\n"), strings.Join(lines, "\n"); g != w {
		t.Errorf("%s: got\n%s\nwant\n%s", what, g, w)
	}
}

func TestZoneIsNamedByConfigurationElseByItselfElseByItsFile(t *testing.T) {
	t.Parallel()
	const master, ns = "$TTL 1\n@ NS ns\n", "records = { '@' = { NS = 'ns' } }"
	for _, test := range []struct{ file, text, configured, want string }{
		{"example.org.zone", master, "", "example.org"},
		{"example.org", master, "", "example.org"},
		{"EXAMPLE.org.ZONE", master, "", "example.org"},
		{"db.example.net", master, "Example.NET.", "example.net"},
		{"db.example.net", master, "db.example.NET", "db.example.net"},

		// What the field writes around a name.
		{"db.example.org", master, "", "example.org"},
		{"DB.Example.Org.Signed", master, "", "example.org"},
		{"pri.example.info", master, "", "example.info"},
		{"master.example.io", master, "", "example.io"},
		{"zone.example.io", master, "", "example.io"},
		{"example.net.db", master, "", "example.net"},
		{"example.com.hosts", master, "", "example.com"},
		{"example.com.dns", master, "", "example.com"},
		{"example.edu.zone.signed", master, "", "example.edu"},
		{"db.example.edu.zone.signed", master, "", "example.edu"},
		{"example.org.zone.toml", ns, "", "example.org"},
		{"db.example.org.toml", ns, "", "example.org"},
		{"2.0.192.in-addr.arpa.db", master, "", "2.0.192.in-addr.arpa"},
		// Domains that only look like that.
		{"zone.eu", master, "", "zone.eu"},
		{"zone.eu.zone", master, "", "zone.eu"},
		{"db.com.toml", ns, "", "db.com"},
		{"example.zone.zone", master, "", "example.zone"},
		{"example.zone.toml", ns, "", "example.zone"},
		{"zone", master, "", "zone"},
		{"dbexample.org", master, "", "dbexample.org"},
		{"mydb.example.org", master, "", "mydb.example.org"},
		{"test.db", master, "", "test"},

		// What the file says is surer than its name.
		{"z1", "$ORIGIN Example.org.\n" + master, "", "example.org"},
		{"z1", "; first\n$TTL 1\n$ORIGIN example.org.\n@ SOA a. b. 1 2 3 4 5\n", "", "example.org"},
		{"z1", "$TTL 1\nexample.org. 5 IN SOA a. b. 1 2 3 4 5\n", "", "example.org"},
		{"z1", "$TTL 1\nexample.org. IN 5 soa ( a. b. 1 2 3 4 5 )\n", "", "example.org"},
		{"db.old.example", "$TTL 1\nexample.org. SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n", "", "example.org"},
		{"z1", "$ORIGIN .\n$TTL 1\nexample.org SOA a. b. 1 2 3 4 5\n$ORIGIN example.org.\nwww NS a.\n", "", "example.org"},
		{"z1", "$ORIGIN org.\n$ORIGIN example\n$TTL 1\n@ SOA a. b. 1 2 3 4 5\n", "", "example.org"},
		{"z1", "$ORIGIN org.\n$TTL 1\nexample SOA a. b. 1 2 3 4 5\n", "", "example.org"},
		{"z1", "$ORIGIN .\n$TTL 1\n@ SOA a. b. 1 2 3 4 5\n", "", "."},
		{"example.org", "$ORIGIN org.\n$TTL 1\nexample NS a.\n", "", "example.org"},
		{"example.org", "$TTL 1\n@ SOA a. b. 1 2 3 4 5\n$ORIGIN www.example.org.\n@ NS a.\n", "", "example.org"},
		{"example.org", "$TTL 1\n$GENERATE 1-2 a$ NS a.\n$ORIGIN www.example.org.\n", "", "example.org"},
		{"example.org", "$TTL 1\n@ SOA a. b. 1 2 3 4 5\nexample.org. NS a.\n", "", "example.org"},
		{"root.zone", master, ".", "."},
		{"example.org.toml", ns, "", "example.org"},
		{"zone.toml", "origin = 'example.org'\n" + ns, "", "example.org"},
		{"zone.toml", "origin = 'example.org'\n" + ns, "EXAMPLE.org.", "example.org"},
		{"zone.toml", ns, "example.org", "example.org"},
	} {
		_, problems, zone := read(t, test.configured, test.file, test.text)
		if zone.OriginText != test.want || rr.NameText(zone.Origin) != test.want || len(problems) > 0 {
			t.Errorf("%s, configured %q: got %q %v, want %q", test.file, test.configured, zone.OriginText, problems, test.want)
		}
	}
}

// TestBrokenZoneKeepsItsName, so that it fails under that name, and what answered for it before goes on.
func TestBrokenZoneKeepsItsName(t *testing.T) {
	t.Parallel()
	const broken = "\n[records]\nwww = { A = }\n"
	for _, test := range []struct{ text, configured, want string }{
		{"origin = 'example.org'" + broken, "", "example.org"},
		{"# a comment\nttl = 5\n  \"origin\"=\"EXAMPLE.org.\" # another" + broken, "", "example.org"},
		{"origin = 'example.org'" + broken, "example.org", "example.org"},
		{"origin = 'org'" + broken, "", "org"},
		{"\uFEFForigin = 'example.org'\n", "", "example.org"},
		{"origin = '.'" + broken, "", "."},
		{"origin = example.org", "", "example.org"},
		{"origin = \"example.org\nttl = 5\n", "", "example.org"},
		{"ttl = \norigin = 'example.org'\n", "", "example.org"},
		{"origin = ['example.org']\n", "", "example.org"},
		{"origin = { name = 'example.org' }", "", "zone"},
		{"origin = 5", "", "zone"},
		{"origin = 5", "example.net", "example.net"},
		{"origin = 'a..b'", "", "zone"},
		{"origin = 'a..b'" + broken, "", "zone"},
		{"my_origin = 'example.org'" + broken, "", "zone"},
		{broken + "origin = 'example.org'", "", "zone"},
		{broken, "example.net", "example.net"},
		{broken, "", "zone"},
	} {
		_, problems, zone := read(t, test.configured, "zone.toml", test.text)
		if zone.OriginText != test.want || len(problems) != 1 {
			t.Errorf("%q, configured %q: got %q %q, want %q", test.text, test.configured, zone.OriginText, problems, test.want)
		}
	}
	zone, problems := Read(filepath.Join(t.TempDir(), "example.org.toml"), "", new(written))
	if zone.OriginText != "example.org" || len(problems) != 1 {
		t.Errorf("a file that is not there: got %q %v", zone.OriginText, problems)
	}
}

func TestFilesOfAZoneAreListed(t *testing.T) {
	t.Parallel()
	_, _, zone := read(t, "",
		"example.org.toml", "include = ['a.zone', 'none.zone']",
		"a.zone", "$INCLUDE b.zone",
		"b.zone", "x A 192.0.2.1")
	var names []string
	for path, info := range zone.Files {
		if info == nil {
			names = append(names, filepath.Base(path)+" is missing")
		} else {
			names = append(names, info.Name())
		}
	}
	slices.Sort(names)
	wantLines(t, "files", names, "a.zone\nb.zone\nexample.org.toml\nnone.zone is missing")
}

// onRecord is a sink that does something at every record.
type onRecord func()

func (f onRecord) Record(*Record) { f() }
func (f onRecord) Geo(*Geo)       {}

// TestFilesAreAsTheyWereBeforeTheyWereRead: what changes while the zone is read is then seen as changed.
func TestFilesAreAsTheyWereBeforeTheyWereRead(t *testing.T) {
	t.Parallel()
	folder := put(t,
		"a.zone", "$INCLUDE b.zone\nx 5 A 192.0.2.1\n$INCLUDE b.zone\n",
		"b.zone", "",
		"new.zone", "x 5 A 192.0.2.2\n")
	a, b := filepath.Join(folder, "a.zone"), filepath.Join(folder, "b.zone")
	edited := fileTime.Add(time.Hour)
	zone, problems := Read(a, "example.org", onRecord(func() {
		if err := os.Rename(filepath.Join(folder, "new.zone"), a); err != nil {
			t.Error(err)
		}
		if err := os.Chtimes(b, edited, edited); err != nil {
			t.Error(err)
		}
	}))
	after, err := os.Stat(a)
	if err != nil || len(problems) > 0 || len(zone.Files) != 2 {
		t.Fatalf("got %v, %v, %v", zone.Files, problems, err)
	}
	if os.SameFile(zone.Files[a], after) {
		t.Error("the file that was read is taken for the one that is there now")
	}
	if got := zone.Files[b].ModTime(); !got.Equal(fileTime) {
		t.Errorf("the included file: got %v, want the time at which it was read first, %v", got, fileTime)
	}
}

func TestOnlyPlainFilesAreRead(t *testing.T) {
	t.Parallel()
	folder := put(t)
	pipe := filepath.Join(folder, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		folder:           "is a folder, not a file",
		folder + "/none": "no such file or directory",
		os.DevNull:       "is a device, not a file",
		pipe:             "is a pipe, not a file",
	} {
		_, problems := Read(path, "example.org", new(written))
		if len(problems) != 1 || problems[0].String() != path+": "+want {
			t.Errorf("got %v, want %s: %s", problems, path, want)
		}
	}
}

func TestManyProblemsEndReading(t *testing.T) {
	t.Parallel()
	_, problems, _ := read(t, "", "example.org.zone", strings.Repeat("x Q 1\n", maxProblems+5000))
	if len(problems) != 21 || problems[20] != "example.org.zone: and more: reading stops here" {
		t.Errorf("got %d problems, the last: %s", len(problems), problems[len(problems)-1])
	}
}
