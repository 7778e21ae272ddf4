package protocol

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/tests/testkit"
)

const human = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

// browse has Chromium open a page of the site at a POP, as a person's browser would.
func (c *cluster) browse(pop, path string) {
	c.t.Helper()
	profile, err := os.MkdirTemp("", "tinycdn-browser-")
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { os.RemoveAll(profile) })
	ctx, done := context.WithTimeout(c.t.Context(), 4*testkit.Patience)
	defer done()
	chromium := exec.CommandContext(ctx, "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--user-data-dir="+profile, "--user-agent="+human,
		"--host-resolver-rules=MAP www.example.org "+clusterAddresses[pop], "--dump-dom", fmt.Sprintf("http://www.example.org:%d%s", c.ports.HTTP, path))
	chromium.Env = append(os.Environ(), "TMPDIR="+profile)
	if text, err := chromium.Output(); err != nil || !strings.Contains(string(text), "<html>") {
		c.t.Fatalf("chromium shows %q: %v", text, err)
	}
}

// visit asks for a page with a header of somebody's.
func (c *cluster) visit(pop, path string, header map[string]string) {
	c.t.Helper()
	request, err := http.NewRequest("GET", fmt.Sprintf("http://%s:%d%s", clusterAddresses[pop], c.ports.HTTP, path), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	request.Host = "www.example.org"
	response, err := (&http.Client{Timeout: testkit.Patience}).Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	io.Copy(io.Discard, response.Body)
	if response.Body.Close(); response.StatusCode != http.StatusOK {
		c.t.Fatalf("%s of %s: %s", path, pop, response.Status)
	}
}

// TestVisitorOfTwoPOPsCountsOnce: of a browser at two POPs, curl, a bot, a prefetch, and somebody who wants no tracking, each POP tells the
// same; and what could tell who came is nowhere.
func TestVisitorOfTwoPOPsCountsOnce(t *testing.T) {
	t.Parallel()
	c := newCluster(t, strings.Replace(clusterFiles, "[sites.", "[stats]\n[sites.", 1))
	c.run(0, "", "publish")
	// The POPs agree on a salt a few seconds after they have begun to count.
	c.await("all have the same salt", func() bool {
		salts := map[string]bool{}
		for pop := range clusterAddresses {
			text, _ := os.ReadFile(filepath.Join(c.base, pop, "stats", "salts"))
			salts[string(text)] = true
		}
		return len(salts) == 1 && !salts[""]
	})
	for range 32 { // DNS queries, of which one in 16 has its name counted
		c.serial("syd")
	}
	c.browse("fra", "/")
	c.browse("syd", "/about")
	page := map[string]string{"Accept": "text/html", "User-Agent": human}
	with := func(name, value string) map[string]string {
		return map[string]string{"Accept": page["Accept"], "User-Agent": page["User-Agent"], name: value}
	}
	c.visit("fra", "/", page)                                      // the same: the browser and we have one address
	c.visit("fra", "/", with("Sec-GPC", "1"))                      // a view, and nobody's
	c.visit("syd", "/", with("DNT", "1"))                          // likewise
	c.visit("syd", "/", with("Sec-Purpose", "prefetch;prerender")) // nobody looks at it yet
	c.visit("fra", "/", with("User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"))
	c.visit("fra", "/", with("Sec-Fetch-Dest", "iframe"))
	c.visit("fra", "/", map[string]string{"Accept": "*/*", "User-Agent": "curl/8.14.1"})
	if err := exec.Command("curl", "-sf", "-o", os.DevNull, fmt.Sprintf("http://%s:%d/", clusterAddresses["fra"], c.ports.HTTP)).Run(); err != nil {
		t.Fatal(err)
	}
	want := map[string][2]int{"all": {5, 1}, "pop fra": {3, 1}, "pop syd": {2, 1}, "page /": {4, 1}, "page /about": {1, 1}, "country ?": {3, 1}, "private": {2, 0}}
	got, queries, named := map[string][2]int{}, false, false
	for line := range strings.Lines(c.run(0, "", "stats", "--days", "1", "--json")) {
		var row struct {
			By, Name        string
			Views, Visitors int
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		switch row.By {
		case "hour", "source":
		case "zone", "query country":
			queries = queries || row.Name == "example.org" && row.Views > 0
		case "query name":
			named = named || row.Name == "example.org" && row.Views >= 16 && row.Views%16 == 0
		default:
			got[strings.TrimSpace(row.By+" "+row.Name)] = [2]int{row.Views, row.Visitors}
		}
	}
	if !queries || !named {
		t.Errorf("DNS queries by zone and country: %v, by name: %v", queries, named)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if text := c.run(0, "", "stats"); !strings.Contains(text, "by page") || !strings.Contains(text, "by name, by one in 16") || !strings.Contains(text, "DB-IP") {
		t.Errorf("the table:\n%s", text)
	}
	for pop := range clusterAddresses { // no address, no user agent, and no salt but in its own file
		filepath.WalkDir(filepath.Join(c.base, pop, "stats"), func(path string, _ os.DirEntry, _ error) error {
			text, _ := os.ReadFile(path)
			for _, secret := range []string{"127.0.0.1", "Chrome", "Mozilla"} {
				if strings.Contains(string(text), secret) {
					t.Errorf("%s has %s in it", path, secret)
				}
			}
			return nil
		})
	}
	if status := c.run(0, "", "status", "--json"); strings.Contains(status, "secret") || strings.Contains(status, "salt") {
		t.Errorf("the rows of POPs tell more than they should:\n%s", status)
	}
	c.run(2, "want --json or --csv, and not both", "stats", "--json", "--csv")
	if text := c.run(2, "", "stats", "--days", "0"); !strings.Contains(text, "want at least 1") {
		t.Errorf("of no days: %s", text)
	}
}
