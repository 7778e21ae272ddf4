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
	"tinycdn/cmd/tinycdn/cluster/drains"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// tellTime is how long whoever drains a POP waits for the others.
const tellTime = 2 * time.Second

// Drainage is which POPs are drained.
type Drainage struct {
	Drains []drains.Drain `json:"drains"`           // by name
	POPs   []string       `json:"pops"`             // all that there are
	Silent []string       `json:"silent,omitempty"` // who does not know of it yet; they hear of it when they answer again
	Alone  bool           `json:"alone,omitempty"`  // it holds at the POP alone that was asked
	Lost   bool           `json:"lost,omitempty"`   // it holds until a restart: there is no folder to keep it in
}

// All says whether no POP is left that is not drained.
func (d *Drainage) All() bool { return len(d.POPs) > 0 && len(d.Drains) == len(d.POPs) }

// DrainOrder is what a POP is asked for. With no POP it is only asked which are drained.
type DrainOrder struct {
	POP     string        `json:"pop"`
	Drained bool          `json:"drained"`
	For     time.Duration `json:"for,omitempty"`
}

// Drain says of a POP that it is drained, or is not any more, and tells the others.
func (m *Member) Drain(ctx context.Context, pop string, drained bool, during time.Duration, by string) (Drainage, error) {
	if known := m.names(); !slices.Contains(known, pop) {
		return Drainage{}, fmt.Errorf("there is no POP %q: there are %s", pop, strings.Join(known, ", "))
	}
	if _, err := m.drains.Say(pop, drained, during, by); err != nil {
		return Drainage{}, err
	}
	m.noteDrains()
	ctx, done := context.WithTimeout(ctx, tellTime)
	defer done()
	var mu sync.Mutex
	var work sync.WaitGroup
	var silent []string
	for _, other := range m.others() {
		work.Go(func() {
			if m.exchange(ctx, other) != nil {
				mu.Lock()
				defer mu.Unlock()
				silent = append(silent, other.Name)
			}
		})
	}
	work.Wait()
	m.wakeUp() // for those, and soon
	slices.Sort(silent)
	d := m.Drainage()
	d.Silent = silent
	return d, nil
}

// Drainage is which POPs are drained, as far as this POP knows.
func (m *Member) Drainage() Drainage { return Drainage{Drains: m.drains.Drained(), POPs: m.names()} }

// names are those of all POPs of the roster.
func (m *Member) names() (list []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.members.POPs {
		list = append(list, p.Name)
	}
	return list
}

// hearDrains takes what the POP that speaks says of drains. What it said to others would be too old: how much of one is left counts from
// when it was said.
func (m *Member) hearDrains(from string) {
	known := m.names()
	m.mu.Lock()
	var told []drains.Drain
	if h := m.rows[from]; h != nil {
		told = h.Drains
	}
	m.mu.Unlock()
	m.drains.Hear(told, func(pop string) bool { return slices.Contains(known, pop) })
	m.noteDrains()
}

// noteDrains looks whether other POPs are drained than before.
func (m *Member) noteDrains() {
	m.noting.Lock()
	defer m.noting.Unlock()
	if news := m.drains.News(); news.Any() && m.host.Drained != nil {
		m.host.Drained(news)
	}
}

// serveDrain drains a POP for a publisher, or for another POP, or says which are drained.
func (m *Member) serveDrain(w http.ResponseWriter, r *http.Request) error {
	order, err := question[DrainOrder](r)
	if err != nil {
		return err
	}
	if order.POP == "" {
		return answer(w, m.Drainage())
	}
	d, err := m.Drain(r.Context(), order.POP, order.Drained, order.For, m.nameOf(channel.Caller(r.Context())))
	if err != nil {
		return err
	}
	return answer(w, d)
}

// nameOf is who holds a key.
func (m *Member) nameOf(key roster.Key) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p, ok := m.members.POPOf(key); ok {
		return p.Name
	}
	p, _ := m.members.PublisherOf(key)
	return p.Name
}

// Drain says of a POP that it is drained, or is not any more, by way of the first POP that answers. With no POP it asks which are.
func (p *Publisher) Drain(ctx context.Context, pop string, drained bool, during time.Duration) (d Drainage, err error) {
	p.connect()
	err = errors.New("there is no POP")
	for _, name := range p.names() {
		within, done := context.WithTimeout(ctx, askTime)
		one := p.client(name).Call(within, "/v1/drain", DrainOrder{pop, drained, during}, &d)
		done()
		if one == nil {
			return d, nil
		}
		err = fmt.Errorf("%s: %w", name, one)
		if refused := (*channel.Refused)(nil); errors.As(one, &refused) {
			break // as the others would
		}
	}
	return d, err
}
