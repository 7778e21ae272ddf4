package protocol

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// TestASignedZoneIsPublished with its key, which nobody but the POPs gets: they have the same octets, of geo names too, and go on with these
// after a start.
func TestASignedZoneIsPublished(t *testing.T) {
	t.Parallel()
	c := newCluster(t, strings.NewReplacer("soa =", "dnssec = true\nsoa =", `{ A = "192.0.2.1" }`, `{ geo = "site" }`, "[web]", "[maps.site]\ndefault = \"nyc\"\n[web]").Replace(clusterFiles))
	c.run(1, "there is no key of zone example.org (tinycdn dnssec key new example.org makes one)", "publish")
	c.run(0, "keys/example.org/Kexample.org.+013+", "dnssec", "key", "new", "example.org")
	c.run(0, "generation 1 at fra, nyc, syd", "publish")
	before := c.signatures("nyc")
	if !strings.Contains(before, "RRSIG\tA 13 3") || !strings.Contains(before, "RRSIG\tNSEC 13 2") || !strings.Contains(before, "RRSIG\tDNSKEY 13 2") {
		t.Fatalf("got %s", before)
	}
	c.stop("syd")
	c.start("syd")
	for pop := range clusterAddresses {
		if got := c.signatures(pop); got != before {
			t.Errorf("%s gives\n%s\nand nyc\n%s", pop, got, before)
		}
		found := 0
		filepath.WalkDir(filepath.Join(c.base, pop), func(path string, d fs.DirEntry, err error) error {
			if text, _ := os.ReadFile(path); strings.HasPrefix(string(text), "Private-key-format") {
				info, _ := os.Stat(path)
				if found++; info.Mode().Perm()&0o007 != 0 {
					t.Errorf("%s may be read by all: %v", path, info.Mode())
				}
			}
			return nil
		})
		if found == 0 {
			t.Errorf("%s has no key", pop)
		}
	}

	// Another key is taken as meant where it is published, and the one before comes back.
	if err := os.RemoveAll(filepath.Join(c.folder, "keys")); err != nil {
		t.Fatal(err)
	}
	c.run(0, "", "dnssec", "key", "new", "example.org")
	c.run(0, "generation 2 at fra, nyc, syd", "publish")
	if after := c.signatures("fra"); after == before || after != c.signatures("syd") {
		t.Errorf("with another key fra gives\n%s", after)
	}
	c.run(0, "generation 3 at fra, nyc, syd", "rollback")
	if back := c.keys("syd"); back != c.keys("nyc") || !strings.Contains(before, back) {
		t.Errorf("after the rollback syd has %s", back)
	}
}

// keys is the DNSKEY record of a POP.
func (c *cluster) keys(pop string) string {
	for line := range strings.Lines(c.signatures(pop)) {
		if strings.Contains(line, "\tDNSKEY\t257") {
			return line
		}
	}
	return "none"
}

// signatures are some answers of a POP, with what signs them.
func (c *cluster) signatures(pop string) string {
	c.t.Helper()
	var all strings.Builder
	for _, asked := range []dns.Question{{Name: "www.example.org.", Qtype: dns.TypeA}, {Name: "none.example.org.", Qtype: dns.TypeA}, {Name: "example.org.", Qtype: dns.TypeDNSKEY}} {
		q := new(dns.Msg).SetQuestion(asked.Name, asked.Qtype)
		q.SetEdns0(1232, true)
		r, _, err := new(dns.Client).Exchange(q, fmt.Sprintf("%s:%d", clusterAddresses[pop], c.ports.DNS))
		if err != nil {
			c.t.Fatal(err)
		}
		for _, record := range append(r.Answer, r.Ns...) {
			fmt.Fprintln(&all, record)
		}
	}
	return all.String()
}
