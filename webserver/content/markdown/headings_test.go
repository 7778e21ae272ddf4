package markdown

import (
	"regexp"
	"strings"
	"testing"
)

func TestHeadingsAreNamedAsOnGitHub(t *testing.T) {
	t.Parallel()
	ids := regexp.MustCompile(`<h\d id="([^"]*)"`)
	for markdown, want := range map[string]string{
		"## [A link](https://example.org/)":                        "a-link",
		"## A <em title='x'>word</em> and <https://a.b/>":          "a-word-and-httpsab",
		"## foo_bar and `foo_bar(x)` and snake\\_case":             "foo_bar-and-foo_barx-and-snake_case",
		"## What's *new*? (2.0)":                                   "whats-new-20",
		"## A - B &amp; C":                                         "a---b--c",
		"## ![a picture](x.png) Über [uns][u]\n\n[u]: /x":          "über-uns",
		"## A\n## A\n## A 1\n## A":                                 "a a-1 a-1-1 a-2",
		"## A\n## B {#a}\n## A":                                    "a-1 a a-2",
		"## !\n## ?":                                               "section section-1",
		"Underlined\n[with](x) two lines\n---\n> ## Deep _inside_": "underlined-with-two-lines deep-inside",
	} {
		var got []string
		for _, id := range ids.FindAllStringSubmatch(string(New().HTML(Text{Markdown: []byte(markdown)})), -1) {
			got = append(got, id[1])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s:\ngot  %s\nwant %s", markdown, strings.Join(got, " "), want)
		}
	}
}
