package stories

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	_ "image/png" // screenshots are such
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"tinycdn/tests/testkit"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is a tab of a browser, and what went on in it that nobody sees on the page.
type tab struct {
	context.Context
	mu     sync.Mutex
	said   []string // on the console
	wanted []string // the hosts that were asked for something
}

// openBrowser starts Debian's Chromium, for tabs that differ in nothing but what a test changes.
func openBrowser(t *testing.T) context.Context {
	t.Helper()
	folder, err := os.MkdirTemp("", "tinycdn-browser-")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("chromium"), chromedp.WSURLReadTimeout(testkit.Patience), chromedp.UserDataDir(folder), chromedp.Env("TMPDIR="+folder))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // it refuses to have one as root
	}
	limited, cancel := context.WithTimeout(context.Background(), 3*testkit.Patience)
	t.Cleanup(cancel)
	allocator, end := chromedp.NewExecAllocator(limited, options...)
	t.Cleanup(end)
	browser, quit := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		chromedp.Cancel(browser) // and wait
		quit()
		// Its children may still write for a moment.
		for end := time.Now().Add(testkit.Patience); os.RemoveAll(folder) != nil && time.Now().Before(end); time.Sleep(testkit.Pace) {
		}
	})
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("Chromium does not start; make test installs it (Debian: chromium): %v", err)
	}
	return browser
}

// openTab opens a tab of some width, in which pages are to be dark or light.
func openTab(t *testing.T, browser context.Context, width int64, scheme string) *tab {
	t.Helper()
	one := &tab{}
	ctx, end := chromedp.NewContext(browser, chromedp.WithListener(one.hear))
	t.Cleanup(end)
	one.Context = ctx
	media := chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 800, chromedp.EmulateMobile), media); err != nil {
		t.Fatal(err)
	}
	return one
}

// inPage runs a script in a page. Somebody who has just gone there may still meet the world of the page before it, which ends under the
// script's feet without having run it: then it is run in the next.
func inPage[T any](one *tab, script chromedp.Action[T]) (T, error) {
	for {
		got, err := chromedp.Run(one, script)
		if err == nil || !strings.Contains(err.Error(), "Cannot find context with specified id") {
			return got, err
		}
	}
}

// hear notes what the browser tells of a tab.
func (one *tab) hear(event any) {
	one.mu.Lock()
	defer one.mu.Unlock()
	switch event := event.(type) {
	case *runtime.EventConsoleAPICalled:
		one.said = append(one.said, fmt.Sprint(event.Type, " ", event.Args))
	case *runtime.EventExceptionThrown:
		one.said = append(one.said, event.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		one.said = append(one.said, event.Entry.Text)
	case *network.EventRequestWillBeSent:
		if wanted, err := url.Parse(event.Request.URL); err == nil && wanted.Scheme != "data" {
			one.wanted = append(one.wanted, wanted.Host)
		}
	}
}

// looks is what a person would see of a page.
type looks struct {
	Title    string
	Width    int      // that the page needs
	Served   string   // at its foot
	Letters  float64  // the size of those of the text
	Pale     []string // texts that can hardly be told from what is behind them: less than 4.5 to 1 (WCAG 2, 1.4.3)
	Headings int
}

// paleTexts is a function that finds them in a page, but for what a selector names.
const paleTexts = `(others => {
	const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
	const channels = css => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = css; canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data; };
	const luminance = c => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => { const v = c[i] / 255; return sum + weight * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); }, 0);
	const behind = e => { for (; e; e = e.parentElement) { const c = channels(getComputedStyle(e).backgroundColor); if (c[3] == 255) return c; } return channels("Canvas"); };
	const pale = [];
	for (const e of document.body.querySelectorAll("*")) {
		const own = [...e.childNodes].filter(n => n.nodeType == Node.TEXT_NODE).map(n => n.data.trim()).join("");
		if (!own || !e.checkVisibility() || e.matches(others)) continue;
		const [a, b] = [luminance(channels(getComputedStyle(e).color)), luminance(behind(e))];
		const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (contrast < 4.5) pale.push(contrast.toFixed(1) + ": " + own.slice(0, 40));
	}
	return pale;
})`

// look gives the looks of a page once its foot is complete.
const look = `(() => {
	const served = document.getElementById("served");
	if (!served || served.hidden) return null;
	return {
		Title: document.title, Width: document.documentElement.scrollWidth, Served: served.textContent,
		Letters: parseFloat(getComputedStyle(document.querySelector("main p, main li, main")).fontSize), Pale: ` + paleTexts + `("script, style, .skip"),
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
	browser := openBrowser(t)
	for _, c := range []struct {
		width  int64
		scheme string
	}{{360, "light"}, {360, "dark"}, {1280, "light"}, {1280, "dark"}} {
		one := openTab(t, browser, c.width, c.scheme)
		for _, path := range []string{"/", "/ecs-scope/", "/brotli-zstd-gzip/", "/dig-subnet/", "/about/", "/tags/"} {
			where := fmt.Sprintf("%s, %s, %d pixels wide", path, c.scheme, c.width)
			if err := chromedp.Do(one, chromedp.Navigate(fmt.Sprintf("http://127.0.0.1:%d%s", h.Ports.HTTP, path))); err != nil {
				t.Fatalf("%s: %v", where, err)
			}
			page, err := inPage(one, chromedp.Poll[looks](look))
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
		one.mu.Lock()
		for _, said := range one.said {
			t.Errorf("%s, %d pixels wide: on the console stands %s", c.scheme, c.width, said)
		}
		for _, host := range one.wanted {
			if host != fmt.Sprintf("127.0.0.1:%d", h.Ports.HTTP) {
				t.Errorf("something is wanted from %s", host)
			}
		}
		if len(one.wanted) < 6 {
			t.Errorf("only %d requests were made", len(one.wanted))
		}
		one.mu.Unlock()
	}
}
