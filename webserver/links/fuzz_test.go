package links

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// FuzzCheck checks pages of any bytes: links are found on lines that are there, every dead one is no longer so once all
// exists, and the anchors are those that a whole parser sees.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{
		`<a href="/x#y" id=z>`, "<p\n><base href='//a/'><img srcset='a 1x, b 2x,,c' src=>", `<meta http-equiv=refresh content="0;url='x">`,
		`<a href="http://example.org:x/%">`, "<a href=\"\x00\">\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, page []byte) {
		pages := func(yield func(string, []byte) bool) { yield("/a/b", page) }
		for _, d := range Check([]string{"example.org"}, pages, func(string) (string, bool) { return "", false }) {
			if lines := bytes.Count(page, []byte("\n")) + 1; d.Page != "/a/b" || d.Line < 1 || d.Line > lines || d.Link == "" || d.Text == "" {
				t.Errorf("%+v in %d lines", d, lines)
			}
		}
		for _, d := range Check([]string{"example.org"}, pages, func(path string) (string, bool) { return path + " is no page", true }) {
			if !strings.Contains(d.Text, "is not a URL") {
				t.Errorf("dead, although all is there: %+v", d)
			}
		}
		// Inside drawings and formulas a <title> may hold elements, which only a parser knows.
		lower := bytes.ToLower(page)
		root, err := html.Parse(bytes.NewReader(page))
		if err != nil || bytes.Contains(lower, []byte("<svg")) || bytes.Contains(lower, []byte("<math")) {
			return
		}
		tags := scan(page).anchors
		for n := range root.Descendants() {
			for _, a := range n.Attr {
				if n.Type == html.ElementNode && n.Namespace == "" && a.Key == "id" && a.Val != "" && !tags[a.Val] {
					t.Errorf("the parser sees the id %q, we do not", a.Val)
				}
			}
		}
	})
}
