package visits

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// written is the file of a day.
func written(t testing.TB, date, pop string, views int) []byte {
	t.Helper()
	c := counter(t, t.TempDir(), pop)
	for i := range views {
		c.Add(opened(fmt.Sprintf("192.0.2.%d", i%250), fmt.Sprintf("/%d", i%9)))
		c.count(time.Now())
	}
	text, err := c.today.print(date, pop)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestFileIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	text := written(t, "2026-11-28", "fra", 700)
	h, d, err := parse(text)
	if err != nil || h.name() != "2026-11-28.fra" || h.Number != 700 {
		t.Fatalf("got %+v, %v", h, err)
	}
	again, err := d.print(h.Day, h.POP)
	if err != nil || !bytes.Equal(text, again) {
		t.Errorf("written again it is another file: %v", err)
	}
	if s := d.Sites["www.example.org"]; s.Visitors.count() != 250 || s.Pages["/0"].Views != 78 {
		t.Errorf("%d visitors, and %d views of /0", s.Visitors.count(), s.Pages["/0"].Views)
	}
}

func TestFileWithMistakesIsRefused(t *testing.T) {
	t.Parallel()
	good := string(written(t, "2026-11-28", "fra", 3))
	line, body, _ := strings.Cut(good, "\n")
	with := func(body string) string {
		return fmt.Sprintf("tinycdn stats 1 2026-11-28 fra 1 %d\n%s", len(body), body)
	}
	var zones []string
	for i := range mostZones + 2 {
		zones = append(zones, fmt.Sprintf(`"%d.example":1`, i))
	}
	for text, want := range map[string]string{
		with(`{"number":1,"queries":{"zones":{` + strings.Join(zones, ",") + `}}}`): "names 1002 zones and 0 countries of queries: 1000 are the most",
		"":                 "is no file of statistics",
		"GIF89a":           "is no file of statistics",
		line:               "is no file of statistics",
		line + "\n":        "is torn: 0 of",
		good[:len(good)/2]: "is torn",
		good + "x":         "is torn",
		strings.Replace(good, "2026-11-28", "2026-13-28", 1):                                    "2026-13-28 is no day",
		strings.Replace(good, " fra ", " ../fra ", 1):                                           "is no file of statistics",
		strings.Replace(good, "stats 1", "stats 9", 1):                                          "is no file of statistics",
		strings.Replace(good, " 3 ", " 4 ", 1):                                                  "has the number 4 in its first line, and 3 below",
		line + "\n" + strings.Repeat("x", len(body)):                                            "invalid character",
		with(`{"number":1,"sites":{"a":null}}`):                                                 `"a": null is no site`,
		with(`{"number":1,"sites":{"a":{"pages":{"/":null}}}}`):                                 `"a": "/": null is no count`,
		with(`{"number":1,"sites":{"a":{"visitors":"!"}}}`):                                     "illegal base64",
		with(`{"number":1,"sites":{"a":{"visitors":"AgoAAQAA"}}}`):                              "too short",
		with(`{"number":1,"sites":{"a":{"visitors":"AgsAAQAAAAAAAAAAAAAAAAAAAAA="}}}`):          "visitors of precision 11: want 14",
		with(`{"number":1,"sites":{"a":{"pages":{"/":{"v":"Ag4AAQAAAAAAAAAAAAAAAAAAAAA="}}}}}`): "visitors of precision 14: want 11",
		with(`{"number":-1}`):                                                                   "cannot unmarshal",
		strings.Repeat("x", mostFile+1):                                                         "is larger than 16 MB",
	} {
		if _, _, err := parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: got %v, want %q", text, err, want)
		}
	}
}

// TestBadFilesInTheFolderCostThemselves: what is torn, foreign or no file at all keeps nobody from counting, and is told of.
func TestBadFilesInTheFolderCostThemselves(t *testing.T) {
	t.Parallel()
	folder, today := t.TempDir(), dateOf(time.Now())
	good := written(t, today, "syd", 5)
	for name, text := range map[string]string{
		today + ".fra": string(good[:len(good)-7]), today + ".nyc": string(good), today + ".syd": string(good),
		"README": "of somebody else", "2026-99-99.fra": "x", saltsName: "{",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(folder, today+".ams"), 0o700); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	c := New(Options{Folder: folder, POP: "fra", Locate: counter(t, t.TempDir(), "fra").Locate, Log: slog.New(slog.NewTextHandler(&log, nil))}, Config{Days: 400, Visitors: true})
	c.Add(opened("192.0.2.1", "/"))
	c.count(time.Now())
	c.flush(time.Now())
	if got := report(t, c); got["all"][0] != 6 || got["pop fra"][0] != 1 || got["pop syd"][0] != 5 {
		t.Errorf("got %v", got)
	}
	for _, want := range []string{today + ".fra", "is of " + today + ".syd", "is torn", saltsName} {
		if want != "is of "+today+".syd" && !strings.Contains(log.String(), want) {
			t.Errorf("the log says nothing of %s:\n%s", want, &log)
		}
	}
	if text, err := os.ReadFile(filepath.Join(folder, "README")); err != nil || string(text) != "of somebody else" {
		t.Errorf("somebody else's file: %q, %v", text, err)
	}
	if have := c.Have(); !reflect.DeepEqual(have, map[string]uint64{today + ".fra": 1, today + ".syd": 5}) {
		t.Errorf("it has %v", have)
	}
}

