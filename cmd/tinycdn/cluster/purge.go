package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// purgeTime is how long whoever purges waits for the other POPs.
const purgeTime = time.Second

// Purged is what came of a purge.
type Purged struct {
	Forgotten map[string]int `json:"forgotten"`        // responses, by POP
	Silent    []string       `json:"silent,omitempty"` // POPs that did not answer; they make up for it when they do
}

func (p Purged) String() string {
	var done []string
	for name, n := range p.Forgotten {
		done = append(done, fmt.Sprintf("%s %d", name, n))
	}
	slices.Sort(done)
	text := strings.Join(done, ", ") + " forgotten"
	if len(p.Silent) > 0 {
		text += "; " + strings.Join(p.Silent, ", ") + " not yet"
	}
	return text
}

// order is a purge that a POP began, and tells the others of.
type order struct {
	Number uint64 `json:"number"` // it counts those of that POP
	URL    string `json:"url"`
}

// orders are the last of them.
type orders struct {
	All  bool    `json:"all,omitempty"` // there were more than are remembered: everything is to be forgotten
	Last uint64  `json:"last"`
	List []order `json:"list"`
}

// Purge has every POP forget a URL, of which this POP has forgotten as many responses already.
func (m *Member) Purge(ctx context.Context, url string, here int) (Purged, error) {
	if m.host.StandsIn {
		return Purged{}, errResting
	}
	o, err := m.begun.add(url)
	if err != nil {
		return Purged{}, err
	}
	m.mu.Lock()
	m.mine.Purges = o.Number
	m.mu.Unlock()
	ctx, done := context.WithTimeout(ctx, purgeTime)
	defer done()
	var mu sync.Mutex
	var work sync.WaitGroup
	p := Purged{Forgotten: map[string]int{m.name: here}}
	for _, pop := range m.others() {
		work.Go(func() {
			var n int
			err := m.client(pop).Call(ctx, "/v1/purged", o, &n)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				p.Silent = append(p.Silent, pop.Name)
			} else {
				p.Forgotten[pop.Name] = n
			}
		})
	}
	work.Wait()
	slices.Sort(p.Silent)
	return p, nil
}

// errNoURL is that somebody asks to forget nothing. Everything is forgotten only where purges were missed, of which nobody knows what.
var errNoURL = errors.New("an empty URL is none: nothing was forgotten")

// purge forgets a URL at this POP.
func (m *Member) purge(url string) (forgotten int, err error) {
	if url == "" {
		return 0, errNoURL
	}
	return m.host.Purge(url)
}

// servePurge begins a purge for a publisher.
func (m *Member) servePurge(w http.ResponseWriter, r *http.Request) error {
	url, err := question[string](r)
	if err != nil {
		return err
	}
	here, err := m.purge(url)
	if err != nil {
		return err
	}
	p, err := m.Purge(r.Context(), url, here)
	if err != nil {
		return err
	}
	return answer(w, p)
}

// servePurged forgets what another POP has begun to purge.
func (m *Member) servePurged(w http.ResponseWriter, r *http.Request) error {
	o, err := question[order](r)
	if err == nil && o.URL == "" {
		err = errNoURL
	}
	if err != nil {
		return err
	}
	m.mu.Lock()
	pop, _ := m.members.POPOf(channel.Caller(r.Context()))
	if last, known := m.heardPurges[pop.Name]; known && o.Number == last+1 {
		m.heardPurges[pop.Name] = o.Number
	}
	m.mu.Unlock()
	n, _ := m.purge(o.URL) // a host that is not served here has nothing to forget
	return answer(w, n)
}

// servePurges gives what this POP has begun to purge since a number.
func (m *Member) servePurges(w http.ResponseWriter, r *http.Request) error {
	since, err := question[uint64](r)
	if err != nil {
		return err
	}
	return answer(w, m.begun.since(since))
}

// makeUp forgets what a POP has purged while it was not heard. At a start there is nothing to forget.
func (m *Member) makeUp(ctx context.Context, pop roster.POP) error {
	m.mu.Lock()
	told, last, known := uint64(0), uint64(0), false
	if h := m.rows[pop.Name]; h != nil {
		told = h.Purges
		if last, known = m.heardPurges[pop.Name]; !known {
			m.heardPurges[pop.Name] = told
		}
	}
	m.mu.Unlock()
	if !known || told == last {
		return nil
	}
	var missed orders
	if err := m.client(pop).Call(ctx, "/v1/purges", last, &missed); err != nil {
		return err
	}
	if missed.All {
		m.host.PurgeAll()
		m.log.Warn("purges of another POP were missed", "pop", pop.Name, "effect", "all that is kept of applications is forgotten")
	}
	for _, o := range missed.List {
		m.purge(o.URL)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.heardPurges[pop.Name] = missed.Last
	return nil
}

// Purge has all POPs forget a URL, by way of the first that answers.
func (p *Publisher) Purge(ctx context.Context, url string) (all Purged, err error) {
	p.connect()
	err = errors.New("there is no POP")
	for _, name := range p.names() {
		within, done := context.WithTimeout(ctx, askTime)
		one := p.client(name).Call(within, "/v1/purge", url, &all)
		done()
		if one == nil {
			return all, nil
		}
		err = fmt.Errorf("%s: %w", name, one)
		if refused := (*channel.Refused)(nil); errors.As(one, &refused) {
			break // as the others would
		}
	}
	return all, err
}
