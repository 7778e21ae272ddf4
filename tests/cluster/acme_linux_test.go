package cluster

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tinycdn/tests/testkit"
)

// certified is a world with an authority in it, which asks the POPs' nameservers by turns.
type certified struct {
	*world
	config string // with [acme]
}

// helper runs this program at a node as something else, for as long as the test.
func (w *world) helper(t testing.TB, node, variable, value string) *exec.Cmd {
	t.Helper()
	cmd := w.Command(node, os.Args[0])
	cmd.Env = append(os.Environ(), variable+"="+value)
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		input.Close()
		cmd.Wait()
	})
	return cmd
}

func newCertified(t testing.TB, delay time.Duration) *certified {
	t.Helper()
	w := newWorld(t, delay, "ca")
	servers := w.Address("ca")
	zone := fmt.Sprintf("[records]\nns4 = { A = %q }\n", w.Address("ca"))
	for i, name := range names {
		servers += " " + w.Address(name)
		zone += fmt.Sprintf("ns%d = { A = %q }\n", i+1, w.Address(name))
	}
	w.write(t, "zones/example.org.toml", zone+"\"@\" = { NS = [\"ns1\", \"ns2\", \"ns3\", \"ns4\"], TXT = \"one\", A = \"192.0.2.1\" }\n\"*\" = { A = \"192.0.2.1\" }\n")
	resolver := w.helper(t, "ca", "TINYCDN_RESOLVE", servers)
	resolver.Stdout, resolver.Stderr = os.Stderr, os.Stderr
	if err := resolver.Start(); err != nil {
		t.Fatal(err)
	}
	directory := w.pebble(t, w.Address("ca"))
	text, err := os.ReadFile(filepath.Join(w.folder, "tinycdn.toml"))
	if err != nil {
		t.Fatal(err)
	}
	w.write(t, "roots.pem", string(testkit.Authority().PEM()))
	return &certified{w, string(text) + fmt.Sprintf("[acme]\nca = %q\nroots = \"roots.pem\"\n", directory)}
}

// pebble starts an authority at the node ca that asks a resolver, and gives its directory.
func (w *world) pebble(t testing.TB, resolver string) string {
	t.Helper()
	dir := t.TempDir()
	program, address := filepath.Join(dir, "pebble"), w.Address("ca")
	build := exec.Command("go", "build", "-o", program, "github.com/letsencrypt/pebble/v2/cmd/pebble")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	if _, err := testkit.Authority().Issue(filepath.Join(dir, "own"), time.Now().Add(-time.Hour), time.Now().Add(time.Hour), address); err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf(`{"pebble": {"listenAddress": "%s:14000", "httpPort": 80, "tlsPort": 443, "keyAlgorithm": "ecdsa", "retryAfter": {"authz": 1, "order": 1}, "certificate": %q, "privateKey": %q}}`,
		address, filepath.Join(dir, "own.pem"), filepath.Join(dir, "own.key"))
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	authority := w.Command("ca", program, "-config", filepath.Join(dir, "config.json"), "-dnsserver", resolver+":53")
	authority.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1")
	p, err := testkit.Launch(authority)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Stop(syscall.SIGKILL) })
	if _, found := p.Log.Await(0, p.Exited, func(line string) bool { return strings.Contains(line, "Listening on") }); !found {
		t.Fatalf("the authority does not begin:\n%s", p.Log)
	}
	return "https://" + address + ":14000/dir"
}

// shown waits until POPs show a certificate for all of the hosts, and gives their numbers.
func (w *world) shown(t testing.TB, hosts []string, pops ...string) (numbers []string) {
	t.Helper()
	var wanted []string
	for _, name := range pops {
		wanted = append(wanted, w.Address(name))
	}
	cmd := w.Command("home", os.Args[0])
	cmd.Env = append(os.Environ(), "TINYCDN_SHAKE="+strings.Join(append(append(wanted, "for"), hosts...), " "))
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer late.Stop()
	text, _ := io.ReadAll(out)
	cmd.Wait()
	for line := range strings.Lines(string(text)) {
		numbers = append(numbers, strings.Fields(line)[1])
	}
	if len(numbers) != len(pops) {
		for name, p := range w.pops {
			t.Logf("%s:\n%s", name, p.Log)
		}
		t.Fatalf("not all have a certificate within a minute:\n%s", text)
	}
	return numbers
}

