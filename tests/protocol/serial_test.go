package protocol

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tinycdn/tests/testkit"

	"github.com/miekg/dns"
)

// TestASerialRisesOnlyWithItsZone, at all POPs alike: not with what else is published, nor by a fresh checkout, in which everything is new.
func TestASerialRisesOnlyWithItsZone(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterFiles)
	c.run(0, "", "publish")
	first := c.serial("nyc")
	c.edit("public/index.html", "two\n")
	c.touch("zones/example.org.toml")
	c.run(0, "~ public/index.html", "publish")
	if got := c.serial("nyc"); got != first {
		t.Errorf("after a page was changed it is %d, and was %d", got, first)
	}
	c.touch("public/about.html")
	c.run(0, "nothing since generation 2", "publish")
	c.edit("zones/example.org.toml", "soa = { mname = \"ns\", rname = \"hostmaster\" }\nrecords = { \"@\" = { NS = \"ns\" }, ns = { A = \"127.0.0.1\" } }\n")
	c.run(0, "generation 3 at fra, nyc, syd", "publish")
	second := c.serial("nyc")
	c.run(0, "generation 4 at fra, nyc, syd", "rollback", "--yes")
	if third := c.serial("nyc"); second <= first || third <= second {
		t.Errorf("serials %d, %d, %d: they do not rise, also when what was is there again", first, second, third)
	}
	if a, b := c.serial("fra"), c.serial("syd"); a != b || a != c.serial("nyc") {
		t.Errorf("fra has serial %d, and syd %d", a, b)
	}
}

// touch has a file be new, as a checkout does.
func (c *cluster) touch(name string) {
	c.t.Helper()
	if err := os.Chtimes(filepath.Join(c.folder, name), time.Time{}, time.Now().Add(time.Hour)); err != nil {
		c.t.Fatal(err)
	}
}

// serial is that of example.org at a POP.
func (c *cluster) serial(pop string) uint32 {
	c.t.Helper()
	q := new(dns.Msg).SetQuestion("example.org.", dns.TypeSOA)
	r, _, err := (&dns.Client{Timeout: testkit.Patience}).Exchange(q, fmt.Sprintf("%s:%d", clusterAddresses[pop], c.ports.DNS))
	if err != nil || len(r.Answer) != 1 {
		c.t.Fatal(r, err)
	}
	return r.Answer[0].(*dns.SOA).Serial
}
