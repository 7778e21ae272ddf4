package setup

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tinycdn/tests/testkit"
)

func TestThreeBareServersBecomeACluster(t *testing.T) {
	t.Parallel()
	d := newDesk(t, each)

	out := d.run(t, 0, "setup", "--dry-run")
	wants(t, out, `^# nyc, nyc, \S+.*, systemd: as root, with .*/tinycdn at its standard input$`, `ExecStart=/usr/local/bin/tinycdn serve --state /var/lib/tinycdn$`)
	for name, m := range d.List {
		if m.Read("/var/lib/tinycdn/identity") != "" || m.Read("/usr/local/bin/tinycdn") != "" {
			t.Errorf("a dry run has changed %s", name)
		}
	}

	out = d.run(t, 0, "setup")
	wants(t, out,
		`^made your key .*\.key .*keep a copy`,
		`^nyc  nyc  \S+.*, systemd  binary, user, service, identity, key, start   up in \d+\.\d s   fingerprint [0-9a-f]{4} [0-9a-f]{4}$`,
		`^fra  fra  \S+.*, openrc   binary, user, service, identity, key, start   up in`,
		`^syd  syd  \S+.*, dinit    binary, user, service, identity, key, start   up in`,
		`^they know each other: fra-nyc \d+ ms, fra-syd \d+ ms, nyc-syd \d+ ms$`,
		`^next: tinycdn publish$`)
	wants(t, d.List["nyc"].Read("/run/record"), `^systemctl daemon-reload$`, `enable tinycdn.service$`, `restart tinycdn.service$`)
	wants(t, d.List["fra"].Read("/run/record"), `^rc-update --quiet add tinycdn default$`, `^rc-service tinycdn restart$`)
	wants(t, d.List["syd"].Read("/run/record"), `^dinitctl --quiet enable tinycdn$`, `^dinitctl --quiet start tinycdn$`)

	wants(t, d.run(t, 0, "publish"), `live +generation 1 at fra, nyc, syd`)

	const explain = "tinycdn explain 81.2.69.142"
	at := exec.Command(d.SSH(), "nyc", explain)
	wants(t, d.end(t, at, "", 0), `^81.2.69.142 gets fra from map site$`, `^which POPs are down or drained is not known here: the POP here has no socket`)
	wants(t, d.run(t, 0, strings.Fields(explain)[1:]...), `^which POPs are down or drained is not known here: ask one of them \(ssh nyc tinycdn explain \.\.\.\), or tinycdn status$`)

	before, roster := d.logs(), d.List["nyc"].Read("/var/lib/tinycdn/roster")
	out = d.run(t, 0, "setup")
	wants(t, out, `^nyc .*  nothing changed   up in`, `^fra .*  nothing changed   up in`, `^syd .*  nothing changed   up in`)
	if strings.Count(before, "restart") != strings.Count(d.logs(), "restart") || roster != d.List["nyc"].Read("/var/lib/tinycdn/roster") {
		t.Errorf("the second run changed something\n%s", d.logs())
	}
}

func TestSetupMendsWhatIsBrokenAndGoesOnWithoutADeadOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t, each)
	syd := d.List["syd"]
	syd.Cut()
	out := d.run(t, 3, "setup")
	wants(t, out, `^nyc .* up in`, `^fra .* up in`, `^syd .*NOT DONE: .*Connection refused`, `^they know each other: fra-nyc`, `the others are done; when it is mended: tinycdn setup syd$`)
	syd.Start(t, d.Machines, d.ports.App)
	wants(t, d.run(t, 0, "setup", "syd"), `^syd .*up in`, `^they know each other: fra-nyc \d+ ms, fra-syd \d+ ms, nyc-syd`)

	fra := d.List["fra"]
	fra.StopService()
	os.Remove(fra.Path("/etc/init.d/tinycdn"))
	wants(t, d.run(t, 0, "setup", "fra"), `^fra .*  service, start   up in`)

	old := fra.Read("/var/lib/tinycdn/key")
	fra.StopService()
	os.RemoveAll(fra.Path("/var/lib/tinycdn"))
	wants(t, d.run(t, 0, "setup"), `^nyc .*  nothing changed`, `^fra .*  identity, key, start   up in`, `^they know each other: fra-nyc \d+ ms, fra-syd \d+ ms, nyc-syd`)
	if fra.Read("/var/lib/tinycdn/key") == old {
		t.Error("it has the old key")
	}

	// Another folder, with the same key at hand, finds the cluster at its POPs.
	os.RemoveAll(filepath.Join(d.folder, ".tinycdn"))
	if out = d.run(t, 0, "setup"); strings.Contains(out, "made your key") {
		t.Errorf("another key was made\n%s", out)
	}
}

