package visits

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

// counter is one of a POP, that knows three countries.
func counter(t testing.TB, folder, pop string) *Counter {
	t.Helper()
	locate := func(a netip.Addr) string {
		return map[string]string{"192": "DE", "198": "FR", "203": "AU"}[strings.SplitN(a.String(), ".", 2)[0]]
	}
	return New(Options{Folder: folder, POP: pop, Locate: locate, Log: slog.New(slog.DiscardHandler)}, Config{Days: 400, Visitors: true})
}

var html = page.New(page.Response{Status: 200, Header: []page.Field{{Name: "Content-Type", Value: "text/html; charset=utf-8"}}, Body: []byte("hello")})

// opened is a request of a browser that opens a page, and what it got.
func opened(client, path string) (*page.Request, *reply.Reply) {
	q := &page.Request{Method: "GET", Host: "www.example.org", Path: path, Client: netip.MustParseAddr(client), UserAgent: firefox, Hints: page.Opens | page.WantsHTML}
	return q, &reply.Reply{Status: 200, Page: html, Site: "www.example.org", Host: "www.example.org"}
}

// report is what a counter tells of today, by what and name.
func report(t testing.TB, c *Counter) map[string][2]uint64 {
	t.Helper()
	all := map[string][2]uint64{}
	if err := c.Report(1, 1000, func(r Row) error {
		all[strings.TrimSpace(r.By+" "+r.Name)] = [2]uint64{r.Views, r.Visitors}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWhatIsAViewAndWhatIsNot(t *testing.T) {
	t.Parallel()
	image := page.New(page.Response{Status: 200, Header: []page.Field{{Name: "Content-Type", Value: "image/png"}}})
	for name, test := range map[string]struct {
		change func(q *page.Request, r *reply.Reply)
		views  uint64
	}{
		"a browser":                    {func(*page.Request, *reply.Reply) {}, 1},
		"one that has the page":        {func(_ *page.Request, r *reply.Reply) { r.Status = 304 }, 1},
		"one of before Fetch Metadata": {func(q *page.Request, _ *reply.Reply) { q.Hints = page.WantsHTML }, 1},
		"an application's page":        {func(_ *page.Request, r *reply.Reply) { r.Page, r.Type = nil, "text/html" }, 1},
		"one who is not to be tracked": {func(q *page.Request, _ *reply.Reply) { q.Hints |= page.Private }, 1},
		"curl":                         {func(q *page.Request, _ *reply.Reply) { q.Hints, q.UserAgent = 0, "curl/8.14.1" }, 0},
		"curl that asks for HTML":      {func(q *page.Request, _ *reply.Reply) { q.Hints, q.UserAgent = page.WantsHTML, "curl/8.14.1" }, 0},
		"no name":                      {func(q *page.Request, _ *reply.Reply) { q.UserAgent = "" }, 0},
		"Googlebot": {func(q *page.Request, _ *reply.Reply) {
			q.UserAgent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
		}, 0},
		"HEAD":                 {func(q *page.Request, _ *reply.Reply) { q.Method = http.MethodHead }, 0},
		"POST":                 {func(q *page.Request, _ *reply.Reply) { q.Method = http.MethodPost }, 0},
		"a prefetch":           {func(q *page.Request, _ *reply.Reply) { q.Hints |= page.Ahead }, 0},
		"a frame":              {func(q *page.Request, _ *reply.Reply) { q.Hints = page.Embeds | page.WantsHTML }, 0},
		"an image":             {func(_ *page.Request, r *reply.Reply) { r.Page = image }, 0},
		"no such page":         {func(_ *page.Request, r *reply.Reply) { r.Status = 404 }, 0},
		"a part":               {func(_ *page.Request, r *reply.Reply) { r.Status = 206 }, 0},
		"a redirect":           {func(_ *page.Request, r *reply.Reply) { r.Status = 301 }, 0},
		"an application's CSV": {func(_ *page.Request, r *reply.Reply) { r.Page, r.Type = nil, "text/csv" }, 0},
	} {
		c := counter(t, t.TempDir(), "fra")
		q, r := opened("192.0.2.1", "/")
		test.change(q, r)
		c.Add(q, r)
		c.count(time.Now())
		if got := report(t, c)["all"][0]; got != test.views {
			t.Errorf("%s: %d views, want %d", name, got, test.views)
		}
	}
}

func TestViewsAreCountedByPageCountryReferrerPOPAndHour(t *testing.T) {
	t.Parallel()
	c := counter(t, t.TempDir(), "fra")
	for _, v := range []struct{ client, path, referrer string }{
		{"192.0.2.1", "/", "https://Search.example/?q=secret"},
		{"192.0.2.1", "/trip", "http://www.example.org/"}, // from page to page
		{"198.51.100.1", "/", "http://www.example.org:8080/"},
		{"2001:db8::1", "/", "android-app://org.example"},
		{"2001:db8::2", "/", "no URL"},
	} {
		q, r := opened(v.client, v.path)
		q.Referer = v.referrer
		c.Add(q, r)
	}
	q, r := opened("203.0.113.9", "/trip")
	q.Hints |= page.Private
	q.Referer = "https://secret.example"
	c.Add(q, r)
	c.count(time.Now())
	hour := "hour " + time.Now().UTC().Format("15")
	want := map[string][2]uint64{
		"all": {6, 3}, "pop fra": {6, 3}, hour: {6, 0}, "private": {1, 0},
		"page /": {4, 3}, "page /trip": {2, 1},
		"country DE": {2, 1}, "country FR": {1, 1}, "country ?": {2, 1},
		"referrer search.example": {1, 1}, "referrer org.example": {1, 1},
	}
	if got := report(t, c); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestVisitorsOfTwoPOPsCountOnce holds the union of two POPs against an exact twin, in whichever order their files meet.
func TestVisitorsOfTwoPOPsCountOnce(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, people := range []int{10, 1000, 30_000} {
		fra, syd := counter(t, t.TempDir(), "fra"), counter(t, t.TempDir(), "syd")
		// Fixed salts make the errors of the sketches the same each time.
		fixed := fmt.Appendf(nil, `{"%s":{"made":1,"secret":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}`, dateOf(time.Now()))
		for _, c := range []*Counter{fra, syd} {
			if err := c.TakeSalts(fixed); err != nil {
				t.Fatal(err)
			}
		}
		exact, views := map[string]map[string]bool{"all": {}, "pop fra": {}, "pop syd": {}, "page /": {}, "page /trip": {}}, map[string]uint64{}
		for range 2 * people {
			client := netip.AddrFrom4([4]byte{100, 64, byte(random.IntN(people) >> 8), byte(random.IntN(people))}).String()
			c, path := fra, "/"
			if random.IntN(3) == 0 {
				c = syd
			}
			if random.IntN(2) == 0 {
				path = "/trip"
			}
			q, r := opened(client, path)
			c.Add(q, r)
			for _, by := range []string{"all", "pop " + c.POP, "page " + path} {
				exact[by][client] = true
				views[by]++
			}
			c.count(time.Now())
		}
		for _, c := range []*Counter{fra, syd} {
			c.flush(time.Now())
		}
		exchange(t, fra, syd)
		exchange(t, syd, fra)
		for _, c := range []*Counter{fra, syd} {
			got := report(t, c)
			for by, clients := range exact {
				want, most := float64(len(clients)), 0.02
				if strings.HasPrefix(by, "page") {
					most = 0.08
				}
				if off := float64(got[by][1])/want - 1; off > most || off < -most || got[by][0] != views[by] {
					t.Errorf("%d people at %s: %s: got %v, want %d views and %v visitors", people, c.POP, by, got[by], views[by], want)
				}
			}
		}
		if a, b := report(t, fra), report(t, syd); !reflect.DeepEqual(a, b) {
			t.Errorf("%d people: fra tells %v, syd %v", people, a, b)
		}
	}
}

// exchange has one POP get from another what is newer there.
func exchange(t testing.TB, to, from *Counter) {
	t.Helper()
	if err := to.TakeSalts(from.Salts()); err != nil {
		t.Fatal(err)
	}
	have := to.Have()
	for name, number := range from.Have() {
		if !to.Wants(name, number, have) {
			continue
		}
		text, err := from.File(name)
		if err == nil {
			err = to.Take(name, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestRandomPagesAndReferrersFillNothing(t *testing.T) {
	t.Parallel()
	c := counter(t, t.TempDir(), "fra")
	for i := range 20_000 {
		q, r := opened("192.0.2.1", fmt.Sprintf("/%d", i))
		if q.Referer = fmt.Sprintf("https://h%d.example/", i); i%10 == 0 {
			q.Path = "/real"
		}
		r.Site = fmt.Sprintf("site%d", i%7)
		c.Add(q, r)
		c.count(time.Now())
	}
	named, views, real := 0, uint64(0), uint64(0)
	for _, s := range c.today.Sites {
		named += len(s.Pages) + len(s.Referrers) + len(s.Countries)
		if len(s.Pages) > mostPages*5/4+1 || len(s.Referrers) > mostReferrers*5/4+1 {
			t.Errorf("%d pages and %d referrers of a site", len(s.Pages), len(s.Referrers))
		}
		for _, page := range s.Pages {
			views += page.Views
		}
		real += s.Pages["/real"].Views
	}
	if named > mostNamed || views != 20_000 {
		t.Errorf("%d are named, and %d views are told of", named, views)
	}
	if real != 2000 {
		t.Errorf("the page that was looked at most has %d views, want 2000", real)
	}
	c.flush(time.Now())
	if text, err := c.File(c.own()); err != nil || len(text) > mostFile/8 {
		t.Errorf("a file of %d octets: %v", len(text), err)
	}
}
