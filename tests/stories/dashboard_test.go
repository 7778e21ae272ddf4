package stories

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/tests/testkit"

	"github.com/chromedp/chromedp"
	"github.com/miekg/dns"
)

// panel is what a person sees of the dashboard.
type panel struct {
	Well, Decision, Drained, Asked string
	POPs                           []string
	Rates                          bool // they are known
	Map, Spot                      bool // drawn
	Width                          int  // that it needs
	Pale                           []string
	Nameless                       []string // what can be typed or pressed, or what is scrolled with keys, and has no name
	Landmarks                      int
	After                          float64 // milliseconds since it was asked for
}

// lookAtPanel gives it once %s holds.
const lookAtPanel = `(() => {
	const $ = id => document.getElementById(id), text = id => $(id).hidden || !$(id).checkVisibility() ? "" : $(id).textContent;
	if (!(%s)) return null;
	const named = e => e.textContent.trim() || e.getAttribute("aria-label") || [...(e.labels || [])].some(l => l.textContent.trim());
	return {
		Well: text("well"), Decision: text("decision"), Drained: text("drained"), Asked: $("ask").open ? $("ask").textContent : "",
		POPs: [...document.querySelectorAll("#pops tbody tr")].map(tr => tr.innerText.replace(/\s+/g, " ").trim()),
		Rates: text("questions") != "–", Map: !$("picture").hidden && $("picture").naturalWidth > 100, Spot: !$("spot").hasAttribute("hidden") && $("spot").firstElementChild.getBoundingClientRect().width > 0,
		Width: document.documentElement.scrollWidth, Pale: ` + testkit.PaleTexts + `("script, style, .skip, option"),
		Nameless: [...[...document.querySelectorAll("input, button, select")].filter(e => !named(e) && e.id != "ask-yes" && !e.hidden),
			...[...document.querySelectorAll(".scroll")].filter(e => e.tabIndex != 0 || e.role != "region" || !e.ariaLabel && !$(e.getAttribute("aria-labelledby")))].map(e => e.outerHTML),
		Landmarks: document.querySelectorAll("header, main, h1").length, After: performance.now(),
	};
})()`

func awaitPanel(t *testing.T, one *testkit.Tab, condition string) panel {
	t.Helper()
	p, err := testkit.InPage(one, chromedp.Poll[panel](fmt.Sprintf(lookAtPanel, condition)))
	if err != nil {
		said, _ := one.Heard()
		now, _ := testkit.InPage(one, chromedp.Poll[panel](fmt.Sprintf(lookAtPanel, "true")))
		t.Fatalf("%s never holds: %v; it is %+v; the console says %q", condition, err, now, said)
	}
	return p
}

func press(t *testing.T, one *testkit.Tab, js string) {
	t.Helper()
	if _, err := testkit.InPage(one, chromedp.Evaluate[bool](js+"; true")); err != nil {
		t.Fatalf("%s: %v", js, err)
	}
}

