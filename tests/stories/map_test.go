package stories

import (
	"bytes"
	"fmt"
	"image"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tinycdn/tests/testkit"

	"github.com/chromedp/chromedp"
)

// drawn is what a browser makes of a picture.
type drawn struct {
	Title string
	Names []string // beside the POPs
	Out   []string // texts that are not within the picture
	Dots  int      // paths of them
	Land  float64  // how wide it is, as a part of the picture
}

const lookAtMap = `(() => {
	const svg = document.documentElement, all = svg.getBoundingClientRect();
	const within = e => { const b = e.getBoundingClientRect(); return b.left >= all.left && b.right <= all.right && b.top >= all.top && b.bottom <= all.bottom; };
	const texts = [...svg.querySelectorAll("text")];
	return {
		Title: svg.querySelector("title").textContent, Names: texts.filter(e => e.matches(".name")).map(e => e.textContent),
		Out: texts.filter(e => !within(e)).map(e => e.textContent), Dots: svg.querySelectorAll(".dots").length,
		Land: svg.querySelector(".land").getBoundingClientRect().width / all.width,
	};
})()`

// TestTheMapOfTheDemoInABrowser opens the SVG by day and by night, and looks at the PNG.
func TestTheMapOfTheDemoInABrowser(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	draw := func(name string) []byte {
		t.Helper()
		path := filepath.Join(folder, name)
		if out, err := testkit.Command("map", "--config", testkit.InRepository("cmd/tinycdn/example/tinycdn.toml"), "-o", path).CombinedOutput(); err != nil || len(out) > 0 {
			t.Fatalf("%v: %s", err, out)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	if svg := draw("map.svg"); len(svg) > 300_000 {
		t.Errorf("the SVG has %d octets", len(svg))
	}
	picture, kind, err := image.Decode(bytes.NewReader(draw("map.PNG")))
	if err != nil || kind != "png" || picture.Bounds().Dx() != 1984 {
		t.Errorf("the PNG is %v, %v", kind, err)
	}
	browser := testkit.OpenBrowser(t)
	for _, scheme := range []string{"light", "dark"} {
		one := testkit.OpenTab(t, browser, 1280, scheme)
		at := url.URL{Scheme: "file", Path: filepath.Join(folder, "map.svg")}
		if err := chromedp.Do(one, chromedp.Navigate(at.String())); err != nil {
			t.Fatal(err)
		}
		got, err := testkit.InPage(one, chromedp.Poll[drawn](lookAtMap))
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(got.Names)
		if got.Title != "Map site: who goes where" || fmt.Sprint(got.Names) != "[fra nyc syd]" || len(got.Out) > 0 || got.Dots < 6 || got.Land < 0.9 || got.Land > 1 {
			t.Errorf("%s: it is %+v", scheme, got)
		}
		shot, err := chromedp.Run(one, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		if folder := os.Getenv("TINYCDN_PICTURES"); folder != "" { // for people
			os.WriteFile(filepath.Join(folder, "map-"+scheme+".png"), shot, 0o644)
		}
		if light := brightness(t, shot); (light > 0.5) != (scheme == "light") {
			t.Errorf("%s: of 1, it is as bright as %.2f", scheme, light)
		}
		said, _ := one.Heard()
		for _, said := range said {
			t.Errorf("%s: on the console stands %s", scheme, said)
		}
	}
}
