package manifest

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/roster"
)

var (
	key  = roster.NewKey()
	noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
)

// of is a generation of these paths, with tinycdn.toml among them.
func of(paths ...string) *Manifest {
	m := &Manifest{Number: 42, Parent: ID{41, Hash{1}}, Config: "tinycdn.toml", By: "owner", Note: "a \"note\"\nof two lines", Time: noon}
	for i, path := range append(paths, "tinycdn.toml") {
		m.Files = append(m.Files, File{path, Hash{byte(i), byte(i >> 8), byte(i >> 16)}, int64(i), noon, Plain})
	}
	slices.SortFunc(m.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return m
}

func TestAManifestIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 255)
	m := of("a", "A", "a b", " a", "a ", "a-b", "a.d/b", `"quoted"`, "quo\"ted", "line\nend", "back\\slash", "tab\t", "\xff\xfe invalid", "é", "e\u0301",
		"\u202eright to left", "...", "..a", "a..", ".hidden", "-", long, "d/"+long, strings.Repeat("d/", 1500)+"f", "#", "signature", "file ", "`", "'x'")
	m.Files[3].Mode = Private
	signed, err := m.Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Open(signed.Text)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(&again.Manifest, m) || again.ID != signed.ID || again.Key != key.Public() {
		t.Errorf("got %v, want %v", &again.Manifest, m)
	}
	if other, _ := m.Sign(roster.NewKey()); other.ID != signed.ID {
		t.Error("who signs a generation makes another one of it")
	}
}

func TestPathsThatLeadElsewhere(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"../etc/passwd": "does not lead to a file below", "a/../b": "does not lead", "..": "does not lead", "/etc/passwd": "does not lead",
		"a//b": "does not lead", "a/": "does not lead", ".": "does not lead", "./a": "does not lead", "a/.": "does not lead", "": "does not lead",
		"nul\x00": "does not lead", strings.Repeat("a", 256): "does not lead", "d/" + strings.Repeat("é", 128): "does not lead",
		strings.Repeat("a/", 2560) + "b": "a path of 5121 octets: 3072 is the longest",
		"tinycdn.toml/below":             `"tinycdn.toml" is a file, and "tinycdn.toml/below" is below it`,
	} {
		if _, err := of(path).Sign(key); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: got %v, want %q", path, err, want)
		}
	}
	if _, err := of("a", "a-", "a.b", "a/b").Sign(key); err == nil || !strings.Contains(err.Error(), `"a" is a file, and "a/b" is below it`) {
		t.Errorf("a file that is a folder, with others between: %v", err)
	}
}

