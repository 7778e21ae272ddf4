package zones

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// Zones are made in memory that others were made in before, and none of it shows: not of a larger zone, not of one with mistakes, and not
// while others are loaded beside it.
func TestZonesAreTheSameWhateverWasLoadedBefore(t *testing.T) {
	folder := t.TempDir()
	texts := map[string]string{
		"small": sound, "wild": sound + "*.a TXT star\nb.c.d MX 10 ns\n", "large": sound + "$GENERATE 0-9999 h$ A 192.0.2.1\n", "wrong": sound + "ns CNAME a\n",
		"broken": sound + "x A 1.2.3\n\"", "maps.toml": "records.'@' = { NS = 'ns', geo = 'site' }\nrecords.ns = { A = '192.0.2.1' }\nsoa.serial = 1\n",
		"plain.toml": "[soa]\nserial = 1\n[records]\n'@' = { NS = 'ns', TXT = ['a', 'b'] }\nns = { A = '192.0.2.1', ttl = 5 }\n",
	}
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	load := func(name string) string {
		l := Load(filepath.Join(folder, name), "example.org", []string{"site"})
		if l.Value == nil {
			return fmt.Sprint(l.Problems, l.Notes)
		}
		return fmt.Sprintf("%x %v %v %v", l.Value.Sum(), l.Value.Records, l.Value.Nameservers, l.Notes)
	}
	want := map[string]string{}
	for name := range texts {
		runtime.GC()
		runtime.GC() // what is kept for the next goes with the second
		want[name] = load(name)
	}
	var loaders sync.WaitGroup
	for range 4 {
		loaders.Go(func() {
			for range 20 {
				for name := range texts {
					if got := load(name); got != want[name] {
						t.Errorf("%s: got %s, alone %s", name, got, want[name])
					}
				}
			}
		})
	}
	loaders.Wait()
}

// A zone that is edited holds nothing of what it was, nor of those that were loaded with it.
func TestThousandsOfEditsTakeNoMemory(t *testing.T) {
	paths := make([]string, 50)
	all := make([]*Zone, len(paths))
	edit := func(i, n int) {
		text := sound + fmt.Sprintf("$GENERATE 0-%d h$ A 192.0.2.%d\n", n%20, n%256)
		if err := os.WriteFile(paths[i], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if all[i] = Load(paths[i], "example.org", nil).Value; all[i] == nil {
			t.Fatal("not loaded")
		}
	}
	held := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // what is kept for the next goes with the second
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	folder := t.TempDir()
	for i := range paths {
		paths[i] = filepath.Join(folder, fmt.Sprint(i))
		edit(i, 19)
	}
	before := held()
	for n := range 3000 {
		edit(n*n%len(paths), n)
	}
	if after := held(); after > before+before/4+1<<20 {
		t.Errorf("%d octets are held after the edits, %d before", after, before)
	}
	runtime.KeepAlive(all)
}
