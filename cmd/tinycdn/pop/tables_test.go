package pop

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/geoip/geoiptest"
	"tinycdn/zones/diag"
)

// tablesIn is a configuration with a database and two maps in a folder, and where its tables are kept.
func tablesIn(t testing.TB, dir string) (c *config.Config, path string) {
	database := geoiptest.Write(t, mmdbwriter.Options{DatabaseType: "Test"}, func(insert func(string, mmdbtype.DataType)) {
		for i, country := range []string{"FR", "US", "AU", "NZ", "BR", "DE", "JP"} {
			for k := range 20 {
				insert(fmt.Sprintf("%d.%d.0.0/16", 20+i*7, k*5), mmdbtype.Map{"country_code": mmdbtype.String(country)})
				insert(fmt.Sprintf("2a0%d:%x::/32", i, k*9), mmdbtype.Map{"country_code": mmdbtype.String(country)})
			}
		}
	})
	toml := "zones = []\n[geoip]\ndatabases = [%q]\n[pops.nyc]\naddresses = [\"192.0.2.1\"]\nlocation = [40.71, -74.01]\n[pops.fra]\n" +
		"addresses = [\"192.0.2.2\"]\nlocation = [50.11, 8.68]\n[pops.syd]\naddresses = [\"192.0.2.3\"]\nlocation = [-33.87, 151.21]\n" +
		"[maps.site]\ndefault = \"nyc\"\n[maps.other]\ndefault = \"fra\"\nbias = { syd = 0.5 }\ncountries = { NZ = \"nyc\" }\n"
	file := filepath.Join(dir, "tinycdn.toml")
	if err := os.WriteFile(file, fmt.Appendf(nil, toml, database), 0o600); err != nil {
		t.Fatal(err)
	}
	c = config.Load(file)
	if len(c.Mistakes) > 0 {
		t.Fatal(c.Mistakes)
	}
	return c, filepath.Join(dir, "tables")
}

// made makes the maps with what is kept at path, and says what was logged, and whether they were made anew.
func made(t testing.TB, c *config.Config, path string) (set *mapSet, log string, anew bool) {
	t.Helper()
	var out bytes.Buffer
	kept := newKeptTables(path, slog.New(slog.NewTextHandler(&out, nil)))
	set, err := kept.make(c, diag.Stat(c.GeoIP.Databases), nil)
	if err != nil {
		t.Fatal(err)
	}
	anew = set.files != nil
	kept.keep(set)
	return set, out.String(), anew
}

// same says whether two sets of maps say the same of every address.
func same(a, b *mapSet) bool {
	for i, m := range a.maps {
		n := b.maps[i]
		if m.Name != n.Name || !m.Table.Equal(n.Table) || !m.Table.Table().Equal(n.Table.Table()) || !reflect.DeepEqual(m.Orders, n.Orders) || len(m.Sent) == 0 || !reflect.DeepEqual(m.Sent, n.Sent) || m.Default != n.Default {
			return false
		}
	}
	return len(a.maps) == len(b.maps) && reflect.DeepEqual(a.countries, b.countries) && reflect.DeepEqual(a.databases, b.databases)
}

func TestTablesThatWereKeptAreThoseThatWereMade(t *testing.T) {
	t.Parallel()
	c, path := tablesIn(t, t.TempDir())
	first, log, anew := made(t, c, path)
	if !anew || log != "" {
		t.Fatalf("made anew: %v, log %q", anew, log)
	}
	second, log, anew := made(t, c, path)
	if anew || log != "" || !same(first, second) {
		t.Errorf("made anew: %v, log %q, the same: %v", anew, log, same(first, second))
	}
}

// TestTablesOfAnythingElseAreMadeAnew changes one thing at a time that tables are made by.
func TestTablesOfAnythingElseAreMadeAnew(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(t *testing.T, c *config.Config){
		"a POP's place": func(_ *testing.T, c *config.Config) { c.POPs[1].Point.Lat++ },
		"a rule":        func(_ *testing.T, c *config.Config) { c.Maps[1].Bias["syd"] = 0.6 },
		"the time of the database": func(t *testing.T, c *config.Config) {
			info, err := os.Stat(c.GeoIP.Databases[0])
			if err == nil {
				err = os.Chtimes(c.GeoIP.Databases[0], info.ModTime(), info.ModTime().Add(1))
			}
			if err != nil {
				t.Fatal(err)
			}
		},
		"the database, copied over with its time": func(t *testing.T, c *config.Config) {
			path := c.GeoIP.Databases[0]
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(path)
			if err == nil {
				err = os.WriteFile(path+".new", data, info.Mode())
			}
			if err == nil {
				err = os.Chtimes(path+".new", info.ModTime(), info.ModTime())
			}
			if err == nil {
				err = os.Rename(path+".new", path)
			}
			if err != nil {
				t.Fatal(err)
			}
		},
		"no database": func(_ *testing.T, c *config.Config) { c.GeoIP.Databases = nil },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			c, path := tablesIn(t, t.TempDir())
			made(t, c, path)
			change(t, c)
			if _, log, anew := made(t, c, path); !anew || log != "" {
				t.Errorf("made anew: %v, log %q", anew, log)
			}
			if _, log, anew := made(t, c, path); anew || log != "" { // and kept in place of the others
				t.Errorf("again made anew: %v, log %q", anew, log)
			}
		})
	}
}

