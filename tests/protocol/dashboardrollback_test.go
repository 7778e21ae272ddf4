package protocol

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tinycdn/tests/testkit"

	"github.com/chromedp/chromedp"
)

// watchedFiles are those of a cluster that is looked at.
var watchedFiles = strings.NewReplacer("admin_socket = \"\"\n", "", "[sites.", "[stats]\n[maps.world]\ndefault = \"nyc\"\n[sites.").Replace(clusterFiles)

// dashboard starts tinycdn dashboard in the owner's folder, and gives the address that it says.
func (c *cluster) dashboard(pop string, env ...string) string {
	c.t.Helper()
	cmd := testkit.Command("dashboard", "--no-browser", "--socket", c.pops[pop].AdminSocket())
	cmd.Dir, cmd.Env = c.folder, append(c.env, env...)
	s, err := testkit.Launch(cmd)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		if err := s.Stop(syscall.SIGINT); err != nil {
			c.t.Error(err)
		}
	})
	if _, found := s.Log.Await(0, s.Exited, func(line string) bool { return strings.Contains(line, "Ctrl-C ends it") }); !found {
		c.t.Fatalf("it says no address:\n%s", s.Log)
	}
	lines, _ := s.Log.From(0)
	return lines[0]
}

// gate is a way to ask through a dashboard.
type gate struct {
	*cluster
	at, token string
}

func (c *cluster) enter(address string) *gate {
	c.t.Helper()
	at, code, _ := strings.Cut(address, "/#once=")
	g := &gate{c, at, ""}
	g.token = strings.TrimSpace(g.asks(200, "POST", "/dashboard/enter", code))
	return g
}

