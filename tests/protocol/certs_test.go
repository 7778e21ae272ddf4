package protocol

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The owner asks about certificates from his own folder, and a key that may but look changes nothing. No authority is there, so that what is
// told is that.
func TestCertificatesAreAskedForFromTheOwnersFolder(t *testing.T) {
	t.Parallel()
	c := newCluster(t, strings.Replace(clusterFiles, "[sites.", "[acme]\nca = \"https://127.0.0.1:$APP/dir\"\nnames = [\"example.org\", \"www.example.org\"]\n[sites.", 1))
	c.run(1, "this POP orders no certificates (its configuration has no [acme])", "certs", "list")
	c.run(0, "", "publish")
	c.await("it is told why there is none", func() bool {
		return strings.Contains(c.run(0, "names", "certs", "list"), "\nnames: no new one: 127.0.0.1:") // the certificate is called names
	})
	var all []struct {
		Name, Why string
		Names     []string
	}
	if err := json.Unmarshal([]byte(c.run(0, "connection refused", "certs", "list", "--json")), &all); err != nil || len(all) != 1 || len(all[0].Names) != 2 {
		t.Errorf("got %+v, %v", all, err)
	}
	before := len(logs(c.pops["nyc"].Log.String(), "connection refused"))
	c.run(0, "ordered: tinycdn certs list says what comes of it", "certs", "renew")
	c.await("it is tried once more", func() bool { return len(logs(c.pops["nyc"].Log.String(), "connection refused")) > before })
	if said := logs(c.pops["nyc"].Log.String(), "what=renew names=[] by=owner"); len(said) != 1 {
		t.Errorf("who asked for it is not told:\n%s", c.pops["nyc"].Log)
	}
	c.run(1, `nyc: there is no certificate "name" (there is: names)`, "certs", "renew", "name")
	c.run(1, `nyc: there is no certificate "names" yet`, "certs", "revoke", "names")
	c.run(1, `"whim" is no reason to revoke a certificate`, "certs", "revoke", "names", "--reason", "whim")

	// Keys of others.
	key := func(args ...string) string {
		for line := range strings.Lines(c.run(0, "TINYCDN-PRIVATE-KEY", append([]string{"cluster", "key", "add"}, args...)...)) {
			if word := strings.TrimSpace(line); strings.Contains(word, "TINYCDN-PRIVATE-KEY-1-") {
				return word[strings.Index(word, "TINYCDN-PRIVATE-KEY-1-"):]
			}
		}
		return ""
	}
	viewer, ci := key("viewer", "--may", "status"), key("ci", "--may", "publish,status", "--paths", "public/**")
	own := c.env
	for name, text := range map[string]string{"viewer": viewer, "ci": ci} {
		c.env = append(own, "TINYCDN_KEY="+text, "XDG_CONFIG_HOME="+filepath.Join(c.base, "nobody"))
		c.run(0, "no new one", "certs", "list")
		c.run(1, "may", "certs", "rekey")
		if got := c.run(1, "", "certs", "renew"); strings.Contains(got, "ordered:") {
			t.Errorf("%s: %s", name, got)
		}
	}
	c.env = own
	c.stop("nyc") // who orders; the others know as much
	c.run(0, "connection refused", "certs", "list")
	os.RemoveAll(filepath.Join(c.folder, ".tinycdn")) // whoever is in no cluster's folder has the socket
	c.run(1, "this POP has no socket to be asked by", "certs", "list")
}

// logs are the lines of a log that hold a text.
func logs(log, text string) (all []string) {
	for line := range strings.Lines(log) {
		if strings.Contains(line, text) {
			all = append(all, line)
		}
	}
	return all
}