// TestTablesThatAreInDoubtAreMadeAnew damages what is kept, each time in another way.
func TestTablesThatAreInDoubtAreMadeAnew(t *testing.T) {
	t.Parallel()
	c, path := tablesIn(t, t.TempDir())
	first, _, _ := made(t, c, path)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doubtful := map[string][]byte{"empty": {}, "longer": append(bytes.Clone(whole), 0)}
	for i := range 64 {
		doubtful[fmt.Sprintf("torn at %d/64", i)] = whole[:len(whole)*i/64]
	}
	random := rand.New(rand.NewPCG(1, 9))
	for range 64 {
		bit := random.IntN(8 * len(whole))
		flipped := bytes.Clone(whole)
		flipped[bit/8] ^= 1 << (bit % 8)
		doubtful[fmt.Sprintf("bit %d", bit)] = flipped
	}
	kept := newKeptTables(path, slog.New(slog.DiscardHandler))
	key, _ := keyOf(c, diag.Stat(c.GeoIP.Databases))
	for what, data := range doubtful {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if set, err := kept.read(c, key); set != nil || err == nil {
			t.Errorf("%s: got %v, %v", what, set, err)
		}
	}
	set, log, anew := made(t, c, path)
	if !anew || !same(set, first) || strings.Count(log, "\n") != 1 || !strings.Contains(log, "it is damaged") {
		t.Errorf("made anew: %v, the same: %v, log %q", anew, same(set, first), log)
	}
	// Of another machine or program is whatever has another key. It is sound, and nobody has to be told.
	other := bytes.Clone(whole[:len(whole)-sha256.Size])
	other[len(tablesMagic)] ^= 1
	sum := sha256.Sum256(other)
	if err := os.WriteFile(path, append(other, sum[:]...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, log, anew := made(t, c, path); !anew || log != "" {
		t.Errorf("of another machine: made anew: %v, log %q", anew, log)
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, log, anew := made(t, c, path); !anew || !strings.Contains(log, "others may write to it") {
		t.Errorf("written by anybody: made anew: %v, log %q", anew, log)
	}
}

// TestTablesThatCannotBeKeptAreToldOnce has a file where the folder would be, and a folder where the file would be.
func TestTablesThatCannotBeKeptAreToldOnce(t *testing.T) {
	t.Parallel()
	c, path := tablesIn(t, t.TempDir())
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	kept := newKeptTables(filepath.Join(path, "tables"), slog.New(slog.NewTextHandler(&out, nil)))
	for range 2 {
		set, err := kept.make(c, diag.Stat(c.GeoIP.Databases), nil)
		if err != nil || set.files == nil {
			t.Fatalf("not made: %v", err)
		}
		kept.told = ""
		out.Reset()
		for range 2 {
			kept.keep(set)
		}
		if log := out.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, "cannot be kept") || !strings.Contains(log, "not a directory") {
			t.Errorf("log %q", log)
		}
	}
}

// keptIn names the folder in which a child process of TestKilledWhileTablesAreKept works until it is killed.
const keptIn = "TINYCDN_TEST_TABLES"

// TestKilledWhileTablesAreKept kills processes in the midst of writing, two at a time: what lies there is whole, or nothing.
func TestKilledWhileTablesAreKept(t *testing.T) {
	if dir := os.Getenv(keptIn); dir != "" {
		c, path := config.Load(filepath.Join(dir, "tinycdn.toml")), filepath.Join(dir, "tables")
		for i := 0; ; i++ {
			c.POPs[1].Point.Lat = 50 + float64(i%2)
			made(t, c, path)
			fmt.Println("kept")
		}
	}
	t.Parallel()
	dir := t.TempDir()
	c, path := tablesIn(t, dir)
	found := 0
	for round := range 10 {
		children := make([]*exec.Cmd, 2)
		for i := range children {
			child := exec.Command(os.Args[0], "-test.run=^TestKilledWhileTablesAreKept$")
			child.Env = append(os.Environ(), keptIn+"="+dir)
			out, err := child.StdoutPipe()
			if err == nil {
				err = child.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			defer child.Wait()
			children[i] = child
			lines := bufio.NewScanner(out)
			for range 1 + round%3 {
				lines.Scan()
			}
			for range round * 300 { // some work, so that it is another moment each time
				os.Lstat(dir)
			}
		}
		for _, child := range children {
			child.Process.Kill()
			child.Wait()
		}
		for _, lat := range []float64{50, 51} {
			c.POPs[1].Point.Lat = lat
			key, _ := keyOf(c, diag.Stat(c.GeoIP.Databases))
			set, err := newKeptTables(path, slog.New(slog.DiscardHandler)).read(c, key)
			if err != nil {
				t.Errorf("round %d: %v", round, err)
			}
			if set != nil {
				found++
			}
		}
	}
	if found == 0 {
		t.Error("nothing was kept")
	}
}
