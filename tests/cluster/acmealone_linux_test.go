package cluster

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tinycdn/tests/testkit"
)

// newAlone is one machine without a cluster, whose own nameserver the world asks, and an authority. section is what README has to be
// added to tinycdn.toml.
func newAlone(t testing.TB, section, names string) *world {
	t.Helper()
	w := newMachines(t, 0, []string{"nyc", "ca"})
	w.resolver, w.state["nyc"] = filepath.Join(t.TempDir(), "resolv.conf"), t.TempDir()
	if err := os.WriteFile(w.resolver, []byte("nameserver "+w.Address("nyc")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	directory := w.pebble(t, w.Address("nyc"))
	w.write(t, "roots.pem", string(testkit.Authority().PEM()))
	w.write(t, "public/index.html", "hello")
	w.write(t, "zones/example.org.toml", fmt.Sprintf("[records]\n\"@\" = { NS = \"ns\", A = %[1]q }\nns = { A = %[1]q }\n\"*\" = { A = %[1]q }\n", w.Address("nyc")))
	config := fmt.Sprintf("zones = [\"zones/*.toml\"]\n[pops.nyc]\naddresses = [%q]\nlocation = [40.71, -74.01]\n[sites.\"www.example.org\"]\nroot = \"public\"\n", w.Address("nyc"))
	w.write(t, "tinycdn.toml", config+section+fmt.Sprintf("ca = %q\nroots = \"roots.pem\"\nnames = [%s]\n", directory, names))
	return w
}

// serveAlone starts the POP, by its files.
func (w *world) serveAlone(t testing.TB) {
	t.Helper()
	p, err := testkit.Launch(w.Command("nyc", "sh", "-c", `mount --bind "$0" /etc/resolv.conf && exec "$@"`, w.resolver,
		testkit.Program(), "serve", "--config", filepath.Join(w.folder, "tinycdn.toml"), "--state", w.state["nyc"]))
	if err != nil {
		t.Fatal(err)
	}
	w.pops["nyc"] = p
	t.Cleanup(func() { p.Stop(syscall.SIGKILL) })
	if err := p.Ready(); err != nil {
		t.Fatal(err)
	}
}

// types types a command of README's at the machine, which has to end with a status.
func (w *world) types(t testing.TB, status int, line string) string {
	t.Helper()
	words := strings.Fields(line)
	if words[0] != "tinycdn" {
		t.Fatalf("README has %q", line)
	}
	cmd := w.Command("nyc", append([]string{testkit.Program()}, words[1:]...)...)
	cmd.Dir = w.folder
	if p := w.pops["nyc"]; p != nil {
		cmd.Env = append(os.Environ(), "RUNTIME_DIRECTORY="+filepath.Dir(p.AdminSocket()))
	}
	out, _ := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != status {
		t.Fatalf("%s: status %d, want %d\n%s", line, got, status, out)
	}
	return string(out)
}

// readme is what the page server's README says of certificates: what is to be added, and the commands.
func readme(t testing.TB) (section string, commands []string) {
	t.Helper()
	text, err := os.ReadFile(testkit.InRepository("webserver", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, chapter, _ := strings.Cut(string(text), "\n## Certificates\n")
	chapter, _, _ = strings.Cut(chapter, "\n## ")
	_, section, _ = strings.Cut(chapter, "```toml\n")
	section, _, _ = strings.Cut(section, "```")
	if !strings.HasPrefix(section, "[acme]\n") {
		t.Fatalf("README adds\n%s", section)
	}
	list := regexp.MustCompile("(?s)`(tinycdn certs list)`.*`(tinycdn certs renew)`, `(rekey)` and `(revoke)`").FindStringSubmatch(chapter)
	if list == nil {
		t.Fatal("README has no commands")
	}
	return section, []string{list[1], list[2], "tinycdn certs " + list[3], "tinycdn certs " + list[4] + " names"}
}

// accountKey is that of the account with the authority.
func (w *world) accountKey(t testing.TB) string {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(w.state["nyc"], "acme", "*", "account.json"))
	var account struct{ Key string }
	text := []byte("there is none")
	if len(files) == 1 {
		text, _ = os.ReadFile(files[0])
	}
	if err := json.Unmarshal(text, &account); err != nil || account.Key == "" {
		t.Fatalf("%v: %v", files, err)
	}
	return account.Key
}

// TestCertificatesOfOnePOP is the whole way, as README has it: a section, and that is all.
func TestCertificatesOfOnePOP(t *testing.T) {
	t.Parallel()
	section, commands := readme(t)
	w := newAlone(t, section, `"example.org", "*.example.org", "a.b.example.org", "www.example.org"`)
	hosts := []string{"example.org", "any.example.org", "a.b.example.org", "www.example.org"}
	w.types(t, 0, "tinycdn check")
	w.serveAlone(t)
	seen := w.shown(t, hosts, "nyc")
	w.logs(t, "nyc", `level=INFO msg="a certificate is here" certificate=names .*names=4 until=.* by=dns-01 after=`)
	if left := w.proofs("nyc"); left != "" {
		t.Errorf("there is left %s", left)
	}
	if out := w.types(t, 0, commands[0]); !regexp.MustCompile(`(?m)^certificate +names +authority +by +left +next order \(UTC\)\nnames +4 +10\.99\.\S+:14000 +dns-01 +89 days +20`).MatchString(out) {
		t.Errorf("%s says\n%s", commands[0], out)
	}
	key := w.accountKey(t)
	for _, command := range commands[1:] {
		if out := w.types(t, 0, command); !strings.Contains(out, "ordered: "+commands[0]+" says what comes of it") {
			t.Errorf("%s says\n%s", command, out)
		}
		w.another(t, &seen, hosts)
	}
	if w.accountKey(t) == key {
		t.Error("the account has its old key")
	}
	for _, line := range []string{
		`level=INFO msg="certificates are ordered because somebody asks for it" what=renew names=\[\] by=nyc`,
		`level=WARN msg="a certificate is revoked" certificate=names .*reason=unspecified effect="another one is ordered"`,
	} {
		w.logs(t, "nyc", line)
	}
	if out := w.types(t, 1, "tinycdn certs renew other"); out != "there is no certificate \"other\" (there is: names)\n" {
		t.Errorf("got %s", out)
	}
	if strings.Count(w.pops["nyc"].Log.String(), "msg=ready") != 1 {
		t.Errorf("it was started more than once:\n%s", w.pops["nyc"].Log)
	}

	// A restart shows what is kept, and orders nothing.
	if err := w.pops["nyc"].Stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	w.serveAlone(t)
	if again := w.shown(t, hosts, "nyc"); again[0] != seen[len(seen)-1] {
		t.Errorf("after a restart there is %v, and was %v", again, seen)
	}
	if log := w.pops["nyc"].Log.String(); strings.Contains(log, "a certificate is here") {
		t.Errorf("it has ordered again:\n%s", log)
	}
	for _, name := range []string{"account.json", "names.pem", "names.key"} {
		files, _ := filepath.Glob(filepath.Join(w.state["nyc"], "acme", "*", name))
		if len(files) != 1 {
			t.Errorf("%s is not where README has it: %v", name, files)
			continue
		}
		if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
}

// another waits until a certificate is shown that was not seen before.
func (w *world) another(t testing.TB, seen *[]string, hosts []string) {
	t.Helper()
	for {
		now := w.shown(t, hosts, "nyc")[0]
		if !slices.Contains(*seen, now) {
			*seen = append(*seen, now)
			return
		}
		if t.Context().Err() != nil {
			return
		}
	}
}

// BenchmarkCertificates holds the memory of a POP that orders its certificates against that of one that has the same from files: after an
// order, once what it took is given back, and after a start with what is kept of it.
func BenchmarkCertificates(b *testing.B) {
	const names = `"example.org", "*.example.org"`
	w := newAlone(b, "[acme]\n", names)
	measure := func(what string) {
		w.shown(b, []string{"example.org"}, "nyc")
		time.Sleep(150 * time.Second) // the garbage of one that has nothing to do is collected every two minutes
		b.ReportMetric(memory(b, w.pops["nyc"].Cmd.Process.Pid, "VmRSS"), "MB-"+what)
	}
	w.serveAlone(b)
	measure("ordered")
	again := func(what string) {
		if err := w.pops["nyc"].Stop(syscall.SIGTERM); err != nil {
			b.Fatal(err)
		}
		w.serveAlone(b)
		measure(what)
	}
	again("kept")
	config, err := os.ReadFile(filepath.Join(w.folder, "tinycdn.toml"))
	if err != nil {
		b.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(w.state["nyc"], "acme", "*", "names.pem"))
	if len(files) != 1 {
		b.Fatal(files)
	}
	for name, path := range map[string]string{"pair.pem": files[0], "pair.key": strings.TrimSuffix(files[0], ".pem") + ".key"} {
		text, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		w.write(b, name, string(text))
	}
	before, _, _ := strings.Cut(string(config), "[acme]")
	w.write(b, "tinycdn.toml", before+"[web]\ncerts = [\"pair.pem\", \"pair.key\"]\n")
	again("files")
	b.ReportMetric(0, "ns/op")
}
