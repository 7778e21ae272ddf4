package protocol

import (
	"regexp"
	"testing"
)

// TestAStolenKeyIsUndone: what somebody else signed with it is rolled back, a POP that was away never serves it, and with the key nobody
// comes in any more.
func TestAStolenKeyIsUndone(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterFiles)
	c.run(0, "", "publish")
	c.stop("syd")
	key := regexp.MustCompile(`TINYCDN-PRIVATE-KEY-1-\S+`).FindString(c.run(3, "TINYCDN-PRIVATE-KEY", "cluster", "key", "add", "ci"))
	thief := *c
	thief.env = append(c.env[:len(c.env):len(c.env)], "TINYCDN_KEY="+key)
	for _, text := range []string{"two\n", "three\n"} {
		c.edit("public/index.html", text)
		thief.run(3, "live        generation ", "publish")
	}
	c.run(1, "--stolen-since 9: the newest generation is 3", "cluster", "key", "remove", "ci", "--stolen-since", "9")
	c.run(3, "what ci has signed from generation 2 on does not count any more; what is served stays until: tinycdn rollback 1\n",
		"cluster", "key", "remove", "ci", "--stolen-since", "2")
	thief.run(1, "is not in the roster", "publish")
	c.start("syd")
	if got := c.page("syd", "/"); got != "one\n" {
		t.Errorf("syd, which was away, serves %q", got)
	}
	c.run(3, "live        generation 4 at fra, nyc (", "rollback", "1") // syd cannot prepare what follows 3, and hears of it
	c.serves("one\n", "one\n", "one\n")
}
