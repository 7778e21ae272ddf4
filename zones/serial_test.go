package zones_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tinycdn/zones"
)

func TestAnEditRaisesTheSerialNumberWhateverTheTimeOfTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "example.org.toml")
	if err := os.WriteFile(path, []byte("[records]\n'@' = { NS = 'ns.example.net.' }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := func(when time.Time) {
		t.Helper()
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
	}
	edited := time.Unix(1700000000, 0)
	at(edited)
	served := zones.Load(path, "", nil).Value
	for _, test := range []struct {
		what    string
		when    time.Time
		changed bool
		want    uint32
	}{
		{"read again", edited, false, 1700000000},
		{"edited in the same second", edited.Add(time.Millisecond), true, 1700000001},
		{"read again", edited, false, 1700000001},
		{"edited a second later", edited.Add(time.Second), true, 1700000002},
		{"edited later", edited.Add(time.Hour), true, 1700003600},
		{"an older file put back", edited, true, 1700003601},
	} {
		at(test.when)
		served = zones.Loader{}.LoadNext(path, "", served, test.changed).Value
		if served.Serial != test.want {
			t.Errorf("%s: got %d, want %d", test.what, served.Serial, test.want)
		}
	}
}

func TestTimesThatAreNoneOfAnEditAreTold(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "example.org.toml")
	if err := os.WriteFile(path, []byte("[records]\n'@' = { NS = 'ns.example.net.' }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for _, test := range []struct {
		when time.Time
		want int64 // 0: the present time
		note string
	}{
		{now.Add(time.Hour).Truncate(time.Second), now.Add(time.Hour).Unix(), ""}, // clocks differ
		{time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), 0, "its time, 2100-01-01T00:00:00Z, lies in the future"},
		{time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC), 0, "its time, 2200-01-01T00:00:00Z, lies in the future"},
		{time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC), 1, "its time, 1960-01-01T00:00:00Z, is before 1970"},
	} {
		if err := os.Chtimes(path, test.when, test.when); err != nil {
			t.Fatal(err)
		}
		l := zones.Load(path, "", nil)
		got := int64(l.Value.Serial)
		if fits := got == test.want || test.want == 0 && got >= now.Unix() && got <= time.Now().Unix(); !fits {
			t.Errorf("%v: got %d, want %d", test.when, got, test.want)
		}
		if told := fmt.Sprint(l.Notes); (test.note == "") != (len(l.Notes) == 0) || !strings.Contains(told, test.note) {
			t.Errorf("%v: told %v", test.when, l.Notes)
		}
		// What is read once more for a check has the same serial number.
		if problems := zones.NewStore().Current().Verify(l.Value, path, "", l.Files); len(problems) > 0 {
			t.Error(problems)
		}
	}
}

func TestNamesThatGoAreCounted(t *testing.T) {
	t.Parallel()
	load := func(apex string, hosts ...string) *zones.Zone {
		text := "@ 60 SOA ns.test. h.test. 1 2 3 4 5\n@ 60 NS ns.test.\n"
		for _, host := range hosts {
			text += host + " 60 A 192.0.2.1\n"
		}
		path := filepath.Join(t.TempDir(), apex+".zone")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return zones.Load(path, "", nil).Value
	}
	all := load("example.org", "a", "b", "c.d", "*.w")
	for _, test := range []struct {
		next *zones.Zone
		want int
	}{
		{all, 0},
		{load("example.org", "a", "b", "c.d", "*.w", "more"), 0},
		{load("example.org", "b", "c.d", "*.w"), 1},
		{load("example.org", "a", "b", "*.w"), 2}, // c.d, and d above it
		{load("example.org", "x", "y", "z"), 6},
		{load("example.org"), 6},
		{load("example.net", "a", "b", "c.d", "*.w"), 7},
	} {
		if got := all.NamesGone(test.next); got != test.want || all.Names != 7 {
			t.Errorf("got %d of %d, want %d of 7", got, all.Names, test.want)
		}
	}
}
