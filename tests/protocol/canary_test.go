package protocol

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestACanaryIsFinishedOrTakenBack(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterFiles)
	c.run(2, "nothing has been published yet", "publish", "--only", "fra")
	c.run(2, "there is no canary", "publish", "--finish")
	c.run(0, "", "publish")
	c.edit("public/index.html", "two\n")
	c.run(2, "--only par: there is no such POP", "publish", "--only", "par")
	c.run(2, "without --only", "publish", "--only", "fra", "--finish")
	c.run(0, "live        generation 2 at fra (", "publish", "--only", "fra")
	c.serves("two\n", "one\n", "one\n")
	c.run(4, "generation 2 is a canary at fra for ", "publish")
	c.run(4, "generation 2 is a canary at fra for ", "publish", "--only", "syd")
	c.run(4, "without a number", "rollback", "2")
	if got := c.chaos("fra", "generation.tinycdn."); !strings.HasPrefix(got, "2 ") || !strings.HasSuffix(got, " canary") {
		t.Errorf("fra serves generation %q", got)
	}
	if got := c.run(0, "generation 2 is a canary at fra for ", "status"); !strings.Contains(got, "2 CANARY (") || strings.Contains(got, "BEHIND") {
		t.Error(got)
	}
	if got := c.run(0, "fra (canary)", "history"); !strings.Contains(got, "nyc syd") {
		t.Error(got)
	}
	c.run(0, `{"generation":2,"hash":"`, "history", "--json")
	c.run(0, "~ public/index.html", "diff", "live", "2")
	c.stop("fra")
	c.start("fra")
	c.serves("two\n", "one\n", "one\n")

	c.run(0, "~ public/index.html", "rollback", "-n")
	c.serves("two\n", "one\n", "one\n")
	c.run(0, "back        generation 1 is live at fra, nyc, syd; 2 was a canary", "rollback")
	c.serves("one\n", "one\n", "one\n")
	c.edit("public/index.html", "three\n")
	if done := c.done("publish", "--only", "fra", "--json"); !done.Canary || done.Generation != 2 || len(done.Live) != 1 || len(done.Ready) != 2 {
		t.Errorf("%+v", done)
	}
	c.serves("three\n", "one\n", "one\n")
	if done := c.done("publish", "--finish", "--json"); done.Canary || done.Generation != 2 || len(done.Live) != 3 {
		t.Errorf("%+v", done)
	}
	c.serves("three\n", "three\n", "three\n")
	c.edit("public/index.html", "four\n") // this folder has become what was finished
	c.run(0, "generation 3 at fra, nyc, syd", "publish")
	c.run(0, "generation 4 at fra, nyc, syd", "rollback")
	c.serves("three\n", "three\n", "three\n")
}

// serves asks what fra, nyc and syd serve.
func (c *cluster) serves(texts ...string) {
	c.t.Helper()
	for i, pop := range []string{"fra", "nyc", "syd"} {
		c.await(pop+" serves "+texts[i], func() bool { return c.page(pop, "/") == texts[i] })
	}
}

// done is the last line of a command that tells in JSON how it goes.
func (c *cluster) done(args ...string) (is struct {
	Step        string
	Generation  uint64
	Live, Ready []string
	Canary      bool
}) {
	c.t.Helper()
	lines := strings.Split(strings.TrimSpace(c.run(0, "", args...)), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &is); err != nil || is.Step != "done" {
		c.t.Fatal(lines)
	}
	return is
}

// Which generations a POP has served before this one is nobody's business: one that was away, or a canary, has the same serial number.
func TestASerialNumberIsThatOfTheGeneration(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterFiles)
	c.run(0, "", "publish")
	c.edit("public/index.html", "two\n")
	c.run(0, "", "publish")
	c.stop("fra")
	c.start("fra")
	c.run(0, "all alike: 3 POPs", "check", "--live")
	c.edit("zones/example.org.toml", "records = { \"@\" = { NS = \"ns.example.net.\" } }\n")
	c.run(0, "", "publish", "--only", "fra")
	c.run(1, "zone example.org: serial: ", "check", "--live")
	c.run(0, "", "rollback")
	c.run(0, "", "pull", "--force")
	c.run(0, "all alike: 3 POPs", "check", "--live")
}
