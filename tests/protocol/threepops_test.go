package protocol

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tinycdn/tests/testkit"

	"github.com/miekg/dns"
)

// cluster is three POPs on this machine, and the folder of their owner. The channel is at the port for HTTPS, of which there is no
// certificate.
type cluster struct {
	t      *testing.T
	base   string
	folder string // of the owner
	ports  testkit.Ports
	pops   map[string]*testkit.Process
	env    []string
}

const clusterFiles = `
-- tinycdn.toml --
zones = ["zones/*.toml"]
[dns]
listen = "pop:$PORT"
[pops.nyc]
addresses = "127.0.0.1"
location = [40.71, -74.01]
[pops.fra]
addresses = "127.0.0.2"
location = [50.11, 8.68]
[pops.syd]
addresses = "127.0.0.3"
location = [-33.87, 151.21]
[web]
listen = "pop:$HTTP"
tls_listen = "pop:$HTTPS"
admin_socket = ""
[sites."example.org"]
root = "public"
hosts = "*"
-- zones/example.org.toml --
soa = { mname = "ns", rname = "hostmaster" }
[records]
"@" = { NS = "ns" }
ns = { A = "127.0.0.1" }
www = { A = "192.0.2.1" }
-- public/index.html --
one
-- public/about.html --
about
`

var clusterAddresses = map[string]string{"nyc": "127.0.0.1", "fra": "127.0.0.2", "syd": "127.0.0.3"}

func newCluster(t *testing.T, files string) *cluster {
	t.Helper()
	h := testkit.Build(t, files)
	c := &cluster{t: t, base: t.TempDir(), folder: h.Folder, ports: h.Ports, pops: map[string]*testkit.Process{}}
	owner := newKey()
	c.env = append(os.Environ(), "XDG_CONFIG_HOME="+c.base, "TINYCDN_KEY=")
	c.write("tinycdn/owner.key", keyFile(owner))
	members := fmt.Sprintf("tinycdn roster 1\nversion 1\nowner %s\n", publicText(owner))
	for _, name := range []string{"fra", "nyc", "syd"} {
		key, at := newKey(), fmt.Sprintf("%s:%d", clusterAddresses[name], h.Ports.HTTPS)
		c.write(name+"/key", keyFile(key))
		c.write(name+"/identity", fmt.Appendf(nil, "name %s\nowner %s\nlisten %s\n", name, publicText(owner), at))
		members += fmt.Sprintf("pop %s %s %s\n", name, publicText(key), at)
	}
	text := fmt.Appendf(nil, "%ssignature %s %s\n", members, publicText(owner), keyCoding.EncodeToString(ed25519.Sign(owner, []byte(members))))
	for name := range clusterAddresses {
		c.write(name+"/roster", text)
	}
	if err := os.MkdirAll(filepath.Join(c.folder, ".tinycdn"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.folder, ".tinycdn", "roster"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	for name := range clusterAddresses {
		c.start(name)
	}
	return c
}

// keyCoding is how keys and signatures stand in files.
var keyCoding = base64.RawURLEncoding

func newKey() ed25519.PrivateKey {
	_, key, _ := ed25519.GenerateKey(nil) // never fails
	return key
}

func keyFile(key ed25519.PrivateKey) []byte {
	return []byte("TINYCDN-PRIVATE-KEY-1-" + keyCoding.EncodeToString(key.Seed()) + "\n")
}

func publicText(key ed25519.PrivateKey) string {
	return keyCoding.EncodeToString(key.Public().(ed25519.PublicKey))
}

func (c *cluster) write(name string, text []byte) {
	c.t.Helper()
	path := filepath.Join(c.base, name)
	os.MkdirAll(filepath.Dir(path), 0o700)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// start starts a POP, and waits until it is ready.
func (c *cluster) start(name string) {
	c.t.Helper()
	s, err := testkit.Launch(testkit.Command("serve", "--state", filepath.Join(c.base, name)))
	if err == nil {
		err = s.Ready()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.pops[name] = s
	c.t.Cleanup(func() {
		if c.pops[name] == s {
			c.stop(name)
		}
	})
}

func (c *cluster) stop(name string) {
	c.t.Helper()
	if err := c.pops[name].Stop(syscall.SIGTERM); err != nil {
		c.t.Error(err)
	}
	delete(c.pops, name)
}

// edit writes a file of the owner's folder.
func (c *cluster) edit(name, text string) {
	c.t.Helper()
	path := filepath.Join(c.folder, name)
	os.MkdirAll(filepath.Dir(path), 0o755)
	if err := os.WriteFile(path, []byte(c.ports.In(text)), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// run runs a command in the owner's folder, and wants it to end with a status and to say something.
func (c *cluster) run(status int, says string, args ...string) string {
	c.t.Helper()
	cmd := testkit.Command(args...)
	cmd.Dir, cmd.Env = c.folder, c.env
	out, err := cmd.CombinedOutput()
	got := 0
	if ended := (*exec.ExitError)(nil); errors.As(err, &ended) {
		got = ended.ExitCode()
	} else if err != nil {
		c.t.Fatal(err)
	}
	if got != status || !strings.Contains(string(out), says) {
		c.t.Errorf("tinycdn %s ended with %d, want %d and %q:\n%s", strings.Join(args, " "), got, status, says, out)
	}
	return string(out)
}

// page is what a POP serves at a path.
func (c *cluster) page(pop, path string) string {
	response, err := (&http.Client{Timeout: testkit.Patience}).Get(fmt.Sprintf("http://%s:%d%s", clusterAddresses[pop], c.ports.HTTP, path))
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	text := make([]byte, 100)
	n, _ := response.Body.Read(text)
	return string(text[:n])
}

// chaos is the answer of a POP to a question of class CH.
func (c *cluster) chaos(pop, name string) string {
	q := new(dns.Msg)
	q.Question = []dns.Question{{Name: name, Qtype: dns.TypeTXT, Qclass: dns.ClassCHAOS}}
	r, _, err := new(dns.Client).Exchange(q, fmt.Sprintf("%s:%d", clusterAddresses[pop], c.ports.DNS))
	if err != nil || len(r.Answer) != 1 {
		return fmt.Sprint(r, err)
	}
	return strings.Join(r.Answer[0].(*dns.TXT).Txt, "")
}

// await looks until something is so.
func (c *cluster) await(what string, is func() bool) {
	c.t.Helper()
	for end := time.Now().Add(testkit.Patience); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("it never happened that %s", what)
		}
	}
}
