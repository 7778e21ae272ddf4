package protocol

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/tests/testkit"
)

func TestPublishRollbackAndPull(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterFiles)
	c.run(0, "live        generation 1 at fra, nyc, syd", "publish", "-m", "the first")
	c.run(0, "nothing since generation 1", "publish")
	c.edit("public/index.html", "two\n")
	c.edit("public/new.html", "new\n")
	c.run(0, "+ public/new.html", "diff")
	c.run(0, "~ public/index.html", "publish", "-n")
	c.run(0, "sent        2 files, 1 kB, to fra, nyc, syd", "publish")
	for pop := range clusterAddresses {
		if got := c.page(pop, "/"); got != "two\n" {
			t.Errorf("%s serves %q", pop, got)
		}
	}
	c.edit("zones/example.org.toml", "nonsense\n")
	c.run(1, "zones/example.org.toml:1:", "publish")
	c.run(0, "live        generation 3 at fra, nyc, syd", "rollback")
	if got := c.page("syd", "/"); got != "one\n" {
		t.Errorf("syd serves %q", got)
	}
	history := c.run(0, "rollback to 1", "history")
	if !strings.Contains(history, "the first") || !strings.Contains(history, "fra nyc syd") {
		t.Errorf("the history is\n%s", history)
	}
	c.run(0, "+ public/new.html", "diff", "live", "2")

	c.run(0, "1 file written, 1 removed", "pull") // and what is changed here alone stays
	c.run(1, "zones/example.org.toml:1:", "publish")
}

func TestPullKeepsWhatWasChangedHere(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterFiles)
	c.run(0, "", "publish")
	c.edit("public/index.html", "two\n")
	c.edit("public/new.html", "new\n")
	c.run(0, "", "publish")
	c.run(0, "", "rollback")
	c.run(4, "generation 3 by owner changed what is otherwise here: public/index.html   public/new.html", "publish")
	c.edit("public/about.html", "changed here alone\n")
	c.edit("public/index.html", "changed here, too\n")
	c.run(4, "generation 3 by owner changed what is otherwise here: public/index.html   public/new.html", "publish")
	c.run(4, "changed here and in generation 3: public/index.html", "pull")
	c.run(0, "generation 3: 2 files written, 1 removed", "pull", "--force")
	for name, want := range map[string]string{"index.html": "one\n", "about.html": "about\n", "new.html": ""} {
		if got, _ := os.ReadFile(filepath.Join(c.folder, "public", name)); string(got) != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	c.edit("public/about.html", "changed here alone\n")
	c.run(0, "generation 3: 0 files written, 0 removed", "pull")
	c.run(0, "generation 4 at fra, nyc, syd", "publish")
}

func TestStatusSaysWhoIsBehindAndWhoIsNotHeard(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterFiles)
	c.run(0, "", "publish")
	c.await("all hear each other", func() bool { return !strings.Contains(c.run(0, "", "status"), " NOT") })
	c.stop("syd")
	c.edit("public/index.html", "two\n")
	if out := c.run(3, "syd: 127.0.0.3:", "publish"); !strings.Contains(out, ": connection refused") || strings.Contains(out, "dial") {
		t.Error(out)
	}
	c.run(0, "nothing since", "publish")
	c.edit("public/index.html", "three\n")
	c.run(0, "generation 3 at fra, nyc (", "publish", "--without", "syd")
	out := c.run(3, "syd", "status", "--json")
	for line := range strings.Lines(out) {
		var one struct {
			POP    string `json:"pop"`
			Behind string `json:"behind"`
		}
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatal(err)
		}
		if one.POP == "syd" && one.Behind == "" || one.POP != "syd" && one.Behind != "" {
			t.Error(line)
		}
	}
	c.stop("fra")
	c.edit("public/index.html", "four\n")
	c.run(5, "1 of 3 POPs answer, and nothing was changed", "publish")
	c.run(0, "~ public/index.html", "diff")
	c.start("fra")
	c.start("syd")
	if got := c.page("syd", "/"); got != "three\n" {
		t.Errorf("syd comes back with %q", got)
	}
	if got, want := c.chaos("syd", "generation.tinycdn."), c.chaos("nyc", "generation.tinycdn."); got != want || !strings.HasPrefix(got, "3 ") {
		t.Errorf("syd serves generation %q, and nyc %q", got, want)
	}
}