// TestCertificatesOverTheWAN: a section [acme] is all that is needed. What the first POP has ordered all of them show, by name and
// without a restart; a nameserver that is late is waited for.
func TestCertificatesOverTheWAN(t *testing.T) {
	t.Parallel()
	w := newCertified(t, 25*time.Millisecond)
	hosts := []string{"example.org"}
	for i := range 20 {
		hosts = append(hosts, fmt.Sprintf("name%d.example.org", i))
	}
	list := `names = ["*.example.org", "` + strings.Join(hosts, `", "`) + "\"]\n"
	w.write(t, "tinycdn.toml", w.config+list)
	w.run(t, 0, "publish", "-m", "the first")
	begin := time.Now()
	numbers := w.shown(t, append(hosts, "any.example.org"), names...)
	t.Logf("live at all POPs %v after publish", time.Since(begin).Round(time.Millisecond))
	if numbers[0] != numbers[1] || numbers[0] != numbers[2] {
		t.Errorf("they show %v, want one and the same", numbers)
	}
	w.logs(t, "nyc", `msg="a certificate is here" certificate=names .*names=22 .*by=dns-01`)
	for _, name := range names {
		if left := w.proofs(name); left != "" {
			t.Errorf("at %s there is left %s", name, left)
		}
	}
	for _, name := range names {
		if strings.Contains(w.pops[name].Log.String(), "a POP is down") {
			t.Errorf("%s holds one for down that has no certificate yet:\n%s", name, w.pops[name].Log)
		}
	}
	w.says(t, 0, `(?ms)^nyc [^\n]* 89 days .*^nyc  orders certificates`, "status")

	// A nameserver that is dead is passed over; once it is back it shows what was ordered meanwhile.
	w.pops["syd"].Stop(syscall.SIGKILL)
	w.run(t, 0, "certs", "renew", "--socket", w.pops["fra"].AdminSocket())
	isHere := func(line string) bool { return strings.Contains(line, `msg="a certificate is here"`) }
	next, _ := w.pops["nyc"].Log.Await(0, w.pops["nyc"].Exited, isHere)
	if _, found := w.pops["nyc"].Log.Await(next, w.pops["nyc"].Exited, isHere); !found {
		t.Fatal(w.pops["nyc"].Log)
	}
	w.start(t, "syd")
	renewed := numbers
	for begin := time.Now(); renewed[0] == numbers[0] || renewed[0] != renewed[1] || renewed[0] != renewed[2]; renewed = w.shown(t, hosts[:1], names...) {
		if time.Since(begin) > time.Minute {
			t.Fatalf("they show %v, want one and the same that is not %s", renewed, numbers[0])
		}
	}

	// Over HTTP, the authority asks another POP than the one that orders.
	const host = "www.elsewhere.example.org"
	zone, err := os.ReadFile(filepath.Join(w.folder, "zones/example.org.toml"))
	if err != nil {
		t.Fatal(err)
	}
	w.write(t, "zones/example.org.toml", string(zone)+fmt.Sprintf("\"www.elsewhere\" = { A = %q }\n", w.Address("fra")))
	w.write(t, "tinycdn.toml", w.config+fmt.Sprintf("names = [%q]\nchallenge = \"http-01\"\n", host))
	w.run(t, 0, "publish")
	w.shown(t, []string{host}, names...)
	w.logs(t, "nyc", `msg="a certificate is here" certificate=names .*by=http-01`)
}

// proofs are the records that a POP shows to prove that example.org is ours.
func (w *world) proofs(pop string) string {
	out, _ := w.Command("home", "dig", "+short", "@"+w.Address(pop), "_acme-challenge.example.org", "TXT").Output()
	return string(out)
}
