package stories

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/tests/testkit"

	"github.com/chromedp/chromedp"
)

// gallery is a page with a style, a script and pictures, all of which a browser wants at once.
const gallery = `<!doctype html><title>Gallery</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/app.css"><script defer src="/app.js"></script><p>Pictures`

// shown is what there is of it in the end: each file, by which protocol it came, and that all of it came.
type shown struct {
	Title, Color string
	Widths       []int
	Protocols    map[string]string
}

const show = `(() => {
	if (document.readyState != "complete" || document.title != "Gallery, complete") return null;
	const protocols = {};
	for (const e of [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")])
		protocols[new URL(e.name).pathname] = e.nextHopProtocol;
	return {Title: document.title, Color: getComputedStyle(document.querySelector("p")).color,
		Widths: [...document.images].map(i => i.naturalWidth), Protocols: protocols};
})()`

// TestABrowserOverEachProtocol opens a page with forty pictures over HTTP/1.1, HTTP/2 and HTTP/3, and again, when all of it is confirmed.
func TestABrowserOverEachProtocol(t *testing.T) {
	t.Parallel()
	const pictures = 40
	h := testkit.Build(t, testkit.Sites)
	files := map[string]string{"app.css": "p { color: rgb(1, 2, 3) }" + strings.Repeat(" ", 40_000), "app.js": `document.title += ", complete"`}
	page := gallery
	for i := range pictures {
		name := fmt.Sprintf("p%d.svg", i)
		files[name] = fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="5"><!--%s--></svg>`, 10+i, strings.Repeat("x", i*2000))
		page += `<img src="/` + name + `">`
	}
	files["gallery.html"] = page
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(h.Folder, "public", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	h.StartWeb(t)
	origin := fmt.Sprintf("example.org:%d", h.Ports.HTTPS)
	for protocol, flags := range map[string][]chromedp.ExecAllocatorOption{
		"http/1.1": {chromedp.Flag("disable-http2", true), chromedp.Flag("disable-quic", true)},
		"h2":       {chromedp.Flag("disable-quic", true)},
		"h3":       {chromedp.Flag("enable-quic", true), chromedp.Flag("origin-to-force-quic-on", origin)},
	} {
		flags = append(flags, chromedp.Flag("host-resolver-rules", "MAP example.org 127.0.0.1"), chromedp.Flag("ignore-certificate-errors-spki-list", pinOf(t, h)))
		one := testkit.OpenTab(t, testkit.OpenBrowser(t, flags...), 1280, "light")
		for visit := range 2 {
			if err := chromedp.Do(one, chromedp.Navigate("https://"+origin+"/gallery")); err != nil {
				t.Fatalf("%s: %v", protocol, err)
			}
			got, err := testkit.InPage(one, chromedp.Poll[shown](show))
			if err != nil {
				t.Fatalf("%s: %v", protocol, err)
			}
			if got.Color != "rgb(1, 2, 3)" || len(got.Widths) != pictures {
				t.Errorf("%s: got %+v", protocol, got)
			}
			for i, width := range got.Widths {
				if width != 10+i {
					t.Errorf("%s: picture %d is %d wide", protocol, i, width)
				}
			}
			if got.Protocols["/gallery"] != protocol {
				t.Errorf("%s: the page came over %q", protocol, got.Protocols["/gallery"])
			}
			for path, by := range got.Protocols {
				if by != protocol && (visit == 0 || by != "") { // "": it was not asked for again
					t.Errorf("%s: %s came over %q", protocol, path, by)
				}
			}
		}
		if said, _ := one.Heard(); len(said) > 0 {
			t.Errorf("%s: on the console stands %q", protocol, said)
		}
	}
}

// pinOf is the hash of the key of the host's certificate, as Chromium takes it to trust that alone.
func pinOf(t *testing.T, h *testkit.Host) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(h.Folder, "cert.pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}