func TestManifestsThatAreNone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Manifest)
		want   string
	}{
		"number + 2":               {func(m *Manifest) { m.Number++ }, "generation 43 follows 41: numbers rise by one"},
		"number 0":                 {func(m *Manifest) { m.Number = 0 }, "numbers rise by one"},
		"its parent's number":      {func(m *Manifest) { m.Number = 41 }, "numbers rise by one"},
		"no configuration":         {func(m *Manifest) { m.Config = "other.toml" }, `"other.toml", is not among its files`},
		"somebody with a line":     {func(m *Manifest) { m.By = "ci\nnote x" }, `note: invalid syntax`},
		"nobody":                   {func(m *Manifest) { m.By = "" }, "is no name for a member"},
		"a novel":                  {func(m *Manifest) { m.Note = strings.Repeat("x", 5000) }, "a note of 5000 octets: 4096 are the most"},
		"a path twice":             {func(m *Manifest) { m.Files[1] = m.Files[0] }, "stands there twice"},
		"not in order":             {func(m *Manifest) { slices.Reverse(m.Files) }, "they are in order"},
		"a size below 0":           {func(m *Manifest) { m.Files[0].Size = -1 }, "no size, time or mode"},
		"a size of 2^63 - 1":       {func(m *Manifest) { m.Files[0].Size = 1<<63 - 1 }, "no size, time or mode"},
		"sizes beyond all disks":   {func(m *Manifest) { m.Files[0].Size, m.Files[1].Size = maxAll, maxAll }, "larger than anybody's disk"},
		"two sizes of one":         {func(m *Manifest) { m.Files[0].Hash = m.Files[1].Hash }, "another file with the same content"},
		"before 1970":              {func(m *Manifest) { m.Files[0].Time = time.Unix(-1, 0) }, "no size, time or mode"},
		"the year 10000":           {func(m *Manifest) { m.Files[0].Time = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }, "no size, time or mode"},
		"the year 9999":            {func(m *Manifest) { m.Files[0].Time = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) }, "is from the future"},
		"the day after tomorrow":   {func(m *Manifest) { m.Files[0].Time = noon.Add(25 * time.Hour) }, "is from the future"},
		"what everybody may write": {func(m *Manifest) { m.Files[0].Mode = 0o666 }, "no size, time or mode"},
		"what nobody may read":     {func(m *Manifest) { m.Files[0].Mode = 0 }, "no size, time or mode"},
	} {
		m := of("a", "b")
		c.change(m)
		if _, err := m.Sign(key); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestAManifestIsWrittenInOneWayOnly(t *testing.T) {
	t.Parallel()
	text := string(of("a").text())
	for name, other := range map[string]string{
		"a quoted path":       strings.Replace(text, " a\n", " \"a\"\n", 1),
		"a leading zero":      strings.Replace(text, "number 42", "number 042", 1),
		"a time in a zone":    strings.Replace(text, "12:00:00Z", "13:00:00+01:00", 1),
		"fractions":           strings.Replace(text, "12:00:00Z", "12:00:00.5Z", 1),
		"a raw note":          strings.Replace(text, `note "a \"note\"\nof two lines"`, "note `a`", 1),
		"a hash in capitals":  strings.Replace(text, "file 00", "file 0A", 1),
		"a mode of 3 digits":  strings.Replace(text, "0644 a", "644 a", 1),
		"a size with a sign":  strings.Replace(text, " 0 17", " +0 17", 1),
		"an empty line":       text + "\n",
		"without the end":     strings.TrimSuffix(text, "\n"),
		"a line of something": text + "more a b c d e\n",
		"carriage returns":    strings.ReplaceAll(text, "\n", "\r\n"),
	} {
		if other == text {
			t.Errorf("%s: nothing was changed", name)
		}
		if _, err := Open(key.Sign([]byte(other))); err == nil {
			t.Errorf("%s: it is taken", name)
		}
	}
	signed := key.Sign([]byte(text))
	if _, err := Open(bytes.Replace(signed, []byte("number 42"), []byte("number 43"), 1)); err == nil || !strings.Contains(err.Error(), "the text was changed on its way") {
		t.Errorf("a wrong signature: %v", err)
	}
}

// TestAManifestOf200000Files also says what one costs.
func TestAManifestOf200000Files(t *testing.T) {
	t.Parallel()
	paths := make([]string, 200_000)
	for i := range paths {
		paths[i] = fmt.Sprintf("site/content/%03d/%d/index.md", i%1000, i)
	}
	m := of(paths...)
	begin := time.Now()
	signed, err := m.Sign(key)
	if err != nil || len(signed.Files) != len(paths)+1 {
		t.Fatal(err)
	}
	t.Logf("%d MB, signed and opened in %v", len(signed.Text)>>20, time.Since(begin))
}

func BenchmarkOpen(b *testing.B) {
	paths := make([]string, 6000)
	for i := range paths {
		paths[i] = fmt.Sprintf("site/content/%03d/%d.md", i%100, i)
	}
	signed, err := of(paths...).Sign(key)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		Open(signed.Text)
	}
}

func TestPathsThatDifferInCaseAreTwo(t *testing.T) {
	t.Parallel()
	signed, err := of("README.html", "readme.html").Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"README.html", "readme.html"} {
		if _, ok := signed.Find(path); !ok {
			t.Errorf("%s is not there", path)
		}
	}
}

func FuzzManifest(f *testing.F) {
	f.Add(string(of("a", "b/c").text()[len(kind)+1:]))
	f.Add(string(of(`"`, "\xff\n").text()[len(kind)+1:]))
	f.Fuzz(func(t *testing.T, body string) {
		signed, err := Open(key.Sign([]byte(kind + "\n" + body + "\n")))
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("the error has several lines: %q", err)
			}
			return
		}
		again, err := signed.Sign(key)
		if err != nil || again.ID != signed.ID {
			t.Errorf("%q became %q: %v", signed.Text, again.Text, err)
		}
		files := map[string]bool{}
		for _, file := range signed.Files {
			files[file.Path] = true
		}
		for path := range files {
			for i := range path {
				if path[i] == '/' && files[path[:i]] {
					t.Errorf("%q is below a file", path)
				}
			}
		}
	})
}