func TestAnOwnerWhoHasLostTheKeyMakesAnother(t *testing.T) {
	t.Parallel()
	d := newDesk(t, each)
	d.run(t, 0, "setup")
	d.run(t, 0, "publish")
	d.forgetKeys(t)
	wants(t, d.run(t, 1, "setup"), `the key of this cluster's owner, .*, is not in`)
	wants(t, d.run(t, 0, "setup", "--new-owner"), `^made your key `, `^nyc .*  identity, restart   up in`, `^they know each other: fra-nyc`)
	d.write(t, "zones/example.org.toml", "records = { \"@\" = { NS = \"ns.example.net.\", TXT = \"two\" } }\n")
	wants(t, d.run(t, 0, "publish"), `live +generation 2 at fra, nyc, syd`)
}

func TestSetupSaysWhatItCannotDo(t *testing.T) {
	t.Parallel()
	d := newDesk(t, each)
	write := func(m *testkit.Machine, file, text string) {
		t.Helper()
		if err := os.WriteFile(m.Path(file), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(d.List["nyc"], "/usr/local/sbin/uname", "#!/bin/sh\n[ \"$1\" = -m ] && echo mips || echo Linux\n")
	os.RemoveAll(d.List["fra"].Path("/run/openrc"))
	write(d.List["syd"], "/usr/local/sbin/uname", "#!/bin/sh\necho FreeBSD\n")
	out := d.run(t, 1, "setup")
	wants(t, out, `^nyc .*NOT DONE: it is linux/mips, and there is no .*/tinycdn-linux-mips: take it from a release, or `,
		`^fra .*NOT DONE: its init is none of systemd, OpenRC and dinit`, `^syd .*NOT DONE: it runs freebsd, and setup knows Linux alone`)
}

func TestTheOwnerSaysWhoBelongs(t *testing.T) {
	t.Parallel()
	d := newDesk(t, each)
	d.run(t, 0, "setup")
	d.run(t, 0, "publish")

	out := d.run(t, 0, "cluster", "key", "add", "ci", "--paths", "zones/**")
	key := regexp.MustCompile(`TINYCDN-PRIVATE-KEY-1-\S+`).FindString(out)
	wants(t, out, `^roster 3 holds at fra, nyc, syd$`, `^# tinycdn: the key of ci, `)
	wants(t, d.run(t, 0, "cluster", "key", "list"), `^owner .* everything$`, `^ci .*  publish status; zones/\*\*$`)
	wants(t, d.run(t, 1, "cluster", "key", "add", "ci"), `there is a ci in the roster already`)
	wants(t, d.runAs(t, key, 1, "cluster", "key", "add", "me"), `it is not that of this cluster's owner`)

	d.write(t, "zones/example.org.toml", "records = { \"@\" = { NS = \"ns.example.net.\", TXT = \"of ci\" } }\n")
	wants(t, d.runAs(t, key, 0, "publish"), `live +generation 2 at fra, nyc, syd`)
	d.write(t, "zones/example.com.toml", "records = { \"@\" = { NS = \"ns.example.net.\", TXT = \"of ci\" } }\n")
	wants(t, d.run(t, 0, "cluster", "key", "remove", "ci"), `^roster 4 holds at fra, nyc, syd$`)
	wants(t, d.runAs(t, key, 1, "publish"), `the key .* is not in the roster`)
	wants(t, d.run(t, 0, "cluster", "key", "list"), `^\(removed\) .* from generation 3 on$`)

	wants(t, d.run(t, 0, "cluster", "remove", "syd", "--compromised"), `^roster 5 holds at fra, nyc$`, `private keys`)
	wants(t, d.run(t, 0, "publish"), `live +generation 3 at fra, nyc \(`)
	wants(t, d.run(t, 1, "cluster", "remove", "syd"), `there is no POP syd in the roster`)
}

func TestAMachineJoinsThatSSHDoesNotReach(t *testing.T) {
	t.Parallel()
	d := newDesk(t, each)
	d.run(t, 0, "setup", "nyc", "fra")
	d.run(t, 0, "publish")

	invite := testkit.Command("invite", "syd")
	invite.Dir, invite.Env = d.folder, d.Environ()
	line, invited := d.await(t, invite, `tinycdn join `)
	syd := d.List["syd"]
	if err := exec.Command("cp", testkit.Program(), syd.Path("/usr/local/bin/tinycdn")).Run(); err != nil {
		t.Fatal(err)
	}
	join := exec.Command("ssh", "syd", line)
	join.Path, join.Env = d.SSH(), d.Environ()
	_, joined := d.await(t, join, `^waiting at 127.0.0.3:\d+ for the call`)
	wants(t, joined(), `^this is syd now   fingerprint`, `^user, service, files, start$`)
	wants(t, invited(), `^syd  has joined   up in`)
	wants(t, d.run(t, 0, "setup"), `^syd .*  nothing changed   up in`, `^they know each other: fra-nyc \d+ ms, fra-syd \d+ ms, nyc-syd`)

	d.write(t, "zones/example.org.toml", "records = { \"@\" = { NS = \"ns.example.net.\", TXT = \"two\" } }\n")
	wants(t, d.run(t, 0, "publish"), `live +generation 2 at fra, nyc, syd`)
	wants(t, d.run(t, 1, "join", "syd-nonsense"), `this is no invitation`)
}

// TestAnUpgradeStopsWhereItDoesNoGood: nothing is served yet, and who cannot restart silently is started anew.
func TestAnUpgradeStopsWhereItDoesNoGood(t *testing.T) {
	t.Parallel()
	d := newDesk(t, each)
	d.run(t, 0, "setup")
	wants(t, d.run(t, 0, "upgrade"), `^nyc  nothing changed, `, `^syd  nothing changed, `)

	newer := newer(t)
	upgrade := func(status int, args ...string) string {
		t.Helper()
		cmd := exec.Command(newer, append([]string{"upgrade"}, args...)...)
		return d.end(t, cmd, "", status)
	}
	must(t, exec.Command("sh", "-c", `sha256sum <"$1" >"$2"`, "sh", d.List["fra"].Path("/usr/local/bin/tinycdn"), d.List["fra"].Path("/run/good")))
	old := d.List["fra"].Read("/usr/local/bin/tinycdn")
	wants(t, upgrade(1), `^nyc  .* well after`, `^fra  NOT WELL: it does not answer: .*; the old one runs there again$`, `^as they were: syd$`)
	if d.List["fra"].Read("/usr/local/bin/tinycdn") != old || d.List["syd"].Read("/usr/local/bin/tinycdn") != old || d.List["nyc"].Read("/usr/local/bin/tinycdn") == old {
		t.Error("the programs are not where they should be")
	}
	os.Remove(d.List["fra"].Path("/run/good"))
	wants(t, upgrade(0), `^nyc  nothing changed`, `^fra  .* well after`, `^syd  .* well after`)

	d.List["syd"].Cut()
	wants(t, upgrade(1), `syd: .*Connection refused`, `nothing was changed`)
	wants(t, upgrade(0, "nyc", "fra"), `^fra  nothing changed`)
}
