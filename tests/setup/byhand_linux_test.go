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

// TestTheWayByHandWorks runs the commands of its page, with the files of the first tutorial.
func TestTheWayByHandWorks(t *testing.T) {
	t.Parallel()
	d := newDesk(t, map[string]string{"nyc": "systemd", "fra": "systemd", "syd": "systemd"})
	for _, block := range blocks(t, "zone.md", "toml")[:2] {
		name := regexp.MustCompile(`^# (\S+)\n`).FindStringSubmatch(block)[1]
		d.write(t, name, block)
	}
	repo := t.TempDir()
	must(t, exec.Command("cp", testkit.Program(), filepath.Join(repo, "tinycdn")))
	must(t, exec.Command("cp", "-r", testkit.InRepository("packaging"), repo))
	script := strings.Replace(blocks(t, "by-hand.md", "sh")[0], "repo=~/tinycdn", "repo="+repo, 1)
	d.end(t, exec.Command("bash", "-ec", script), "", 0)
	for name, m := range d.List {
		for file, want := range map[string]string{
			"/etc/tinycdn/tinycdn.toml": "zones = ", "/etc/tinycdn/zones/example.org.toml": "[records]", "/etc/tinycdn/environment": "TINYCDN_POP=" + name,
			"/etc/systemd/system/tinycdn.service": "serve --config", "/etc/passwd": "\ntinycdn:", "/run/record": "restart tinycdn",
		} {
			if !strings.Contains(m.Read(file), want) {
				t.Errorf("%s: no %q in %s:\n%s", name, want, file, m.Read(file))
			}
		}
	}
}

// blocks are the blocks of a language in a tutorial.
func blocks(t *testing.T, page, language string) (list []string) {
	t.Helper()
	text, err := os.ReadFile(testkit.InRepository("cmd", "tinycdn", "tutorials", page))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		list = append(list, b[1])
	}
	return list
}

// TestTheTutorialTypesWhatIsTested: these commands are run, with other addresses, by the test of three bare servers.
func TestTheTutorialTypesWhatIsTested(t *testing.T) {
	t.Parallel()
	all := strings.Join(blocks(t, "zone.md", "sh"), "\n")
	for _, command := range []string{"\ntinycdn setup\n", "\ntinycdn publish\n"} {
		if !strings.Contains("\n"+all, command) {
			t.Errorf("it does not have %q", command)
		}
	}
}
