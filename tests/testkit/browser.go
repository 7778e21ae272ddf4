package testkit

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Tab is a tab of a browser, and what went on in it that nobody sees on the page.
type Tab struct {
	context.Context
	mu     sync.Mutex
	said   []string // on the console
	wanted []string // the hosts that were asked for something
}

// OpenBrowser starts Debian's Chromium, for tabs that differ in nothing but what a test changes. Flags are more of its own.
func OpenBrowser(t *testing.T, flags ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	folder, err := os.MkdirTemp("", "tinycdn-browser-")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("chromium"), chromedp.WSURLReadTimeout(Patience), chromedp.UserDataDir(folder), chromedp.Env("TMPDIR="+folder))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // it refuses to have one as root
	}
	options = append(options, flags...)
	limited, cancel := context.WithTimeout(context.Background(), 3*Patience)
	t.Cleanup(cancel)
	allocator, end := chromedp.NewExecAllocator(limited, options...)
	t.Cleanup(end)
	browser, quit := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		chromedp.Cancel(browser) // and wait
		quit()
		// Its children may still write for a moment.
		for end := time.Now().Add(Patience); os.RemoveAll(folder) != nil && time.Now().Before(end); time.Sleep(Pace) {
		}
	})
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("Chromium does not start; make test installs it (Debian: chromium): %v", err)
	}
	return browser
}

// OpenTab opens a tab of some width, in which pages are to be dark or light.
func OpenTab(t *testing.T, browser context.Context, width int64, scheme string) *Tab {
	t.Helper()
	one := &Tab{}
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

// InPage runs a script in a page. Somebody who has just gone there may still meet the world of the page before it, which ends under the
// script's feet without having run it: then it is run in the next.
func InPage[T any](one *Tab, script chromedp.Action[T]) (T, error) {
	for {
		got, err := chromedp.Run(one, script)
		if err == nil || !strings.Contains(err.Error(), "Cannot find context with specified id") {
			return got, err
		}
	}
}

// hear notes what the browser tells of a tab.
func (one *Tab) hear(event any) {
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

// Heard is what was said on the console, and the hosts that were asked for something.
func (one *Tab) Heard() (said, wanted []string) {
	one.mu.Lock()
	defer one.mu.Unlock()
	return slices.Clone(one.said), slices.Clone(one.wanted)
}

// PaleTexts is a function that finds them in a page, but for what a selector names.
const PaleTexts = `(others => {
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
