package cluster

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/tests/testkit"
)

// webhook is one at home.
func (w *world) webhook(t *testing.T, port string) (url string, said *testkit.Process) {
	t.Helper()
	address := net.JoinHostPort(w.Address("home"), port)
	cmd := w.Command("home", os.Args[0])
	cmd.Env = append(os.Environ(), "TINYCDN_LISTEN="+address)
	_, err := cmd.StdinPipe() // it ends with this process
	var p *testkit.Process
	if err == nil {
		p, err = testkit.Launch(cmd)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Kill() })
	return "ntfy+http://" + address + "/topic-secret", p
}

func TestPeopleAreToldOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 20e6)
	url, hook := w.webhook(t, "8080")
	config, err := os.ReadFile(filepath.Join(w.folder, "tinycdn.toml"))
	if err != nil {
		t.Fatal(err)
	}
	w.write(t, "tinycdn.toml", string(config)+"[health]\nnotify = \""+url+"\"\n")
	heard := func(what string) string {
		t.Helper()
		line := ""
		if _, found := hook.Log.Await(0, hook.Exited, func(l string) bool { line = l; return strings.Contains(l, what) }); !found {
			t.Fatalf("the webhook is not told: %s\n%s", what, hook.Log)
		}
		return line
	}
	w.run(t, 0, "publish")
	w.says(t, 0, `(?s)^fra +\S+:8080 +200 OK\nhere +\S+:8080 +200 OK\nnyc +\S+:8080 +200 OK\nsyd +\S+:8080 +200 OK\n$`, "notify", "--test")
	for _, name := range []string{"nyc", "fra", "syd"} {
		heard("sent from " + name)
	}

	w.run(t, 0, "drain", "syd", "--for", "2h")
	if line := heard("syd is drained"); !strings.Contains(line, w.Address("nyc")+" ") {
		t.Errorf("it is not the first POP that tells: %s", line)
	}
	w.run(t, 0, "undrain", "syd")
	heard("syd is drained no longer")

	// The next one tells when the first one is gone.
	w.pops["nyc"].Cmd.Process.Kill()
	<-w.pops["nyc"].Exited
	if line := heard("nyc is down"); !strings.Contains(line, w.Address("fra")+" ") {
		t.Errorf("it is not the second POP that tells: %s", line)
	}
	w.start(t, "nyc")
	heard("nyc is up again")
	if all := hook.Log.String(); strings.Count(all, "syd is drained:") != 1 || strings.Count(all, "syd is drained no longer") != 1 || strings.Count(all, "nyc is down: pages over IPv4") > 1 {
		t.Errorf("something is told twice:\n%s", all)
	}

	// One that takes nothing is told of once, by whoever speaks, and without its secret.
	hook.Kill()
	w.run(t, 0, "drain", "syd")
	w.run(t, 0, "undrain", "syd")
	w.logs(t, "nyc", `msg="a webhook takes no messages" webhook=\S+:8080 error=`)
	for all := ""; !strings.Contains(all, "takes no messages"); {
		out, _ := w.laptop("status").CombinedOutput()
		all = string(out)
		if t.Context().Err() != nil {
			t.Fatalf("status does not say so:\n%s", all)
		}
	}
	w.says(t, 1, `NOT TAKEN: `, "notify", "--test")
	for _, name := range names {
		if text := w.pops[name].Log.String(); strings.Contains(text, "secret") || strings.Count(text, "takes no messages") > 1 {
			t.Errorf("%s says what it should not, or too often:\n%s", name, text)
		}
	}
}
