package stories

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/png" // screenshots are such
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tinycdn/tests/testkit"

	"github.com/chromedp/chromedp"
)

// looks is what a person would see of a page.
type looks struct {
	Title    string
	Width    int      // that the page needs
	Served   string   // at its foot
	Letters  float64  // the size of those of the text
	Pale     []string // texts that can hardly be told from what is behind them: less than 4.5 to 1 (WCAG 2, 1.4.3)
	Headings int
}

// look gives the looks of a page once its foot is complete.
const look = `(() => {
	const served = document.getElementById("served");
	if (!served || served.hidden) return null;
	return {
		Title: document.title, Width: document.documentElement.scrollWidth, Served: served.textContent,
		Letters: parseFloat(getComputedStyle(document.querySelector("main p, main li, main")).fontSize), Pale: ` + testkit.PaleTexts + `("script, style, .skip"),
		Headings: document.querySelectorAll("h1").length,
	};
})()`

// brightness of a picture, from 0 to 1.
func brightness(t *testing.T, screenshot []byte) float64 {
	t.Helper()
	picture, _, err := image.Decode(bytes.NewReader(screenshot))
	if err != nil {
		t.Fatal(err)
	}
	sum, size := 0, picture.Bounds()
	for y := range size.Dy() {
		for x := range size.Dx() {
			sum += int(color.GrayModel.Convert(picture.At(x, y)).(color.Gray).Y)
		}
	}
	return float64(sum) / 255 / float64(size.Dx()*size.Dy())
}

var servedLine = regexp.MustCompile(`^Served by fra in [\d,]+ µs$`)

// TestExampleSiteInABrowser opens the pages of the example as somebody with a telephone and somebody at a desk do, in
// daylight and in the dark.
func TestExampleSiteInABrowser(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, strings.NewReplacer("\"nyc\"", "\"fra\"", "nyc =", "fra =", "[sites.\"pages.example\"]\npages = \"pages\"", "[sites.all]\nhosts = \"*\"\npages = \"site\"").Replace(testkit.Sites))
	if err := os.CopyFS(filepath.Join(h.Folder, "site"), os.DirFS(testkit.InRepository("cmd/tinycdn/example/site"))); err != nil {
		t.Fatal(err)
	}
	h.StartWeb(t)
	browser := testkit.OpenBrowser(t)
	for _, c := range []struct {
		width  int64
		scheme string
	}{{360, "light"}, {360, "dark"}, {1280, "light"}, {1280, "dark"}} {
		one := testkit.OpenTab(t, browser, c.width, c.scheme)
		for _, path := range []string{"/", "/ecs-scope/", "/brotli-zstd-gzip/", "/dig-subnet/", "/about/", "/tags/"} {
			where := fmt.Sprintf("%s, %s, %d pixels wide", path, c.scheme, c.width)
			if err := chromedp.Do(one, chromedp.Navigate(fmt.Sprintf("http://127.0.0.1:%d%s", h.Ports.HTTP, path))); err != nil {
				t.Fatalf("%s: %v", where, err)
			}
			page, err := testkit.InPage(one, chromedp.Poll[looks](look))
			if err != nil {
				t.Fatalf("%s: %v", where, err)
			}
			if page.Title == "" || page.Headings != 1 || page.Letters < 16 || page.Width > int(c.width) {
				t.Errorf("%s: it needs %d pixels, has %d headings, letters of %v pixels, and the title %q", where, page.Width, page.Headings, page.Letters, page.Title)
			}
			if !servedLine.MatchString(page.Served) {
				t.Errorf("%s: at its foot stands %q", where, page.Served)
			}
			if len(page.Pale) > 0 {
				t.Errorf("%s: hardly to be read are\n%s", where, strings.Join(page.Pale, "\n"))
			}
			picture, err := chromedp.Run(one, chromedp.FullScreenshot(100))
			if err != nil {
				t.Fatalf("%s: %v", where, err)
			}
			if light := brightness(t, picture); (light > 0.5) != (c.scheme == "light") {
				t.Errorf("%s: of 1, it is as bright as %.2f", where, light)
			}
		}
		said, wanted := one.Heard()
		for _, said := range said {
			t.Errorf("%s, %d pixels wide: on the console stands %s", c.scheme, c.width, said)
		}
		for _, host := range wanted {
			if host != fmt.Sprintf("127.0.0.1:%d", h.Ports.HTTP) {
				t.Errorf("something is wanted from %s", host)
			}
		}
		if len(wanted) < 6 {
			t.Errorf("only %d requests were made", len(wanted))
		}
	}
}
