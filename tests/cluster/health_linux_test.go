package cluster

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
)

// nearest is a zone whose www is steered.
const nearest = "[records]\n\"@\" = { NS = \"ns\", TXT = \"one\" }\nns = { A = \"192.0.2.1\" }\nwww = { geo = \"site\", ttl = 60 }\n"

// TestADeadPOPIsLeft: who dies is out of all answers, as most have seen, and in them again once it is back; one that restarts is not
// missed.
func TestADeadPOPIsLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	w.write(t, "zones/example.org.toml", nearest)
	config := "health = { " + looks("3s") + " }\nzones = [\"zones/*.toml\"]\n[maps.site]\ndefault = \"syd\"\n[sites.\"www.example.org\"]\nroot = \"public\"\n[pops]\n"
	for i, name := range names {
		config += fmt.Sprintf("%s = { addresses = [%q], location = [%d, %d] }\n", name, w.Address(name), 10*i, 50*i)
	}
	w.write(t, "tinycdn.toml", config)
	w.run(t, 0, "publish")
	for _, name := range names {
		w.logs(t, name, `msg="the other POPs are looked at" page=http://www.example.org/.well-known/tinycdn/health zone=example.org every=`+lookEvery().String()+` targets=4`)
	}
	if a := w.www("fra"); a != w.Address("syd") {
		t.Fatalf("fra sends to %s, want syd", a)
	}

	w.pops["syd"].Stop(syscall.SIGTERM) // it restarts
	w.start(t, "syd")
	if err := w.pops["syd"].Ready(); err != nil {
		t.Fatal(err)
	}

	w.pops["syd"].Stop(syscall.SIGKILL)
	for _, name := range names[:2] {
		// A look that was under way when it died sees another end of it than the next.
		w.logs(t, name, `msg="a POP is down" pop=syd what="[^"]*pages over IPv4[^"]*" seen_by="nyc( and fra|: [^"]*; fra): [^"]*the connection was (refused|closed)`)
		if n := strings.Count(w.pops[name].Log.String(), `msg="a POP is down" pop=syd what="pages`); n != 1 {
			t.Errorf("at %s, syd was down %d times: it only restarted before", name, n)
		}
		if a := w.www(name); a == w.Address("syd") || a == "" {
			t.Errorf("%s sends to %q, and syd is dead", name, a)
		}
	}

	w.start(t, "syd")
	for _, name := range names[:2] {
		w.logs(t, name, `msg="a POP is up again" pop=syd what="[^"]*pages over IPv4`)
		if a := w.www(name); a != w.Address("syd") {
			t.Errorf("%s sends to %q, and syd is back", name, a)
		}
	}
}

// www is where a POP sends the laptop.
func (w *world) www(name string) string {
	out, _ := w.Command("home", "dig", "+short", "@"+w.Address(name), "www.example.org", "A").Output()
	return strings.TrimSpace(string(out))
}
