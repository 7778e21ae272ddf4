package visits

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// asked is a nameserver, which counts from its start on.
type asked struct{ Queries }

func (a *asked) ask(zone, country string, n uint64) {
	a.Zones[zone] += n
	a.Countries[country] += n
}

// copied tells all, but of names those that were not told yet.
func (a *asked) copied() (q Queries) {
	q.merge(a.Queries)
	clear(a.Names)
	return q
}

func newAsked() *asked {
	return &asked{Queries{map[string]uint64{}, map[string]uint64{}, map[string]uint64{}}}
}

func (a *asked) counter(folder, pop string) *Counter {
	return New(Options{Folder: folder, POP: pop, Queries: a.copied, Log: slog.New(slog.DiscardHandler)}, Config{Days: 400})
}

// tellQueries is what a counter tells of queries, by the day.
func tellQueries(t *testing.T, c *Counter, days, top int) string {
	t.Helper()
	var all []string
	if err := c.Report(days, top, func(r Row) error {
		all = append(all, fmt.Sprint(r.Day[8:], " ", r.Site, r.Name, " ", r.Views))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, ", ")
}

// TestQueriesAreOfTheDayAndOfAllPOPs: neither those of before somebody wanted them counted, nor any twice, nor those while nobody does.
func TestQueriesAreOfTheDayAndOfAllPOPs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // 2000-01-01
		dns, folder := newAsked(), t.TempDir()
		dns.ask("example.org", "DE", 1000)
		c := dns.counter(folder, "fra")
		if got := tellQueries(t, c, 1, 10); got != "" {
			t.Errorf("of before: %s", got)
		}
		dns.ask("example.org", "DE", 48)
		dns.ask("example.net", "", 16)
		const first = "01 example.org 48, 01 example.net 16, 01 DE 48, 01 ? 16"
		for range 2 {
			if got := tellQueries(t, c, 1, 10); got != first {
				t.Errorf("got %s, want %s", got, first)
			}
		}
		dns.ask("example.org", "FR", 16) // the day ends
		time.Sleep(24 * time.Hour)
		c.count(time.Now())
		dns.ask("example.org", "DE", 5)
		c.Rest()
		dns.ask("example.org", "DE", 500)
		c.flush(time.Now())
		dns.ask("example.org", "DE", 500)
		c.Set(Config{Days: 400})
		dns.ask("example.org", "DE", 2)
		c.flush(time.Now())
		// The process begins again, with a nameserver that has counted nothing; and there is another POP.
		again, other := newAsked(), newAsked()
		c = again.counter(folder, "fra")
		o := other.counter(t.TempDir(), "syd")
		again.ask("example.org", "DE", 1)
		other.ask("example.org", "AU", 100)
		for name := range o.Have() {
			text, err := o.File(name)
			if err == nil {
				err = c.Take(name, text)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		const want = "01 example.org 64, 01 example.net 16, 01 DE 48, 01 ? 16, 01 FR 16, 02 example.org 108, 02 AU 100, 02 DE 8"
		if got := tellQueries(t, c, 2, 10); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if got, want := tellQueries(t, c, 2, 1), "01 example.org 64, 01 (other) 16, 01 DE 48, 01 (other) 32, 02 example.org 108, 02 AU 100, 02 (other) 8"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

// TestQueriesOfTheFirstMomentAreCounted, though settings are taken over before the first day has begun.
func TestQueriesOfTheFirstMomentAreCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // 2000-01-01
		dns := newAsked()
		dns.Names["before.example"] = 16
		c := dns.counter(t.TempDir(), "fra")
		dns.ask("example.org", "DE", 32)
		dns.Names["www.example.org"] = 32
		c.Set(Config{Days: 30})
		if got, want := tellQueries(t, c, 1, 10), "01 example.org 32, 01 DE 32, 01 www.example.org 32"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// TestZonesOfQueriesAreBounded, however many come and go in a day.
func TestZonesOfQueriesAreBounded(t *testing.T) {
	t.Parallel()
	dns := newAsked()
	c := dns.counter(t.TempDir(), "fra")
	c.count(time.Now())
	for i := range 3 * mostZones {
		clear(dns.Zones)
		dns.ask(fmt.Sprintf("%d.example", i), "DE", 2)
		c.mu.Lock()
		c.countQueries()
		c.mu.Unlock()
	}
	if n, rest := len(c.today.Queries.Zones), c.today.Queries.Zones[Other]; n != mostZones+1 || rest != 4*mostZones {
		t.Errorf("%d zones, and %d queries of the others", n, rest)
	}
	text, err := c.today.print("2026-11-28", "fra")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := parse(text); err != nil {
		t.Error(err)
	}
}

// TestNamesOfQueriesAreThoseAskedMost: of two POPs they are added up, and those that are asked for least are told as one, whenever they came.
func TestNamesOfQueriesAreThoseAskedMost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // 2000-01-01
		dns, folder := newAsked(), t.TempDir()
		c, sum := dns.counter(folder, "fra"), uint64(0)
		add := func(name string, n uint64) {
			dns.Names[name] += n
			sum += n
		}
		c.count(time.Now())
		for i := range 3 * mostAsked {
			add(fmt.Sprintf("n%d.example", i), 16)
			add("late.example", uint64(i/(2*mostAsked))*16)
			c.flush(time.Now())
		}
		if n := len(c.today.Queries.Names); n > mostAsked+mostAsked/4+1 {
			t.Errorf("%d names", n)
		}
		other := newAsked()
		o := other.counter(t.TempDir(), "syd")
		o.count(time.Now())
		other.Names["late.example"] = 32
		o.flush(time.Now())
		for name := range o.Have() {
			text, err := o.File(name)
			if err == nil {
				err = c.Take(name, text)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if got, want := tellQueries(t, c, 1, 1), fmt.Sprintf("01 late.example %d, 01 (other) %d", 16*mostAsked+32, sum-16*mostAsked); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
