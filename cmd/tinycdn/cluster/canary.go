package cluster

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// serveCanary takes what a publisher says of a canary: where it is to be served, or that it is taken back.
func (m *Member) serveCanary(w http.ResponseWriter, r *http.Request) error {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCanary)) // it has to fit into a row
	if err != nil {
		return err
	}
	c, err := commit.OpenCanary(text)
	if err != nil {
		return err
	}
	if err := m.takeCanary(c); err != nil {
		return err
	}
	m.wakeUp() // the others shall know
	if err := m.lockLoading(); err != nil {
		return err
	}
	defer m.loading.Unlock()
	return m.serveWanted()
}

// takeCanary takes what a publisher says, at the first POP that hears of it: the others believe that one.
func (m *Member) takeCanary(c commit.Canary) error {
	m.mu.Lock()
	known, wanted := m.agreed.Canary, m.agreed.Wanted.ID
	err := m.mayTry(c)
	m.mu.Unlock()
	if err != nil || bytes.Equal(known.Text, c.Text) {
		return err
	}
	if !m.hearCanary(c) {
		return fmt.Errorf("the canary of generation %d says nothing here: generation %d is live", c.ID.Number, wanted.Number)
	}
	return nil
}

// canaryAhead is how far the clock of a canary's publisher may be ahead, since whatever is said after it has to be later.
const canaryAhead = 24 * time.Hour

// mayTry says whether a canary may be taken from its publisher. Nobody has to have prepared it: who may not publish what it has may not
// have it served as a canary either. By mu.
func (m *Member) mayTry(c commit.Canary) error {
	known := &m.agreed.Canary
	switch {
	case len(c.Text) > maxCanary:
		return fmt.Errorf("a canary of %d octets: %d are the most", len(c.Text), maxCanary)
	case time.Until(c.Time) > canaryAhead:
		return fmt.Errorf("the canary is of %s, which is days ahead of the clock here", c.Time.Format(time.DateOnly))
	case known.ID == c.ID:
		return m.maySettle(known.Key, c.Key)
	case known.Stands() && known.ID.Number == c.ID.Number:
		return &commit.Refusal{Why: commit.Tried, Serving: m.agreed.Serving.ID, Canary: *known}
	}
	if p, ok := m.members.PublisherOf(c.Key); !ok || len(p.Paths) == 0 {
		return nil
	}
	list, err := m.store.Manifest(c.ID)
	if err != nil {
		return err
	}
	if err := m.maySettle(list.Key, c.Key); err != nil {
		return err
	}
	return m.mayMake(list)
}

// unlearn forgets what somebody signed who no longer counts by the next roster. By mu.
func (m *Member) unlearn(next *roster.Roster) error {
	if c := m.agreed.Wanted; c.ID != m.agreed.Serving.ID && !next.Signed(c.Key, c.ID.Number) {
		m.agreed.Wanted = m.agreed.Serving
	}
	if c := m.agreed.Canary; c.ID.Number != m.agreed.Wanted.ID.Number+1 || !next.Signed(c.Key, c.ID.Number) {
		m.agreed.Forget()
	}
	return m.keep()
}

// hearCanary hears of a canary, and says whether it is news that counts.
func (m *Member) hearCanary(c commit.Canary) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.members.Signed(c.Key, c.ID.Number) || m.forgotten[c.ID] || !m.agreed.Hear(c) {
		return false
	}
	m.keep()
	if m.agreed.Behind() {
		m.wakeUp()
	}
	return true
}

// knowsCanary says whether a generation is the canary that stands: anybody may commit to it.
func (m *Member) knowsCanary(id manifest.ID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.agreed.Canary.Stands() && m.agreed.Canary.ID == id
}

// maySettle says whether somebody may have the canary of another served everywhere, or take it back. By mu.
func (m *Member) maySettle(of, by roster.Key) error {
	if p, ok := m.members.PublisherOf(by); of != by && ok && len(p.Paths) > 0 {
		return fmt.Errorf("%s may only decide on canaries of its own", p.Name)
	}
	return nil
}

// CanaryOf is the newest canary after what is live that any POP knows. It stands, or was taken back; zero: there was none.
func CanaryOf(all map[string]Status) (newest commit.Canary) {
	live := Newest(all)
	for name, s := range all {
		c, err := commit.OpenCanary(s.Rows[name].Canary)
		if err == nil && c.ID.Number == live.ID.Number+1 && c.Beats(&newest) {
			newest = c
		}
	}
	return newest
}

// Finish has a canary served everywhere: an ordinary commit to its generation. The POPs know of it before.
func (p *Publisher) Finish(ctx context.Context, list *manifest.Signed) (Outcome, error) {
	p.connect()
	out := Outcome{ID: list.ID, Wrong: map[string]error{}}
	p.drop(&out, p.TellCanary(ctx, p.Canary))
	if len(p.left(&out)) == 0 {
		return out, ErrNoMajority
	}
	return p.publish(ctx, list, nil, out)
}

// TakeBack takes a canary back, and gives the POPs that know it, and why others do not.
func (p *Publisher) TakeBack(ctx context.Context) (at []string, wrong map[string]error) {
	back := commit.NewCanary(p.Canary.ID, nil, p.Canary, time.Now(), p.Key)
	wrong = p.TellCanary(ctx, back)
	for _, name := range p.names() {
		if wrong[name] == nil {
			at = append(at, name)
		}
	}
	return at, wrong
}

// TellCanary tells all POPs of a canary.
func (p *Publisher) TellCanary(ctx context.Context, c commit.Canary) (wrong map[string]error) {
	p.connect()
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), stallTime)
	defer done()
	return p.each(p.names(), func(name string) error {
		return p.client(name).Send(ctx, "/v1/canary", bytes.NewReader(c.Text), nil)
	})
}
