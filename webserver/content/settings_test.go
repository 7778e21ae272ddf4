package content

import (
	"strings"
	"testing"
)

// FuzzSettings reads any bytes: what they say of URLs can be asked for, or is noted within the file.
func FuzzSettings(f *testing.F) {
	for _, seed := range []string{
		"base_url = 'https://example.org/a'\ntrailing_slash = false\nfeeds = ['/rss.xml', 'a%2f', 3]\nrel_me = 'x'\n",
		"trailing_slash = 1\n", "[extra]\nfeeds = '/%'\n", "[Params]\ntrailing_slash = true\nrel_me = [[]]\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, problem := readSettings("config.toml", data, "")
		if problem != nil {
			s.notes = append(s.notes, *problem)
		}
		for _, n := range s.notes {
			if n.Line < 0 || n.Line > 1+strings.Count(string(data), "\n") {
				t.Errorf("%q is no line of the file", n)
			}
		}
		for _, url := range append(s.feeds.urls, s.public("/a/")) {
			if url[0] != '/' || strings.HasPrefix(url, "//") || strings.ContainsAny(url, "\x00\n\r") {
				t.Errorf("%q is the URL of nothing", url)
			}
		}
	})
}