// asks makes a request with the token, and wants its answer to have a status. A header without a value is left out.
func (g *gate) asks(status int, method, path, body string, header ...string) string {
	g.t.Helper()
	r, err := http.NewRequest(method, g.at+path, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+g.token)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		if r.Header.Set(header[i], header[i+1]); header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	answer, err := (&http.Client{Timeout: 4 * testkit.Patience, Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status {
		g.t.Errorf("%s %s %s %q: got %s, want %d: %s", method, path, body, header, answer.Status, status, text)
	}
	return string(text)
}

const rollBackPath = "/dashboard/rollback"

// TestNobodyElseRollsBackThroughTheDashboard: without the token, from a page elsewhere, by another name, or at a POP.
func TestNobodyElseRollsBackThroughTheDashboard(t *testing.T) {
	t.Parallel()
	c := newCluster(t, watchedFiles)
	c.run(0, "", "publish")
	c.edit("public/index.html", "two\n")
	c.run(0, "", "publish")
	g := c.enter(c.dashboard("nyc"))
	const order = `{"to": 1, "live": 2}`
	g.asks(401, "POST", rollBackPath, order, "Authorization", "")
	g.asks(401, "POST", rollBackPath, order, "Authorization", "Bearer x"+g.token[1:])
	g.asks(401, "POST", rollBackPath+"?token="+g.token, order, "Authorization", "", "Cookie", "token="+g.token)
	g.asks(403, "POST", rollBackPath, order, "Origin", "https://evil.example")
	g.asks(403, "POST", rollBackPath, order, "Origin", "null")
	g.asks(403, "POST", rollBackPath, order, "Origin", "http://127.0.0.1:1")
	g.asks(403, "POST", rollBackPath, order, "Sec-Fetch-Site", "cross-site")
	g.asks(403, "POST", rollBackPath, order, "Host", "rebound.example")
	g.asks(415, "POST", rollBackPath, order, "Content-Type", "text/plain")
	g.asks(415, "POST", rollBackPath, order, "Content-Type", "application/x-www-form-urlencoded")
	g.asks(405, "GET", rollBackPath, "")
	g.asks(405, "DELETE", rollBackPath, order)
	for _, bad := range []string{"", "{}", `{"to": 1}`, `{"to": -1, "live": 2}`, `{"to": 1, "live": 2, "force": true}`, strings.Repeat(" ", 2000) + order} {
		g.asks(400, "POST", rollBackPath, bad)
	}
	socket := testkit.NewAdmin(c.pops["nyc"].AdminSocket())
	t.Cleanup(socket.CloseIdleConnections)
	answer, err := socket.Post("http://localhost"+rollBackPath, "application/json", strings.NewReader(order))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != 404 {
		t.Errorf("at the POP itself: %s", answer.Status)
	}
	// A page that the POP would make is none at the origin of this one.
	if answer, err := http.DefaultClient.Do(func() *http.Request {
		r, _ := http.NewRequest("GET", g.at+"/dashboard/state", nil)
		r.Header.Set("Authorization", "Bearer "+g.token)
		return r
	}()); err != nil || !strings.HasPrefix(answer.Header.Get("Content-Security-Policy"), "sandbox;") {
		t.Errorf("what comes from the POP has %v, %v", answer.Header, err)
	}
	if got := c.page("nyc", "/"); got != "two\n" {
		t.Errorf("nyc serves %q", got)
	}

	if got := g.asks(200, "POST", rollBackPath, `{"to": 1, "live": 1}`); !strings.Contains(got, `"status":4`) || !strings.Contains(got, "generation 2 is live by now, and no longer 1") {
		t.Errorf("of what is not live any more: %s", got)
	}
	if got := g.asks(200, "POST", rollBackPath, `{"to": 1, "live": 2, "dry": true}`); !strings.Contains(got, "~ public/index.html") || !strings.HasSuffix(got, "{\"status\":0}\n") {
		t.Errorf("it would change %s", got)
	}
	c.serves("two\n", "two\n", "two\n")
	if got := g.asks(200, "POST", rollBackPath, order); !strings.Contains(got, "live        generation 3 at fra, nyc, syd") || !strings.HasSuffix(got, "{\"status\":0}\n") {
		t.Errorf("it says %s", got)
	}
	c.serves("one\n", "one\n", "one\n")
}

// TestWhoHasNoKeyIsToldWhereRollbackIsDone, and what was published.
func TestWhoHasNoKeyIsToldWhereRollbackIsDone(t *testing.T) {
	t.Parallel()
	c := newCluster(t, watchedFiles)
	c.run(0, "", "publish", "-m", "the first")
	g := c.enter(c.dashboard("nyc", "XDG_CONFIG_HOME="+t.TempDir()))
	if got := g.asks(200, "GET", "/", ""); !strings.Contains(got, "tinycdn rollback N brings one back") || !strings.Contains(got, "may publish") || strings.Contains(got, `data-rollback="yes"`) {
		t.Error("the page does not say where rollback is done, and why not here")
	}
	g.asks(404, "POST", rollBackPath, `{"to": 1, "live": 1}`)
	if got := g.asks(200, "GET", "/dashboard/generations", ""); !strings.Contains(got, `"number":1,`) || !strings.Contains(got, `"note":"the first"`) || !strings.Contains(got, `"live":true`) {
		t.Errorf("the generations are %s", got)
	}

	// A key under a passphrase is asked for where the command runs; a wrong one is not kept.
	c.env = append(c.env, "TINYCDN_NEW_PASSPHRASE=correct horse")
	c.run(0, "owner.key is under a passphrase", "cluster", "key", "passphrase")
	keys, _ := filepath.Glob(filepath.Join(c.base, "tinycdn", "*"))
	for _, path := range keys {
		if filepath.Base(path) != "owner.key" {
			os.Remove(path)
		}
	}
	const dry = `{"to": 1, "live": 1, "dry": true}`
	for passphrase, says := range map[string]string{"wrong": "this is not its passphrase", "correct horse": `"status":0`} {
		got := c.enter(c.dashboard("nyc", "TINYCDN_PASSPHRASE="+passphrase)).asks(200, "POST", rollBackPath, dry)
		if !strings.Contains(got, says) || !strings.Contains(got, "asks for the passphrase of owner.key") {
			t.Errorf("%s: %s", passphrase, got)
		}
	}
}

// TestTheDashboardRollsBackWhenAskedTwice, in a browser, and shows who came.
func TestTheDashboardRollsBackWhenAskedTwice(t *testing.T) {
	t.Parallel()
	c := newCluster(t, watchedFiles)
	c.run(0, "", "publish", "-m", "the first")
	c.edit("public/index.html", "two\n")
	c.run(0, "", "publish")
	c.edit("public/a/<b>.html", "odd\n")
	c.run(0, "", "publish")
	c.visit("nyc", "/about", map[string]string{"Accept": "text/html", "User-Agent": human})
	browser := testkit.OpenBrowser(t)
	one := testkit.OpenTab(t, browser, 1280, "light")
	if err := chromedp.Do(one, chromedp.Navigate(c.dashboard("nyc"))); err != nil {
		t.Fatal(err)
	}
	const rows = `[...document.querySelectorAll("#generations tbody tr")]`
	c.until(one, `document.querySelectorAll("#generations tbody tr").length == 3 && !document.getElementById("visits").hidden && document.getElementById("v-pages").innerText.includes("/about")`)
	if got := c.text(one, rows+`.map(tr => tr.innerText.replace(/\s+/g, " ").trim()).join("\n")`); !strings.HasPrefix(got, "3 live ") || !strings.Contains(got, "+ public/a/<b>.html fra nyc syd\n2 ") || !strings.Contains(got, "owner ~ public/index.html – Roll back…\n1 ") || !strings.HasSuffix(got, "owner the first – Roll back…") {
		t.Errorf("the generations are\n%s", got)
	}
	c.picture(one, "generations")
	const open = `document.querySelector('#generations button[data-key="1"]').click()`
	const told = `document.getElementById("back-state").textContent + " | " + document.getElementById("back-says").textContent`
	ready := `document.getElementById("back").open && !document.getElementById("back-go").disabled`
	for _, how := range []string{`document.getElementById("back-no").click()`, ``} {
		c.press(one, open)
		c.until(one, ready)
		if got := c.text(one, told); !strings.Contains(got, "This would change at all POPs.") || !strings.Contains(got, "~ public/index.html") || c.page("nyc", "/") != "two\n" {
			t.Errorf("it asks: %s", got)
		}
		if c.press(one, how); how != "" {
			c.until(one, `!document.getElementById("back").open`)
		}
	}
	c.picture(one, "rollback")
	// Somebody else publishes meanwhile: what was looked at is not what would be rolled back.
	c.edit("public/index.html", "four\n")
	c.run(0, "generation 4", "publish")
	c.press(one, `document.getElementById("back-go").click()`)
	c.until(one, `document.getElementById("back-state").textContent.includes("Nothing was changed: something else is live than was looked at. generation 4 is live by now")`)
	c.serves("four\n", "four\n", "four\n")
	c.press(one, `document.getElementById("back-no").click()`)
	c.until(one, `document.querySelectorAll("#generations tbody tr").length == 4`)
	c.press(one, open)
	c.until(one, ready)
	c.press(one, `document.getElementById("back-go").click()`)
	c.until(one, `document.getElementById("back-state").textContent == "Done." && document.getElementById("back-says").textContent.includes("live        generation 5 at fra, nyc, syd")`)
	c.serves("one\n", "one\n", "one\n")
	c.press(one, `document.getElementById("back-no").click()`)
	c.until(one, rows+`[0].innerText.includes("rollback to 1")`)
	if said, _ := one.Heard(); len(said) > 0 {
		t.Errorf("on the console stands %q", said)
	}

	// A canary is taken back first.
	c.edit("public/index.html", "six\n")
	c.run(0, "", "publish", "--over", "5", "--only", "fra")
	c.until(one, rows+`[0].innerText.includes("a canary")`)
	c.press(one, `document.querySelector('#generations button').click()`)
	c.until(one, ready)
	c.press(one, `document.getElementById("back-go").click()`)
	c.until(one, `document.getElementById("back-state").textContent == "Done."`)
	c.serves("one\n", "one\n", "one\n")
}

// until waits until something holds in a page.
func (c *cluster) until(one *testkit.Tab, js string) {
	c.t.Helper()
	if _, err := testkit.InPage(one, chromedp.Poll[bool](js)); err != nil {
		said, _ := one.Heard()
		c.t.Fatalf("%s never holds: %v; the page says\n%s\nand the console %q", js, err, c.text(one, "document.body.innerText"), said)
	}
}

func (c *cluster) press(one *testkit.Tab, js string) {
	c.t.Helper()
	if _, err := testkit.InPage(one, chromedp.Evaluate[bool](js+"; true")); err != nil {
		c.t.Fatalf("%s: %v", js, err)
	}
}

func (c *cluster) text(one *testkit.Tab, js string) string {
	c.t.Helper()
	text, err := testkit.InPage(one, chromedp.Evaluate[string](js))
	if err != nil {
		c.t.Fatalf("%s: %v", js, err)
	}
	return text
}

// picture is for people.
func (c *cluster) picture(one *testkit.Tab, name string) {
	folder := os.Getenv("TINYCDN_PICTURES")
	if folder == "" {
		return
	}
	shot, err := chromedp.Run(one, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, fmt.Sprintf("dashboard-%s.png", name)), shot, 0o644)
	}
	if err != nil {
		c.t.Error(err)
	}
}
