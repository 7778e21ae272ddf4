package setup

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tinycdn/tests/testkit"
)

// desk is where the user sits: a folder with tinycdn.toml, and machines at which there is nothing yet.
type desk struct {
	*testkit.Machines
	folder string
	ports  testkit.Ports
}

// each is one of each init.
var each = map[string]string{"nyc": "systemd", "fra": "openrc", "syd": "dinit"}

func newDesk(t *testing.T, inits map[string]string) *desk {
	t.Helper()
	ports, err := testkit.FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{folder: t.TempDir(), ports: ports}
	d.Machines = testkit.NewMachines(t, ports.App, inits)
	d.write(t, "tinycdn.toml", fmt.Sprintf(`zones = ["zones/*.toml"]
dns.listen = "pop:%d"
web.listen = "pop:%d"
web.admin_socket = ""
cluster.listen = "pop:%d"
maps.site = { default = "nyc" }
pops.nyc = { addresses = ["127.0.0.1"], location = [40.71, -74.01], ssh = "nyc" }
pops.fra = { addresses = ["127.0.0.2"], location = [50.11, 8.68], ssh = "fra" }
pops.syd = { addresses = ["127.0.0.3"], location = [-33.87, 151.21], ssh = "syd" }
`, ports.DNS, ports.HTTP, ports.HTTPS))
	d.write(t, "zones/example.org.toml", "records = { \"@\" = { NS = \"ns.example.net.\", TXT = \"hello\" } }\n")
	return d
}

func (d *desk) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(d.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// forgetKeys is what happens to a laptop that falls into the sea.
func (d *desk) forgetKeys(t *testing.T) {
	t.Helper()
	keys, err := filepath.Glob(filepath.Join(d.Home(), ".config/tinycdn/*.key"))
	if err != nil || len(keys) == 0 {
		t.Fatalf("there are no keys: %v", err)
	}
	for _, key := range keys {
		os.Remove(key)
	}
}

// run runs tinycdn, which has to end with that status.
func (d *desk) run(t *testing.T, status int, args ...string) string {
	t.Helper()
	return d.runAs(t, "", status, args...)
}

// runAs runs it as whoever has that key; "": as the owner.
func (d *desk) runAs(t *testing.T, key string, status int, args ...string) string {
	t.Helper()
	return d.end(t, testkit.Command(args...), key, status)
}

// end runs a command to its end.
func (d *desk) end(t *testing.T, cmd *exec.Cmd, key string, status int) string {
	t.Helper()
	cmd.Dir, cmd.Env = d.folder, append(d.Environ(), "TINYCDN_KEY="+key)
	out, err := cmd.CombinedOutput()
	got := 0
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if got != status {
		t.Fatalf("%s: status %d, want %d\n%s\n%s", strings.Join(cmd.Args, " "), got, status, out, d.logs())
	}
	return string(out)
}

func (d *desk) logs() string {
	all := ""
	for name, m := range d.List {
		all += name + ":\n" + m.Read("/run/record") + m.Read("/run/tinycdn.log")
	}
	return all
}

// wants checks that each pattern is found.
func wants(t *testing.T, out string, patterns ...string) {
	t.Helper()
	for _, p := range patterns {
		if !regexp.MustCompile("(?m)" + p).MatchString(out) {
			t.Errorf("want %s in\n%s", p, out)
		}
	}
}

// await runs a command in the background, and waits until it has printed a line that fits.
func (d *desk) await(t *testing.T, cmd *exec.Cmd, pattern string) (line string, wait func() string) {
	t.Helper()
	var out bytes.Buffer
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	lines := bufio.NewReader(pipe)
	for !regexp.MustCompile(pattern).MatchString(line) {
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatalf("%v ends without %s: %s", cmd.Args, pattern, out.String())
		}
	}
	return strings.TrimSpace(line), func() string {
		rest, _ := io.ReadAll(lines)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v\n%s%s%s", cmd.Args, err, rest, out.String(), d.logs())
		}
		return string(rest) + out.String()
	}
}

func must(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
}