// wellLooking holds that all of a page can be read and named, at a width.
func wellLooking(t *testing.T, one *testkit.Tab, where, scheme string, width int64, p panel) {
	t.Helper()
	if p.Width > int(width) || len(p.Pale) > 0 || len(p.Nameless) > 0 || p.Landmarks != 3 {
		t.Errorf("%s: it needs %d pixels, has %d landmarks, without a name are %q, and hardly to be read are\n%s", where, p.Width, p.Landmarks, p.Nameless, strings.Join(p.Pale, "\n"))
	}
	shot, err := chromedp.Run(one, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if folder := os.Getenv("TINYCDN_PICTURES"); folder != "" { // for people
		os.WriteFile(filepath.Join(folder, "dashboard-"+strings.ReplaceAll(where, " ", "-")+".png"), shot, 0o644)
	}
	if light := brightness(t, shot); (light > 0.5) != (scheme == "light") {
		t.Errorf("%s: of 1, it is as bright as %.2f", where, light)
	}
}

// TestTheDashboardInABrowser: with the token, as somebody with a telephone and somebody at a desk see it, by day and by night.
func TestTheDashboardInABrowser(t *testing.T) {
	t.Parallel()
	h := testkit.Start(t, watched)
	at := fmt.Sprintf("http://127.0.0.1:%d/", h.Ports.App)
	browser := testkit.OpenBrowser(t)
	for _, c := range []struct {
		width  int64
		scheme string
	}{{360, "light"}, {360, "dark"}, {1280, "light"}, {1280, "dark"}} {
		where := fmt.Sprintf("%s %d", c.scheme, c.width)
		one := testkit.OpenTab(t, browser, c.width, c.scheme)
		if err := chromedp.Do(one, chromedp.Navigate(at)); err != nil {
			t.Fatal(err)
		}
		awaitPanel(t, one, `!$("enter").hidden`)
		press(t, one, `document.getElementById("token").value = "`+adminToken+`"; document.querySelector("#enter button").click()`)
		p := awaitPanel(t, one, `text("questions") != "–" && $("picture").naturalWidth > 100 && !$("picture").hidden`)
		if len(p.POPs) != 3 || p.POPs[0] != "nyc this one up Drain…" {
			t.Errorf("%s: the POPs are %q", where, p.POPs)
		}
		press(t, one, `document.getElementById("address").value = "81.2.69.142"; document.querySelector("#explain button").click()`)
		p = awaitPanel(t, one, `!$("decision").hidden && !$("spot").hasAttribute("hidden")`)
		if !strings.Contains(p.Decision, "81.2.69.142 gets fra from map site") || !p.Spot {
			t.Errorf("%s: it explains %q, %v", where, p.Decision, p.Spot)
		}
		awaitPanel(t, one, `text("uncounted") == "Nothing is counted: the configuration has no [stats]."`)
		wellLooking(t, one, where, c.scheme, c.width, p)
		press(t, one, `document.getElementById("address").value = "nowhere"; document.querySelector("#explain button").click()`)
		awaitPanel(t, one, `text("decision").includes("neither an address nor a subnet")`)
		said, wanted := one.Heard()
		for _, said := range said {
			if !strings.Contains(said, "401") && !strings.Contains(said, "422") { // the browser tells of what was to be refused
				t.Errorf("%s: on the console stands %s", where, said)
			}
		}
		for _, host := range wanted {
			if host != fmt.Sprintf("127.0.0.1:%d", h.Ports.App) && host != "" { // a blob has none
				t.Errorf("something is wanted from %q", host)
			}
		}
	}
}

// TestTheDashboardDrainsWhenAskedTwice, and shows what another one has done.
func TestTheDashboardDrainsWhenAskedTwice(t *testing.T) {
	t.Parallel()
	h := testkit.Start(t, watched)
	gate := openGate(t, h)
	one := testkit.OpenTab(t, testkit.OpenBrowser(t), 1280, "light")
	if err := chromedp.Do(one, chromedp.Navigate(gate)); err != nil {
		t.Fatal(err)
	}
	awaitPanel(t, one, `document.querySelectorAll("#pops tbody tr").length == 3`)
	drain := func() string { return drained(t, h) }
	press(t, one, `document.querySelector('button[data-key="fra"]').click()`)
	if p := awaitPanel(t, one, `$("ask").open`); !strings.Contains(p.Asked, "Drain fra?") || !strings.Contains(p.Asked, "Its visitors go to nyc, syd") || drain() != "" {
		t.Errorf("it asks %q, and drained is %q", p.Asked, drain())
	}
	press(t, one, `document.querySelector("#ask button[value='']").click()`)
	if awaitPanel(t, one, `!$("ask").open`); drain() != "" {
		t.Errorf("cancelled, drained is %q", drain())
	}
	press(t, one, `document.querySelector('button[data-key="fra"]').click(); document.getElementById("during").value = "7200"; document.getElementById("ask-yes").click()`)
	p := awaitPanel(t, one, `text("drained").includes("is drained") && document.querySelector('#pops tr:nth-child(2)').innerText.includes("Undrain")`)
	if drain() != "fra" || !strings.Contains(p.POPs[1], "drained for another 2 h, by nyc") || p.Well != "fra is drained" {
		t.Errorf("drained is %q, and it shows %q, %q", drain(), p.POPs, p.Well)
	}
	if out, err := testkit.Command("undrain", "fra", "--socket", h.AdminSocket()).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	awaitPanel(t, one, `text("well") == "All is well"`)
	if said, _ := one.Heard(); len(said) > 0 {
		t.Errorf("on the console stands %q", said)
	}
}

// TestTheDashboardShowsTheMapThatIsChosen of several, with databases, the way of an address by it, and who came.
func TestTheDashboardShowsTheMapThatIsChosen(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, strings.NewReplacer("[dns]", "[geoip]\ndatabases = 'places.mmdb'\n[stats]\n[dns]", "[sites", "[maps.south]\ndefault = 'syd'\npops = ['syd']\n[sites").Replace(watched))
	if err := testkit.WriteMMDB(filepath.Join(h.Folder, "places.mmdb"), "81.2.69.0/24 GB 51.51,-0.13"); err != nil {
		t.Fatal(err)
	}
	h.Start(t)
	sayTo(t, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, "GET", fmt.Sprintf("http://127.0.0.1:%d/", h.Ports.HTTP), "",
		http.Header{"Accept": {"text/html"}, "User-Agent": {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"}}, 200)
	conn := h.Dial(t, "udp")
	for range 64 { // of which one in 16 is counted
		testkit.Exchange(t, conn, testkit.Query(t, "example.org.", dns.TypeA))
	}
	browser := testkit.OpenBrowser(t)
	for _, c := range []struct {
		width  int64
		scheme string
	}{{360, "dark"}, {1280, "light"}} {
		where := fmt.Sprintf("chosen %s %d", c.scheme, c.width)
		one := testkit.OpenTab(t, browser, c.width, c.scheme)
		if err := chromedp.Do(one, chromedp.Navigate(openGate(t, h))); err != nil {
			t.Fatal(err)
		}
		const drawn = `!$("picture").hidden && $("picture").naturalWidth > 100 && text("nomap") == ""`
		p := awaitPanel(t, one, drawn+` && document.querySelectorAll("#pops tbody tr").length == 3 && $("picture").alt.includes("map site sends")`)
		t.Logf("%s: all of it is there after %.0f ms", where, p.After)
		press(t, one, `document.getElementById("which").value = "south"; document.getElementById("which").dispatchEvent(new Event("change"))`)
		awaitPanel(t, one, drawn+` && $("picture").alt.includes("map south sends")`)
		press(t, one, `document.getElementById("address").value = "81.2.69.142"; document.querySelector("#explain button").click()`)
		p = awaitPanel(t, one, `!$("decision").hidden && !$("spot").hasAttribute("hidden")`)
		if !strings.Contains(p.Decision, "81.2.69.142 gets syd from map south") || strings.Contains(p.Decision, "map site") || !p.Spot {
			t.Errorf("%s: it explains %q, %v", where, p.Decision, p.Spot)
		}
		press(t, one, `document.getElementById("name").value = "example.org"; document.querySelector("#explain button").click()`)
		p = awaitPanel(t, one, `$("which").value == "site" && text("decision").includes("gets fra from") && !$("spot").hasAttribute("hidden") && $("way").getTotalLength() > 200 && `+drawn+` && $("picture").alt.includes("map site sends")`)
		awaitPanel(t, one, `text("v-pages").includes("/") && text("v-days").includes("1") && text("v-referrers").includes("Nobody came by a link") && /^NameQuestions, estimatedexample\.org[1-9]/.test(text("v-names"))`)
		wellLooking(t, one, where, c.scheme, c.width, p)
		if said, _ := one.Heard(); len(said) > 0 {
			t.Errorf("%s: on the console stands %q", where, said)
		}
	}
}
