package protocol

import (
	"encoding/json"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"tinycdn/tests/testkit"
)

// worldOfThree is three POPs on this machine, one of which has an address of each family, and a map of all of them.
const worldOfThree = `[pops.nyc]
addresses = "127.0.0.1"
location = [40.71, -74.01]
[pops.fra]
addresses = ["127.0.0.2", "::1"]
location = [50.11, 8.68]
[pops.syd]
addresses = "127.0.0.3"
location = [-33.87, 151.21]
[maps.world]
default = "nyc"
ipv6 = "any"
`

const liveFiles = `
-- tinycdn.toml --
zones = ["zones/*"]
[dns]
listen = "pop:$PORT"
version = "one"
` + worldOfThree + `-- zones/example.org.toml --
soa = { mname = "ns", rname = "hostmaster" }
[records]
"@" = { NS = "ns" }
ns = { A = "127.0.0.1" }
www = { geo = "world" }
-- zones/example.net --
$TTL 300
@ SOA ns h 7 2 3 4 5
@ NS ns.example.org.
www A 192.0.2.1
`

// byHand is three POPs that know nothing of each other, each with a folder of its own.
type byHand struct {
	*cluster
	config map[string]string // their folders
}

func newByHand(t *testing.T) *byHand {
	t.Helper()
	return newByHandFrom(t, testkit.Build(t, liveFiles))
}

// newByHandFrom brings the folder of a host that does not run to three POPs.
func newByHandFrom(t *testing.T, h *testkit.Host) *byHand {
	t.Helper()
	c := &byHand{&cluster{t: t, folder: h.Folder, ports: h.Ports, pops: map[string]*testkit.Process{}, env: os.Environ()}, map[string]string{}}
	for name := range clusterAddresses {
		c.config[name] = t.TempDir()
		c.copy(name)
		c.serve(name)
	}
	return c
}

// copy brings the owner's folder to a POP, times and all.
func (c *byHand) copy(name string) {
	c.t.Helper()
	err := filepath.WalkDir(c.folder, func(from string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		file, _ := filepath.Rel(c.folder, from)
		to := filepath.Join(c.config[name], file)
		os.MkdirAll(filepath.Dir(to), 0o755)
		text, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, text, 0o644)
		}
		if info, wrong := entry.Info(); err == nil && wrong == nil {
			err = os.Chtimes(to, info.ModTime(), info.ModTime())
		}
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// change brings the owner's folder to a POP, replaces something in a file of it, and starts it anew.
func (c *byHand) change(name, file, old, with string) {
	c.t.Helper()
	c.copy(name)
	path := filepath.Join(c.config[name], file)
	info, _ := os.Stat(path)
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), old) {
		c.t.Fatalf("%s: %v", path, err)
	}
	os.WriteFile(path, []byte(strings.Replace(string(text), old, with, 1)), 0o644)
	os.Chtimes(path, info.ModTime(), info.ModTime())
	c.stop(name)
	c.serve(name)
}

