package content

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"tinycdn/webserver/page"
)

// post is a page as a link blog has them: with the style sheet about 18 KB of HTML.
func post(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "+++\ntitle = \"Post number %d\"\ndate = 2026-01-%02d\ntags = [\"dns\", \"tag%d\"]\nlink = \"https://example.com/%d\"\n+++\n\n", n, n%28+1, n%20, n)
	b.WriteString("A link and what there is to say about it.\n\n<!-- more -->\n\n")
	for i := range 14 {
		fmt.Fprintf(&b, "## Part %d of %d\n\n", i, n)
		b.WriteString(strings.Repeat("Some *words* about a [name](https://example.org/), `code`, and what follows from them. ", 4) + "\n\n")
		b.WriteString("* one thing\n* another thing, with **weight**\n\n")
	}
	b.WriteString("| name | ms |\n|--|--:|\n| fra | 12 |\n| nyc | 80 |\n\n```toml\nlisten = [\":53\"] # all\n```\n")
	return b.String()
}

func blog(b *testing.B, posts int) string {
	b.Helper()
	folder := b.TempDir()
	files := map[string]string{"config.toml": "title = 'A blog'"}
	for n := range posts {
		files[fmt.Sprintf("content/p/%04d.md", n)] = post(n)
	}
	write(b, folder, files)
	return folder
}

func BenchmarkHit(b *testing.B) {
	s := loaded(b, load(blog(b, 10), nil))
	q := page.RequestOf(httptest.NewRequest(http.MethodGet, "http://example.org/p/0001/", nil))
	s.Answer(&q)
	b.ReportAllocs()
	for b.Loop() {
		s.Answer(&q)
	}
}

func BenchmarkFirstRender(b *testing.B) {
	s := loaded(b, load(blog(b, 50), nil))
	for _, page := range []struct{ name, url string }{{"post", "/p/0001/"}, {"front", "/"}, {"tags", "/tags/"}, {"feed", "/atom.xml"}} {
		b.Run(page.name, func(b *testing.B) {
			e := s.entries[page.url]
			b.ReportAllocs()
			size := 0
			for b.Loop() {
				size = len(s.make(e).Body())
			}
			b.ReportMetric(float64(size)/1e3, "KB")
		})
	}
}

// BenchmarkLoad loads 1,000 posts: at first, and after one of them was edited. MB is what stays in memory.
func BenchmarkLoad(b *testing.B) {
	folder := blog(b, 1000)
	heap := func() float64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc) / 1e6
	}
	config := Config{Folder: folder, Host: "example.org", Memory: 64 << 20}
	b.Run("first", func(b *testing.B) {
		before := heap()
		var s *Site
		for b.Loop() {
			s = loaded(b, Load(config, nil))
		}
		b.ReportMetric(heap()-before, "MB")
		runtime.KeepAlive(s)
	})
	b.Run("again", func(b *testing.B) {
		last := loaded(b, Load(config, nil))
		n := 0
		for b.Loop() {
			n++
			write(b, folder, map[string]string{"content/p/0500.md": post(500 + n)})
			last = loaded(b, Load(config, last))
		}
	})
}
