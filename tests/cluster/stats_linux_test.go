package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tinycdn/tests/testkit"
)

// TestVisitorsOfThreePOPsAreOneUnionOverTheWAN: of a thousand visitors, each at one POP, two or all three, the laptop hears how many they are,
// and not how often they were counted.
func TestVisitorsOfThreePOPsAreOneUnionOverTheWAN(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 25*time.Millisecond)
	config, err := os.ReadFile(filepath.Join(w.folder, "tinycdn.toml"))
	if err != nil {
		t.Fatal(err)
	}
	w.write(t, "tinycdn.toml", string(config)+"[stats]\n")
	w.write(t, "public/index.html", "<!doctype html><title>one</title>")
	w.run(t, 0, "publish")
	w.oneSalt(t)

	const visitors = 1000
	at, views := map[string]int{}, 0
	var work sync.WaitGroup
	for i, name := range names {
		var mine []int
		for v := range visitors {
			if (v%7+1)>>i&1 == 1 {
				mine = append(mine, v)
			}
		}
		at[name], views = len(mine), views+len(mine)
		for part := range 8 {
			work.Go(func() { w.look(t, name, mine[part*len(mine)/8:(part+1)*len(mine)/8]) })
		}
	}
	work.Wait()
	near := func(got, want int) bool { return math.Abs(float64(got-want)) <= 0.02*float64(want) }
	all := 0
	for line := range strings.Lines(w.run(t, 0, "stats", "--days", "1", "--json")) {
		var row struct {
			By, Name        string
			Views, Visitors int
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		switch row.By {
		case "all":
			if all++; row.Views != views || !near(row.Visitors, visitors) {
				t.Errorf("%d visitors with %d views, want %d with %d", row.Visitors, row.Views, visitors, views)
			}
		case "pop":
			if all++; row.Views != at[row.Name] || !near(row.Visitors, at[row.Name]) {
				t.Errorf("%s: %d visitors with %d views, want %d", row.Name, row.Visitors, row.Views, at[row.Name])
			}
		}
	}
	if all != 1+len(names) {
		t.Errorf("told of %d, want the site and its POPs", all)
	}
}

// oneSalt waits until the POPs count by the same key, which they do a few seconds after they have begun.
func (w *world) oneSalt(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(testkit.Patience); ; time.Sleep(testkit.Pace) {
		salts := map[string]bool{}
		for _, name := range names {
			text, _ := os.ReadFile(filepath.Join(w.state[name], "stats", "salts"))
			salts[string(text)] = true
		}
		if len(salts) == 1 && !salts[""] {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("there are %d salts", len(salts))
		}
	}
}

// look has some visitors at home look at the page of a POP.
func (w *world) look(t *testing.T, pop string, visitors []int) {
	by := &http.Transport{DialContext: func(_ context.Context, network, _ string) (net.Conn, error) {
		return w.Dial("home", network, net.JoinHostPort(w.Address(pop), "80"))
	}}
	defer by.CloseIdleConnections()
	for _, v := range visitors {
		q, err := http.NewRequest(http.MethodGet, "http://www.example.org/", nil)
		if err != nil {
			t.Error(err)
			return
		}
		q.Header.Set("Accept", "text/html")
		q.Header.Set("User-Agent", fmt.Sprintf("Mozilla/5.0 (X11; Linux x86_64; rv:1%d.0) Gecko/20100101 Firefox/1%[1]d.0", v))
		r, err := (&http.Client{Transport: by, Timeout: lostAfter}).Do(q)
		if err != nil {
			t.Errorf("%s: %v", pop, err)
			return
		}
		io.Copy(io.Discard, r.Body)
		if r.Body.Close(); r.StatusCode != http.StatusOK {
			t.Errorf("%s says %s", pop, r.Status)
		}
	}
}
