package protocol

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// checkout is what a CI has of the owner's folder as it is now: nothing that says what it came from.
func (c *cluster) checkout(key string) *cluster {
	c.t.Helper()
	other := *c
	other.folder = c.t.TempDir()
	if err := os.CopyFS(other.folder, os.DirFS(c.folder)); err != nil {
		c.t.Fatal(err)
	}
	for _, name := range []string{"last", "lists", "index"} {
		os.RemoveAll(filepath.Join(other.folder, ".tinycdn", name))
	}
	other.env = append(c.env, "TINYCDN_KEY="+key)
	return &other
}

// forget has a checkout be as fresh as it was.
func (c *cluster) forget() { os.Remove(filepath.Join(c.folder, ".tinycdn", "last")) }

func TestAnOldCheckoutOfACIIsFound(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterFiles)
	c.run(0, "", "publish")
	key := regexp.MustCompile(`TINYCDN-PRIVATE-KEY-1-\S+`).FindString(c.run(0, "roster 2 holds", "cluster", "key", "add", "ci", "--paths", "public/**"))
	ci := c.checkout(key)
	c.edit("public/index.html", "two\n")
	c.edit("zones/example.org.toml", "soa = { mname = \"ns\", rname = \"hostmaster\" }\n[records]\n\"@\" = { NS = \"ns\" }\nns = { A = \"127.0.0.1\" }\n")
	c.run(0, "generation 2", "publish")
	ci.edit("public/new.html", "new\n")
	ci.run(4, "generation 2 by owner changed what is otherwise here: public/index.html   zones/example.org.toml", "publish")

	ci = c.checkout(key)
	ci.edit("public/new.html", "new\n")
	ci.run(0, "generation 3 at fra, nyc, syd", "publish")
	ci.forget()
	ci.edit("public/index.html", "three\n")
	ci.run(0, "generation 4 at fra, nyc, syd", "publish")
	ci.forget()
	os.Remove(filepath.Join(ci.folder, "public", "about.html"))
	ci.run(0, "generation 5 at fra, nyc, syd", "publish")
	ci.forget()
	ci.edit("public/about.html", "about\n") // nobody can tell that from an old checkout
	ci.run(4, "generation 5 by ci changed what is otherwise here: public/about.html", "publish")
	ci.run(0, "generation 6 at fra, nyc, syd", "publish", "--over", "5")
}
