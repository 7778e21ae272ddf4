package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// TestTwoPublishersAtOnce has two publish the same number again and again, over lines of all lengths: no number is ever committed to
// twice, and no promise stays with whoever has lost. Package commit tries all orders there are, without members and lines.
func TestTwoPublishersAtOnce(t *testing.T) {
	t.Parallel()
	m := newMortal(t)
	commits := map[uint64]map[manifest.ID]bool{}
	var mu sync.Mutex
	m.asked.Store(new(func(r *http.Request) {
		time.Sleep(rand.N(3 * time.Millisecond)) // a line of some length
		if r.URL.Path != "/v1/commit" {
			return
		}
		text, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(text))
		c, err := commit.Open(text)
		mu.Lock()
		defer mu.Unlock()
		if commits[c.ID.Number] == nil {
			commits[c.ID.Number] = map[manifest.ID]bool{}
		}
		if commits[c.ID.Number][c.ID] = true; err != nil {
			t.Error(err)
		}
	}))
	last, won := &manifest.Signed{}, map[string]int{}
	for round := range 100 {
		lists, errs := map[string]*manifest.Signed{}, map[string]error{}
		var work sync.WaitGroup
		for by, key := range map[string]*Publisher{"owner": {Key: m.owner, Members: m.members, Base: last}, "laptop": {Key: m.laptop, Members: m.members, Base: last}} {
			list, source := m.next(t, by, last, fmt.Sprint(by, round), 10)
			lists[by] = list
			work.Go(func() {
				defer key.Close()
				_, err := key.Publish(t.Context(), list, source)
				mu.Lock()
				defer mu.Unlock()
				errs[by] = err
			})
		}
		work.Wait()
		live, _ := m.agree(t)
		if n := len(commits[last.ID.Number+1]); n > 1 || n == 0 && live.ID != last.ID {
			t.Fatalf("round %d: there are %d commits of generation %d", round, n, last.ID.Number+1)
		}
		for by, list := range lists {
			if (errs[by] == nil) != (live.ID == list.ID) || errs[by] != nil && !errors.Is(errs[by], ErrNoMajority) {
				t.Fatalf("round %d: %s ends with %v, and generation %v is live", round, by, errs[by], live.ID)
			}
			if errs[by] == nil {
				won[by]++
				last = list
			}
		}
		for _, p := range m.pops {
			p.Member.mu.Lock()
			if p.agreed.Promise.ID.Number > 0 {
				t.Errorf("round %d: at %s a promise stays", round, p.name)
			}
			p.Member.mu.Unlock()
		}
	}
	if t.Logf("won: %v", won); len(won) < 2 {
		t.Error("one of them has never won: nothing was tried")
	}
}