func (c *byHand) serve(name string) {
	c.t.Helper()
	s, err := testkit.Launch(testkit.Command("serve", "--config", filepath.Join(c.config[name], "tinycdn.toml"), "--pop", name, "--state", ""))
	if err == nil {
		err = s.Ready()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.pops[name] = s
	c.t.Cleanup(func() {
		if c.pops[name] == s {
			c.stop(name)
		}
	})
	c.await("there is a sum", func() bool { return len(c.chaos(name, "served.tinycdn.")) == 64 })
}

func TestCheckLiveNamesWhatDiffers(t *testing.T) {
	t.Parallel()
	c := newByHand(t)
	c.run(0, "all alike: 3 POPs at 4 addresses", "check", "--live")
	for _, d := range []struct{ file, old, with, want string }{
		{"zones/example.net", "h 7", "h 8", "zone example.net: serial: 7 at nyc, fra, this folder; 8 at syd\n"},
		{"zones/example.net", "192.0.2.1", "192.0.2.2", "zone example.net: records, with the same serial: "},
		{"tinycdn.toml", `default = "nyc"`, `default = "fra"`, "map world: rules, POPs or data: "},
		{"tinycdn.toml", `"one"`, `"two"`, "version: one at nyc, fra; two at syd\n"},
		{"tinycdn.toml", "[maps.world]", "[maps.other]\ndefault = \"nyc\"\nipv6 = \"any\"\n[maps.world]", "zones or maps that this folder does not have: "},
		{"tinycdn.toml", `"zones/*"`, `"zones/*.toml"`, "zone example.net: serial: 7 at nyc, fra, this folder; REFUSED at syd\n"},
	} {
		c.change("syd", d.file, d.old, d.with)
		if out := c.run(1, d.want, "check", "--live"); strings.Count(out, " at syd\n") != 1 || strings.Contains(out, "alike") {
			t.Errorf("%s: %q -> %q: want one difference, got\n%s", d.file, d.old, d.with, out)
		}
	}
	c.change("syd", "zones/example.net", "$TTL 300", "$TTL 300 ; the same")
	c.run(0, "all alike: 3 POPs at 4 addresses", "check", "--live")

	// The folder is compared, too: what is edited here and not yet there.
	c.edit("zones/example.net", "$TTL 300\n@ SOA ns h 7 2 3 4 5\n@ NS ns.example.org.\nwww A 192.0.2.77\n")
	c.run(1, " at this folder\n", "check", "--live")
	c.edit("zones/example.net", "nonsense\n")
	c.run(1, "zones/example.net:1: ", "check", "--live")
	c.run(2, "--json, --port and --resolver go with --live", "check", "--json")
	c.run(2, "unknown flag", "check", "--life")
}

func TestCheckLiveNamesWhoDoesNotAnswer(t *testing.T) {
	t.Parallel()
	c := newByHand(t)
	c.stop("syd")
	c.run(1, "127.0.0.3   no answer", "check", "--live")

	// Who answers nonsense is named as well, whatever control characters it is made of.
	at := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 3), Port: c.ports.DNS}
	conn, err := net.ListenUDP("udp4", at)
	if err != nil {
		t.Fatal(err)
	}
	var say atomic.Pointer[func(question []byte) []byte]
	go func() {
		for b := make([]byte, 512); ; {
			n, from, err := conn.ReadFromUDP(b)
			if err != nil {
				return
			}
			conn.WriteToUDP((*say.Load())(b[:n]), from)
		}
	}()
	for _, nonsense := range []struct {
		say  func(question []byte) []byte
		want string
	}{
		{func(q []byte) []byte { return append(q[:2:2], "\x84\x00\x00\x01\x00\x09garbage"...) }, "nonsense: "},
		{func(q []byte) []byte { return q }, "nonsense: "},
		{func(q []byte) []byte { // a text that would clear the screen
			return append(append(append(q[:2:2], 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0), q[12:]...), "\xc0\x0c\x00\x10\x00\x03\x00\x00\x00\x00\x00\x05\x04\x1b[2J"...)
		}, `syd   127.0.0.3   \027[2J, `},
	} {
		say.Store(&nonsense.say)
		c.run(1, nonsense.want, "check", "--live")
	}
	conn.Close()

	var told struct {
		Places []struct {
			POP, Address, Error, Version, Served, Databases string
			Zones                                           map[string]struct{ Serial uint32 }
		}
		Differences []any
	}
	if err := json.Unmarshal([]byte(c.run(1, "", "check", "--live", "--json")), &told); err != nil {
		t.Fatal(err)
	}
	for _, p := range told.Places {
		if gone := p.POP == "syd"; gone != (p.Error != "") || !gone && (p.Version != "one" || p.Zones["example.net"].Serial != 7 || len(p.Served) != 64 || !strings.Contains(p.Databases, " of ")) {
			t.Errorf("%+v", p)
		}
	}
	if len(told.Places) != 4 || len(told.Differences) != 0 {
		t.Errorf("got %+v", told)
	}
}

// In a cluster a zone without a written serial has the time of its publication, which no file in the folder has.
func TestCheckLiveOfAClusterComparesWithThePublishedFolder(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterFiles)
	c.run(0, "", "publish")
	for name := range clusterAddresses {
		c.await("there is a sum", func() bool { return len(c.chaos(name, "served.tinycdn.")) == 64 })
	}
	c.run(0, "all alike: 3 POPs at 3 addresses", "check", "--live")
	c.edit("zones/example.org.toml", "soa = { mname = \"ns\", rname = \"hostmaster\" }\n[records]\n\"@\" = { NS = \"ns\" }\nns = { A = \"127.0.0.1\" }\nwww = { A = \"192.0.2.9\" }\n")
	c.run(1, "zone example.org: records, with the same serial: ", "check", "--live")
	c.stop("syd")
	c.run(3, "", "publish")
	c.run(1, "generation 2", "check", "--live")
}
