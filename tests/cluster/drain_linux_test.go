package cluster

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// says wants a command of the laptop's to end with a status, and to say something.
func (w *world) says(t testing.TB, status int, pattern string, args ...string) {
	t.Helper()
	if out := w.run(t, status, args...); !regexp.MustCompile(pattern).MatchString(out) {
		t.Errorf("tinycdn %s says no %s\n%s", strings.Join(args, " "), pattern, out)
	}
}

// addMap adds the name www, which leads to the first of syd, fra and nyc.
func (w *world) addMap(t testing.TB) {
	t.Helper()
	config, err := os.ReadFile(filepath.Join(w.folder, "tinycdn.toml"))
	if err != nil {
		t.Fatal(err)
	}
	w.write(t, "tinycdn.toml", string(config)+"[maps.site]\nnearest = false\ndefault = [\"syd\", \"fra\", \"nyc\"]\n")
	w.write(t, "zones/example.org.toml", "[records]\n\"@\" = { NS = \"ns\", TXT = \"one\" }\nns = { A = \"192.0.2.1\" }\nwww = { geo = \"site\" }\n")
}

// leads wants POPs to send visitors of www to a POP, before long.
func (w *world) leads(t testing.TB, to string, at ...string) {
	t.Helper()
	for _, name := range at {
		for got := ""; got != w.Address(to); {
			out, _ := w.Command("home", "dig", "+short", "+tries=1", "+time=3", "@"+w.Address(name), "www.example.org", "A").Output()
			if got = strings.TrimSpace(string(out)); t.Context().Err() != nil {
				t.Fatalf("%s leads to %q, want %s", name, got, to)
			}
		}
	}
}

func TestDrainOverTheWAN(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 100*time.Millisecond)
	w.addMap(t)
	w.run(t, 0, "publish")
	w.leads(t, "syd", names...)

	w.says(t, 0, `^syd is drained for another (2 h|1\d\d min), by owner; fra, nyc, syd know\n$`, "drain", "syd", "--for", "2h")
	for _, name := range names {
		w.logs(t, name, `msg="a POP is drained" pop=syd by=owner left=`)
	}
	w.leads(t, "fra", names...)
	w.says(t, 0, `(?m)^syd .* DRAINED for another (2 h|1\d\d min), by owner`, "status")
	w.says(t, 0, `"drained":\{"pop":"syd",`, "status", "--json")
	w.says(t, 1, `there is no POP "sid" \(did you mean "syd"\?\)`, "drain", "sid")

	// Who is cut off is named, and hears of it later, even if he was started anew meanwhile. He knows what he knew before.
	w.Cut("syd", true)
	w.says(t, 3, `^fra is drained, by owner; nyc, fra know, syd not yet\n$|^fra is drained, by owner; fra, nyc know, syd not yet\n$`, "drain", "fra")
	w.pops["syd"].Cmd.Process.Kill()
	<-w.pops["syd"].Exited
	w.start(t, "syd")
	w.logs(t, "syd", `msg="a POP is drained" pop=syd by=owner left=`)
	w.Cut("syd", false)
	w.logs(t, "syd", `msg="a POP is drained" pop=fra by=owner`)
	w.leads(t, "nyc", names...)

	w.says(t, 0, `(?m)^warning: all POPs are drained now, which is as if none were$`, "drain", "nyc", "--for", "1s")
	w.logs(t, "syd", `msg="a POP is drained no longer" pop=nyc`)
	w.leads(t, "nyc", names...)
	w.run(t, 0, "undrain", "fra")
	w.says(t, 0, `^syd  drained for another (2 h|1\d\d min), by owner\n$`, "drain", "--list")
	w.run(t, 0, "undrain", "syd")
	w.leads(t, "syd", names...)
	w.says(t, 0, `^no POP is drained\n$`, "drain", "--list")
}
