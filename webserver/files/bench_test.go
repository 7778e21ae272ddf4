package files

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"tinycdn/webserver/page"
)

// posts makes a site of n posts of 12 KB, with their packed forms if asked.
func posts(b *testing.B, n int, withForms bool) siteFolder {
	b.Helper()
	d := newFolder(b)
	random := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("the of and a to in is you that it he was for on are as with his they at be this have from")
	for i := range n {
		var text strings.Builder
		for text.Len() < 12_000 {
			fmt.Fprintf(&text, "<p>%s %x\n", words[random.IntN(len(words))], random.IntN(1<<16))
		}
		name := fmt.Sprintf("p/%04d/index.html", i)
		d.write(name, text.String())
		if withForms {
			for extension, form := range packed(b, text.String()) {
				d.write(name+extension, form)
			}
		}
	}
	return d
}

func BenchmarkLoad(b *testing.B) {
	for _, forms := range []bool{false, true} {
		d := posts(b, 1000, forms)
		config := Config{Folder: d.path, Memory: 64 << 20}
		first := Load(config, nil).Value
		for _, last := range []*Site{nil, first} {
			b.Run(fmt.Sprintf("1000 posts/packed forms=%v/again=%v", forms, last != nil), func(b *testing.B) {
				var s *Site
				before := heap()
				for b.Loop() {
					s = Load(config, last).Value
				}
				b.ReportMetric(float64(heap()-before)/1e6, "MB")
				if s.Pages() != 1000 {
					b.Fatalf("got %d pages", s.Pages())
				}
			})
		}
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkAnswer(b *testing.B) {
	s := posts(b, 1000, false).load()
	for _, test := range []struct{ name, url string }{
		{"page", "/p/0500/"}, {"redirect", "/p/0500?a=b"}, {"missing", "/wp-login.php"},
	} {
		q := page.RequestOf(httptest.NewRequest(http.MethodGet, test.url, nil))
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Answer(&q)
			}
		})
	}
}

func BenchmarkCheck(b *testing.B) {
	s := posts(b, 1000, false).load()
	for b.Loop() {
		if _, dead := s.Check(nil); len(dead) > 0 {
			b.Fatal(dead[0])
		}
	}
}

// BenchmarkListing makes the list of a large folder.
func BenchmarkListing(b *testing.B) {
	all := map[string]*contents{"": {}}
	for i := range 20_000 {
		all[""].files = append(all[""].files, &file{name: fmt.Sprintf("package-%05d-1.2.3-r4.apk", i), info: sized(i)})
	}
	for b.Loop() {
		b.SetBytes(int64(len(listingOf("/", "", all[""], all))))
	}
}