func TestPOPsThatDifferAreSeenWithoutACluster(t *testing.T) {
	t.Parallel()
	files := strings.NewReplacer(`"pop:$PORT"`, `"127.0.0.1:$PORT"`, `"pop:$HTTP"`, `"127.0.0.1:$HTTP"`, `"pop:$HTTPS"`, `"127.0.0.1:$HTTPS"`, "[web]", "[maps.world]\ndefault = \"nyc\"\n[web]").Replace(clusterFiles)
	sums := map[string]bool{}
	for _, text := range []string{files, files, strings.Replace(files, "192.0.2.1", "192.0.2.2", 1), strings.Replace(files, "[50.11, 8.68]", "[50.11, 8.7]", 1)} {
		text = strings.Replace(text, "soa = {", "soa = { serial = 1,", 1) // else the files' times show
		h := testkit.Build(t, strings.Replace(text, "zones = [", "pop = \"nyc\"\nzones = [", 1))
		h.Start(t)
		c := &cluster{t: t, ports: h.Ports}
		c.await("there is a sum", func() bool { return len(c.chaos("nyc", "generation.tinycdn.")) == 64 })
		sums[c.chaos("nyc", "generation.tinycdn.")] = true
	}
	if len(sums) != 3 {
		t.Errorf("of four POPs of which two are alike there are %d sums", len(sums))
	}
}

func TestThreeThatStartWithoutOneAnotherServeWhatTheyHad(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterFiles)
	c.run(0, "", "publish")
	c.stop("nyc")
	c.stop("fra")
	c.stop("syd")
	c.start("fra")
	if got := c.page("fra", "/"); got != "one\n" {
		t.Errorf("fra alone serves %q", got)
	}
}

func TestTheChannelSharesThePortForHTTPS(t *testing.T) {
	t.Parallel()
	c := newCluster(t, strings.Replace(clusterFiles, "[web]", "[web]\nclients = 100", 1))
	c.run(0, "", "publish")
	address := fmt.Sprintf("127.0.0.1:%d", c.ports.HTTPS)
	for _, protocol := range []struct {
		names []string
		max   uint16
	}{{[]string{"h2", "http/1.1"}, 0}, {[]string{"tinycdn/1"}, 0}, {[]string{"tinycdn/1"}, tls.VersionTLS12}} {
		conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, ServerName: "example.org", NextProtos: protocol.names, MaxVersion: protocol.max})
		if err == nil {
			_, err = conn.Read(make([]byte, 1)) // a client without a key learns of it after its handshake
			conn.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "remote error: tls:") {
			t.Errorf("%v: %v", protocol, err)
		}
	}
	// More strangers than there are places keep neither members nor visitors out.
	var strangers []net.Conn
	stranger := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 77)}}
	for range 400 {
		if conn, err := stranger.Dial("tcp", address); err == nil {
			strangers = append(strangers, conn)
		}
	}
	c.edit("public/index.html", "two\n")
	c.run(0, "generation 2 at fra, nyc, syd", "publish")
	for _, conn := range strangers {
		conn.Close()
	}
	// Nor does a restart, or a generation without a site, close the door.
	c.stop("nyc")
	c.start("nyc")
	c.edit("tinycdn.toml", strings.Split(strings.Split(clusterFiles, "-- zones")[0], "[sites")[0][len("\n-- tinycdn.toml --\n"):])
	c.run(6, "site example.org would be gone: --yes if that is meant", "publish")
	c.run(0, "generation 3 at fra, nyc, syd", "publish", "--yes")
	c.run(0, "generation 4 at fra, nyc, syd", "rollback")
	if got := c.page("nyc", "/"); got != "two\n" {
		t.Errorf("nyc serves %q", got)
	}
}

func TestAMemberGoesOnAsItsUser(t *testing.T) {
	t.Parallel()
	files := clusterFiles
	if os.Geteuid() == 0 { // else each stays who we are
		files = strings.Replace(files, "zones =", "user = \"nobody\"\nzones =", 1)
	}
	c := newCluster(t, files)
	for dir := c.base; dir != os.TempDir() && len(dir) > 1; dir = filepath.Dir(dir) {
		os.Chmod(dir, 0o755)
	}
	c.run(0, "generation 1 at fra, nyc, syd", "publish")
	c.edit("public/index.html", "two\n")
	c.run(0, "generation 2 at fra, nyc, syd", "publish")
	c.stop("fra")
	c.edit("public/index.html", "three\n")
	c.run(3, "generation 3 at nyc, syd", "publish")
	c.start("fra")
	if got := c.page("fra", "/"); got != "three\n" {
		t.Errorf("fra serves %q", got)
	}
	c.edit("public/index.html", "four\n")
	c.run(0, "generation 4 at fra, nyc, syd", "publish")
}