// TestFullFolderCostsNoCount: while nothing can be written all is in memory, that is told once, and later it is written.
func TestFullFolderCostsNoCount(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "stats")
	if err := os.WriteFile(folder, nil, 0o600); err != nil { // where the folder should be
		t.Fatal(err)
	}
	var log bytes.Buffer
	c := New(Options{Folder: folder, POP: "fra", Locate: counter(t, t.TempDir(), "fra").Locate, Log: slog.New(slog.NewTextHandler(&log, nil))}, Config{Days: 400, Visitors: true})
	for range 3 {
		c.Add(opened("192.0.2.1", "/"))
		c.count(time.Now())
		c.flush(time.Now())
	}
	if n := strings.Count(log.String(), "statistics cannot be written"); n != 1 {
		t.Errorf("it is told %d times:\n%s", n, &log)
	}
	if u := c.Unwritten(); u == nil || u.Why == nil || u.Since.IsZero() {
		t.Errorf("of what cannot be written it says %+v", u)
	}
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	c.flush(time.Now())
	if got := report(t, counter(t, folder, "fra"))["all"]; got != [2]uint64{3, 1} {
		t.Errorf("after the folder was mended: %v\n%s", got, &log)
	}
	if u := c.Unwritten(); u != nil {
		t.Errorf("after the folder was mended it says %+v", u)
	}
}

func TestOldDaysGo(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	f := folder(t.TempDir())
	for i := range 6 {
		if err := f.write(dateOf(now.AddDate(0, 0, -i))+".fra", []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	large := f.path("2026-11-26.syd")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f.prune(now, 4)
	if exists(f.path("2026-11-24.fra")) || !exists(f.path("2026-11-25.fra")) {
		t.Error("of six days there are not the last four")
	}
	if err := os.Truncate(large, mostFolder); err != nil {
		t.Fatal(err)
	}
	f.prune(now, 4)
	if exists(large) || exists(f.path("2026-11-25.fra")) || !exists(f.path("2026-11-27.fra")) || !exists(f.path("2026-11-28.fra")) {
		t.Error("a folder that is too large has not lost its oldest days")
	}
}

func TestWhatAnotherPOPSendsIsLookedAt(t *testing.T) {
	t.Parallel()
	c := counter(t, t.TempDir(), "fra")
	today := dateOf(time.Now())
	good := written(t, today, "syd", 5)
	c.count(time.Now())
	for name, text := range map[string][]byte{today + ".nyc": good, "../../etc/passwd": good, today + ".syd": good[:40], "2020-01-01.syd": good} {
		if err := c.Take(name, text); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if _, err := c.File("../" + saltsName); err == nil {
		t.Error("a file of another name is given away")
	}
	if _, err := c.File(saltsName); err == nil {
		t.Error("the salts are given away as a file")
	}
	for _, salts := range []string{"{", `{"x":{}}`, `{"2026-11-28":{"secret":"AAAA"}}`, strings.Repeat(" ", mostSalt+1), `{"a":{},"b":{},"c":{},"d":{},"e":{}}`} {
		if err := c.TakeSalts([]byte(salts)); err == nil {
			t.Errorf("salts were taken: %.40q", salts)
		}
	}
	before := string(c.Salts())
	if err := c.TakeSalts([]byte(`{"2020-01-01":{"made":1,"secret":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}`)); err != nil || string(c.Salts()) != before {
		t.Errorf("a salt of long ago: %v", err)
	}
}

// TestLostDiskGetsItsDayBack from another POP, once.
func TestLostDiskGetsItsDayBack(t *testing.T) {
	t.Parallel()
	fra, syd := counter(t, t.TempDir(), "fra"), counter(t, t.TempDir(), "syd")
	for range 3 {
		fra.Add(opened("192.0.2.1", "/"))
	}
	fra.count(time.Now())
	fra.flush(time.Now())
	exchange(t, syd, fra)
	anew := counter(t, t.TempDir(), "fra")
	anew.Add(opened("192.0.2.1", "/"))
	anew.count(time.Now())
	exchange(t, anew, syd)
	exchange(t, anew, syd)
	if got := report(t, anew)["all"][0]; got != 4 {
		t.Errorf("%d views, want 4", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(written(f, "2026-11-28", "fra", 3))
	f.Add([]byte("tinycdn stats 1 2026-11-28 fra 1 37\n" + `{"number":1,"sites":{"a":{"pages":{}}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		h, d, err := parse(text)
		if err != nil {
			return
		}
		all := &day{}
		all.merge(d) // whatever is taken can be added up, told and written
		all.merge(d)
		for name, s := range all.Sites {
			s.rows(h.Day, name, nil, 10)
		}
		if _, err := d.print(h.Day, h.POP); err != nil {
			t.Error(err)
		}
		parseSalts(text)
	})
}
