package pop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/drains"
	"tinycdn/cmd/tinycdn/notify"
	"tinycdn/zones"
	"tinycdn/zones/diag"
)

// openDrains reads which POPs are drained, of a POP that belongs to no cluster.
func (p *POP) openDrains(path string) {
	if p.keeper == nil && !p.standsIn() {
		path = "" // the state is kept nowhere
	}
	if p.member == nil {
		p.drains = drains.Open(path, p.log)
	}
}

// drainage is which POPs are drained, as far as this one knows.
func (p *POP) drainage() cluster.Drainage {
	if p.member != nil {
		return p.member.Drainage()
	}
	d := cluster.Drainage{Drains: p.drains.Drained(), Alone: true, Lost: p.keeper == nil}
	if g := p.served.Load(); g != nil {
		for _, pop := range g.Config.POPs {
			d.POPs = append(d.POPs, pop.Name)
		}
	}
	return d
}

// followDrains looks who is drained, until ctx ends, of a POP that belongs to no cluster.
func (p *POP) followDrains(ctx context.Context) error {
	for p.member == nil {
		p.drainedAnew(p.drains.News())
		ends, stop := context.WithCancel(ctx)
		if left, ok := p.drains.Next(); ok {
			stop()
			ends, stop = context.WithTimeout(ctx, left)
		}
		select {
		case <-ends.Done():
		case <-p.drainNews:
		}
		stop()
		if ctx.Err() != nil {
			return nil
		}
	}
	<-ctx.Done()
	return nil
}

// drainedAnew is told when other POPs are drained.
func (m *member) drainedAnew(news drains.News) {
	if p := m.pop.Load(); p != nil {
		p.drainedAnew(news)
	}
}

// drainedAnew is told the same.
func (p *POP) drainedAnew(news drains.News) {
	if !news.Any() {
		return
	}
	p.sendAway()
	if news.First {
		return
	}
	for _, d := range news.Began {
		p.notify(notify.Drained(d.POP, d.By, true, d.Left))
	}
	for _, d := range news.Ended {
		p.notify(notify.Drained(d.POP, d.By, false, 0))
	}
}

// away is why visitors had better go to another POP, in a word.
func (p *POP) away() string {
	if p.stopping.Load() {
		return "stopping"
	}
	if p.member != nil {
		if s := p.member.State(); s.Serving != s.Wanted {
			return "behind"
		}
	}
	if p.isDrained(p.name) {
		return "drained"
	}
	return ""
}

// isDrained says whether a POP is drained by what is answered. It never waits: whoever knows of drains may wait for a disk, and this
// POP is not down by that.
func (p *POP) isDrained(pop string) bool {
	return slices.ContainsFunc(p.store.Current().Down(), func(d zones.Down) bool { return d.POP == pop && d.Drained })
}

// drain drains a POP, or does so no longer.
func (p *POP) drain(ctx context.Context, o cluster.DrainOrder) (cluster.Drainage, error) {
	d := p.drainage()
	switch {
	case o.POP == "":
		return d, nil
	case len(d.POPs) == 0:
		return d, errors.New("the configuration names no POPs")
	case !slices.Contains(d.POPs, o.POP):
		return d, fmt.Errorf("there is no POP %q%s", o.POP, diag.DidYouMean(o.POP, d.POPs))
	case p.member != nil:
		return p.member.Drain(ctx, o.POP, o.Drained, o.For, p.name)
	}
	if _, err := p.drains.Say(o.POP, o.Drained, o.For, p.name); err != nil {
		return d, err
	}
	p.drainedAnew(p.drains.News())
	select {
	case p.drainNews <- struct{}{}: // it may end by itself
	default:
	}
	return p.drainage(), nil
}

// tellDrains drains a POP for an admin, and tells which are drained.
func (p *POP) tellDrains(w http.ResponseWriter, r *http.Request) {
	var o cluster.DrainOrder
	err := json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&o)
	var d cluster.Drainage
	if err == nil {
		d, err = p.drain(r.Context(), o)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(d)
}
