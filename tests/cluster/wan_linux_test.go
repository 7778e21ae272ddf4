package cluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tinycdn/tests/testkit"
)

// world is three POPs on three continents, and a laptop at home.
type world struct {
	*testkit.WAN
	folder string // the laptop's, with tinycdn.toml
	home   string
	state  map[string]string
	pops   map[string]*testkit.Process
	by     func(name string) []string // what runs a POP's program; nil: nothing more than its machine

	resolver string // the file that says whom the POPs ask what they do not serve; "": that of this machine
}

var names = []string{"nyc", "fra", "syd"}

// newWorld has the POPs join, as somebody without ssh would. At one more node the world's resolver may be.
func newWorld(t testing.TB, delay time.Duration, resolver ...string) *world {
	t.Helper()
	w := newMachines(t, delay, slices.Concat(names, resolver))
	for _, name := range resolver {
		w.resolver = filepath.Join(t.TempDir(), "resolv.conf")
		if err := os.WriteFile(w.resolver, []byte("nameserver "+w.Address(name)+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	config := "zones = [\"zones/*.toml\"]\n[sites.\"www.example.org\"]\nroot = \"public\"\n[pops]\n"
	for i, name := range names {
		config += fmt.Sprintf("%s = { addresses = [%q], location = [%d, %d] }\n", name, w.Address(name), 10*i, 50*i)
	}
	w.write(t, "tinycdn.toml", config)
	w.write(t, "zones/example.org.toml", "[records]\n\"@\" = { NS = \"ns\", TXT = \"one\" }\nns = { A = \"192.0.2.1\" }\n")
	w.write(t, "public/index.html", "one")
	for _, name := range names {
		w.join(t, name)
	}
	return w
}

// newMachines are a laptop, and machines that are no POPs yet.
func newMachines(t testing.TB, delay time.Duration, names []string) *world {
	t.Helper()
	rates := map[string]float64{"home": 20}
	for _, name := range names {
		rates[name] = 200
	}
	return &world{
		WAN: testkit.NewWAN(t, delay, rates), folder: t.TempDir(), home: t.TempDir(), state: map[string]string{}, pops: map[string]*testkit.Process{},
	}
}

func (w *world) write(t testing.TB, name, text string) {
	t.Helper()
	path := filepath.Join(w.folder, name)
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = os.WriteFile(path, []byte(text), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// laptop is a command that somebody types at home.
func (w *world) laptop(args ...string) *exec.Cmd {
	cmd := w.Command("home", append([]string{testkit.Program()}, args...)...)
	cmd.Dir, cmd.Env = w.folder, append(os.Environ(), "HOME="+w.home, "XDG_CONFIG_HOME="+filepath.Join(w.home, ".config"))
	return cmd
}

// run runs a command of the laptop's, which has to end with a status.
func (w *world) run(t testing.TB, status int, args ...string) string {
	t.Helper()
	out, err := w.laptop(args...).CombinedOutput()
	got := 0
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if got != status {
		t.Fatalf("tinycdn %s: status %d, want %d\n%s", strings.Join(args, " "), got, status, out)
	}
	return string(out)
}

var invitation = regexp.MustCompile(`tinycdn (join .*)`)

// join invites a POP, and serves there what it is given.
func (w *world) join(t testing.TB, name string) {
	t.Helper()
	w.state[name] = t.TempDir()
	invite := w.laptop("invite", name)
	out, err := invite.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	invite.Stderr = os.Stderr
	if err := invite.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	var words []string
	for words == nil && lines.Scan() {
		if found := invitation.FindStringSubmatch(lines.Text()); found != nil {
			words = strings.Fields(found[1])
		}
	}
	said := make(chan string)
	go func() {
		rest, _ := io.ReadAll(out)
		said <- string(rest)
	}()
	if words == nil {
		t.Fatalf("invite %s says no invitation: %v", name, invite.Wait())
	}
	join := w.Command(name, append([]string{testkit.Program(), "join", "--state", w.state[name]}, words[1:]...)...)
	if out, err := join.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", join.Args, err, out)
	}
	w.start(t, name)
	rest := <-said
	if err := invite.Wait(); err != nil {
		t.Fatalf("invite %s: %v\n%s", name, err, rest)
	}
}

// start starts a POP.
func (w *world) start(t testing.TB, name string) {
	t.Helper()
	argv := []string{testkit.Program(), "serve", "--state", w.state[name]}
	if w.by != nil {
		argv = append(w.by(name), argv...)
	}
	if w.resolver != "" { // whoever is run at a node has mounts of his own
		argv = append([]string{"sh", "-c", `mount --bind "$0" /etc/resolv.conf && exec "$@"`, w.resolver}, argv...)
	}
	p, err := testkit.Launch(w.Command(name, argv...))
	if err != nil {
		t.Fatal(err)
	}
	w.pops[name] = p
	t.Cleanup(func() { p.Stop(syscall.SIGKILL) })
}

// txt is what a POP says of example.org, asked at home.
func (w *world) txt(name string) string {
	ctx, done := context.WithTimeout(context.Background(), 10*time.Second)
	defer done()
	cmd := w.Command("home", "dig", "+short", "+tries=1", "+time=3", "@"+w.Address(name), "example.org", "TXT")
	go func() {
		<-ctx.Done()
		if cmd.Process != nil {
			cmd.Process.Kill()
		}
	}()
	out, _ := cmd.Output()
	return strings.Trim(strings.TrimSpace(string(out)), `"`)
}

// serve says whether all POPs say the same.
func (w *world) serve(t testing.TB, want string, of ...string) {
	t.Helper()
	var work sync.WaitGroup
	for _, name := range of {
		work.Go(func() {
			if got := w.txt(name); got != want {
				t.Errorf("%s says %q, want %q", name, got, want)
			}
		})
	}
	work.Wait()
}

func (w *world) zone(t testing.TB, text string) {
	t.Helper()
	w.write(t, "zones/example.org.toml", "[records]\n\"@\" = { NS = \"ns\", TXT = \""+text+"\" }\nns = { A = \"192.0.2.1\" }\n")
}

func TestPublishOverTheWAN(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 100*time.Millisecond)
	w.run(t, 0, "publish", "-m", "the first")
	w.serve(t, "one", names...)

	w.zone(t, "two")
	out := w.run(t, 0, "publish")
	if !regexp.MustCompile(`(?m)^live +generation 2 at fra, nyc, syd`).MatchString(out) {
		t.Errorf("it is not live everywhere:\n%s", out)
	}
	w.serve(t, "two", names...)

	// A mistake is told by line, and changes nothing.
	w.write(t, "zones/example.org.toml", "[records]\nns = 3\n")
	if out := w.run(t, 1, "publish"); !strings.Contains(out, "zones/example.org.toml:2: ") {
		t.Errorf("the mistake is not told:\n%s", out)
	}
	w.serve(t, "two", names...)

	// A POP that is cut off is named, and catches up.
	w.zone(t, "three")
	w.Cut("syd", true)
	if out := w.run(t, 3, "publish"); !strings.Contains(out, "syd") {
		t.Errorf("who is not there yet is not named:\n%s", out)
	}
	w.serve(t, "three", "nyc", "fra")
	w.Cut("syd", false)
	for w.txt("syd") != "three" {
		time.Sleep(200 * time.Millisecond)
		if t.Context().Err() != nil {
			return
		}
	}

	// So does one that was killed.
	w.pops["fra"].Cmd.Process.Kill()
	<-w.pops["fra"].Exited
	w.zone(t, "four")
	w.run(t, 3, "publish")
	w.start(t, "fra")
	for w.txt("fra") != "four" {
		time.Sleep(200 * time.Millisecond)
		if t.Context().Err() != nil {
			return
		}
	}

	// Two of three are no majority when they are cut off.
	w.zone(t, "five")
	w.Cut("nyc", true)
	w.Cut("fra", true)
	w.run(t, 5, "publish")
	w.serve(t, "four", "syd")
	w.Cut("nyc", false)
	w.Cut("fra", false)
	w.run(t, 0, "publish")
	w.serve(t, "five", names...)
}

// logs waits until the log of a POP has said something.
func (w *world) logs(t testing.TB, name, pattern string) {
	t.Helper()
	p, fits := w.pops[name], regexp.MustCompile(pattern)
	if _, found := p.Log.Await(0, p.Exited, func(line string) bool { return fits.MatchString(line) }); !found {
		t.Fatalf("the log of %s never fits %s:\n%s", name, pattern, p.Log)
	}
}
