package pop

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/notify"
	"tinycdn/zones/health"
)

// notices are what people are told by webhooks.
type notices struct {
	notify.Sender
	until atomic.Pointer[context.Context] // as long as it lasts, messages are sent; nil: none are yet
}

// Once a week people are told what grows old: on Mondays, when they are at work.
const (
	weeklyDay  = time.Monday
	weeklyHour = 9 // UTC
)

// nextWeekly is when that is next.
func nextWeekly(now time.Time) time.Time {
	now = now.UTC()
	at := time.Date(now.Year(), now.Month(), now.Day(), weeklyHour, 0, 0, 0, time.UTC)
	for at.Weekday() != weeklyDay || !at.After(now) {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

// tellPeople sends messages until ctx ends.
func (p *POP) tellPeople(ctx context.Context) error {
	p.notices.until.Store(&ctx)
	defer p.notices.Close()
	for {
		select {
		case <-time.After(time.Until(nextWeekly(time.Now()))):
			if m, ok := p.aging(time.Now()); ok {
				p.notify(m)
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// aging is what is told of what grows old here; the other POPs have the same.
func (p *POP) aging(now time.Time) (notify.Message, bool) {
	var certificates []notify.Certificate
	var databases []notify.Database
	for _, c := range p.certs.Store().Expiries() {
		certificates = append(certificates, notify.Certificate{Name: strings.Join(c.Names, " "), Until: c.Until})
	}
	g := p.served.Load()
	if len(g.Config.GeoIP.Databases) > 0 { // the built-in one is as old as the program
		for _, d := range g.Databases() {
			databases = append(databases, notify.Database{Name: d.Path, Built: d.Built})
		}
	}
	return notify.Aging(now, certificates, databases)
}

// notify tells people, if it is this POP that does.
func (p *POP) notify(m notify.Message) {
	ctx := p.notices.until.Load()
	g := p.served.Load()
	if ctx == nil || g == nil {
		return
	}
	if targets := webhooksOf(g.Config); len(targets) > 0 && p.speaks(g.Config) {
		p.notices.Send(*ctx, m, targets...)
	}
}

// webhooksOf are those of a configuration, which was checked.
func webhooksOf(c *config.Config) (list []notify.Target) {
	for _, text := range c.Health.Notify {
		if t, err := notify.Parse(text); err == nil {
			list = append(list, t)
		}
	}
	return list
}

// speaksAfter is how long a POP is silent before another one speaks for all.
const speaksAfter = 20 * time.Second

// speaks says whether this POP is the one of its cluster that tells people: the first in the configuration that is heard, and not down.
func (p *POP) speaks(c *config.Config) bool {
	if p.member == nil {
		return true
	}
	well := map[string]bool{p.name: true} // one that hears that it is down leaves the word to whoever has seen it
	for _, said := range p.member.Said() {
		well[said.Name] = !said.Heard.IsZero() && time.Since(said.Heard) < speaksAfter
	}
	if view := p.checks.view.Load(); view != nil {
		for _, s := range view.Standings {
			well[s.POP] = well[s.POP] && !s.Out4 && !s.Out6
		}
	}
	for _, pop := range c.POPs {
		if well[pop.Name] {
			return pop.Name == p.name
		}
	}
	return true
}

// tryWebhooks sends each webhook a message that says that nothing has happened.
func (m *member) tryWebhooks(ctx context.Context) any {
	p := m.pop.Load()
	if p == nil {
		return []notify.Try{}
	}
	return notify.TryAll(ctx, notify.Test(p.name), webhooksOf(p.served.Load().Config))
}

// notifyOf tells people what was agreed.
func (p *POP) notifyOf(first *health.Change, what, effect string) {
	c := notify.Change{POP: first.POP, What: what, Down: first.Down, Since: first.Since, Seen: health.Told(first.Seen), Effect: effect}
	p.notify(c.Message())
}
