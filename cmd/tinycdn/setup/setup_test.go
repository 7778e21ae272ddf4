package setup

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tinycdn/cmd/tinycdn/cluster/roster"
)

func TestUnitsOfAClusterAreThoseOfPackaging(t *testing.T) {
	t.Parallel()
	for init, want := range map[string][]string{
		"systemd": {"\nExecStart=/usr/local/bin/tinycdn serve --state /var/lib/tinycdn\n", "\nStateDirectory=tinycdn\n", "\nRestart=always\n"},
		"openrc":  {"\ncommand_args=\"serve --state /var/lib/tinycdn\"\n", "\nrespawn_max=0"},
		"dinit":   {"\ncommand = /usr/local/bin/tinycdn serve --state /var/lib/tinycdn\n", "\nrestart-limit-count = 0\n"},
	} {
		unit, err := Unit(init)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range want {
			if !strings.Contains(unit, line) {
				t.Errorf("%s: no %q in\n%s", init, line, unit)
			}
		}
		for _, not := range []string{"DynamicUser", "env-file =", "ake the user first", "serve --config"} {
			if strings.Contains(unit, not) {
				t.Errorf("%s: there is %q in\n%s", init, not, unit)
			}
		}
		if out, err := exec.Command("sh", "-nc", unit).CombinedOutput(); init == "openrc" && err != nil {
			t.Errorf("it is no shell: %v\n%s", err, out)
		}
	}
	if _, err := Unit("runit"); err == nil {
		t.Error("there is a unit for runit")
	}
}

func TestScriptsAreShell(t *testing.T) {
	t.Parallel()
	w := Wish{Name: "nyc", Listen: []string{"; rm -rf $HOME; \n:7443"}}
	for _, init := range []string{"systemd", "openrc", "dinit"} {
		p, err := w.Plan(&Facts{Init: init})
		if err != nil {
			t.Fatal(err)
		}
		for _, script := range []string{p.Script, Probe} {
			if out, err := exec.Command("sh", "-nc", script).CombinedOutput(); err != nil {
				t.Errorf("%s: %v %s\n%s", init, err, out, script)
			}
			if strings.Contains(script, `\`) {
				t.Errorf("%s: fish reads a backslash in quotes in its own way\n%s", init, script)
			}
		}
	}
}

// TestWhoIsNotRootAsksSudo with programs of that name that say what they were asked.
func TestWhoIsNotRootAsksSudo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ id, name, want string }{
		{"0", "sudo", "done"}, {"1000", "sudo", "sudo -n sh -c echo done"}, {"1000", "doas", "doas -n sh -c echo done"}, {"1000", "", "neither root nor sudo"},
	} {
		dir := t.TempDir()
		programs := map[string]string{"id": "echo " + test.id, "sh": `exec /bin/sh "$@"`}
		if test.name != "" {
			programs[test.name] = `echo "${0##*/} $*"`
		}
		for name, text := range programs {
			syscall.ForkLock.RLock() // a child of another test would hold the file open, and nobody could run it
			err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755)
			syscall.ForkLock.RUnlock()
			if err != nil {
				t.Fatal(err)
			}
		}
		c := exec.Command("/bin/sh", "-c", asRoot, "sh", "echo done")
		c.Env = []string{"PATH=" + dir}
		out, _ := c.CombinedOutput()
		if got := strings.TrimSpace(string(out)); got != test.want {
			t.Errorf("user %s with %q: got %q, want %q", test.id, test.name, got, test.want)
		}
	}
}

func TestQuotedTextIsOneWord(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a b", "'", "''\"$(id)`id`\n!*", `\`, "x'; touch /tmp/x; '"} {
		out, err := exec.Command("sh", "-c", "printf %s "+Quote(text)).Output()
		if err != nil || string(out) != text {
			t.Errorf("%q: got %q, %v", text, out, err)
		}
	}
}

func TestWhatIsRightIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := Wish{Name: "nyc", Owner: roster.NewKey().Public(), Binary: Binary{Path: "x", Sum: "sum"}}
	unit, err := Unit("systemd")
	if err != nil {
		t.Fatal(err)
	}
	right := Facts{Init: "systemd", User: true, Active: true, Member: true, Binary: "sum", Unit: sumOf(unit), Identity: w.Identity(), Key: roster.NewKey().Public()}
	for _, test := range []struct {
		change func(*Facts)
		does   string
	}{
		{func(*Facts) {}, ""},
		{func(f *Facts) { f.Active = false }, "start"},
		{func(f *Facts) { f.Binary = "another" }, "binary restart"},
		{func(f *Facts) { f.Unit = "" }, "service restart"},
		{func(f *Facts) { f.Identity, f.Key, f.Active = "", roster.Key{}, false }, "identity key start"},
	} {
		f := right
		test.change(&f)
		p, err := w.Plan(&f)
		if got := strings.Join(p.Does, " "); err != nil || got != test.does || (p.Script == "") != (got == "") {
			t.Errorf("got %q, %v; want %q", got, err, test.does)
		}
	}
}

func TestMachinesOfOthersAreLeftAlone(t *testing.T) {
	t.Parallel()
	w := Wish{Name: "nyc", Owner: roster.NewKey().Public()}
	other := Wish{Name: "nyc", Owner: roster.NewKey().Public()}
	theirs, own := Facts{Active: true, Member: true, Identity: other.Identity()}, Facts{Active: true}
	if w.Check(&theirs, false, false) == nil || w.Check(&theirs, true, false) != nil {
		t.Error("a POP of another cluster is taken without --new-owner, or not with it")
	}
	if w.Check(&own, false, false) == nil || w.Check(&own, false, true) != nil {
		t.Error("a POP with files of its own is taken without --replace, or not with it")
	}
}
