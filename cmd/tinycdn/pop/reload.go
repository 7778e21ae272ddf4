package pop

import (
	"context"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"tinycdn/webserver/certs"
	"tinycdn/webserver/origin"
)

// Adopt makes g what is served: zones, sites and certificates, in one step. An older generation does as well as a new one:
// to adopt it again is to roll back. One goroutine adopts, or reloads, at a time.
func (p *POP) Adopt(g *Generation) error {
	if err := g.publish(p.store, p.current); err != nil {
		return err
	}
	last := p.current
	p.current = p.withUsableOrigins(g)
	p.served.Store(p.current)
	p.checks.wake()
	p.sumUp(p.current, last)
	p.tables.offer(p.current)
	p.order(p.current)
	p.publishSites()
	p.warmSoon()
	return nil
}

// withUsableOrigins is g, with new sites in place of those that were closed when g was no longer served. Their caches are
// empty.
func (p *POP) withUsableOrigins(g *Generation) *Generation {
	usable := *g
	for name, s := range g.sites {
		if site, ok := s.Value.(*origin.Site); ok && !p.origins.Usable(site) {
			again := *s
			again.Value = site.Renewed()
			usable.sites = maps.Clone(usable.sites)
			usable.sites[name] = &again
		}
	}
	return &usable
}

// change is what may have changed.
type change struct {
	asked bool // a signal wants all to be read again
	files bool // the configuration, or what it names
	sites bool // what the sites are made of
}

// takeOver takes over what changes, until ctx ends. Signals that come meanwhile are remembered.
func (p *POP) takeOver(ctx context.Context) {
	for {
		var again <-chan time.Time
		if !p.patience.next.IsZero() {
			again = time.After(time.Until(p.patience.next))
		}
		var due <-chan time.Time
		if next := p.current.due(time.Now()); !next.IsZero() {
			due = time.After(time.Until(next))
		}
		var renewal <-chan time.Time
		if next := p.current.renewal(time.Now()); !next.IsZero() {
			renewal = time.After(time.Until(next))
		}
		select {
		case <-ctx.Done():
			return
		case <-due:
			p.reload(ctx, change{sites: true})
		case <-renewal:
			p.reload(ctx, change{files: true})
		case <-p.reloads:
			p.reload(ctx, change{asked: true, files: true, sites: true})
		case <-p.watch.Files.C:
			p.reload(ctx, change{files: true})
		case <-p.watch.Sites.C:
			p.reload(ctx, change{sites: true})
		case <-again:
			p.reload(ctx, change{files: true})
		}
	}
}

// reload takes over what changed. Asked for by a signal, it reads everything again and always says what came of it.
func (p *POP) reload(ctx context.Context, what change) {
	p.progress.begin()
	defer p.progress.end()
	if what.files {
		p.patience.begin(what.asked)
	}
	if what.asked {
		if p.ready.Load() {
			p.manager.Reloading()
		}
	} else if p.unchanged(what) {
		if p.watch.Stale() {
			p.watchPaths()
		}
		return
	}
	begin := time.Now()
	o := p.options()
	o.progress, o.Again, o.OnlyFiles, o.OnlySites = &p.progress, what.asked, !what.sites, !what.files
	if !what.asked {
		o.patience = p.patience
	}
	next := Load(p.path, p.current, o)
	p.patience.forget(next)
	if !p.adoptAndTell(ctx, next, what, begin) {
		return
	}
	p.progress.at("the folders to watch", "")
	p.watchPaths()
	switch {
	case ctx.Err() != nil:
	case !p.ready.Load():
		p.beReady()
	case what.asked:
		p.manager.Ready(p.current.status())
	}
}

// adoptAndTell adopts what was loaded, unless ctx has ended meanwhile, and tells what came of it.
func (p *POP) adoptAndTell(ctx context.Context, next *Generation, what change, begin time.Time) bool {
	var list []Finding
	last := p.current
	p.adopting.Lock()
	if ctx.Err() != nil {
		p.adopting.Unlock()
		return false
	}
	err := p.Adopt(next)
	if err == nil {
		p.listenLate()
	}
	p.adopting.Unlock()
	p.read = p.current
	p.keeper.offer(p.current)
	if err != nil {
		p.read = nil
		list = append(slices.Concat(next.mistakes, next.named), Finding{Level: slog.LevelError, Text: err.Error(), Effect: "everything stays as it was"})
	} else {
		list = p.findingsOf(next)
		p.logNews(newsIn(next, last), what, begin)
		if !what.asked {
			p.reporter.reportAll(notTaken(next, last, p.reporter.standing))
		}
	}
	p.reporter.report(list, what.asked, next.waits())
	p.reloaded.note(what.String(), begin, errorOf(list))
	return true
}

// findingsOf are what there is to report of a generation: unlike its own, with the settings that need a restart.
func (p *POP) findingsOf(g *Generation) []Finding {
	return slices.Concat(g.mistakes, g.named, p.needRestart(g.Config), g.notes(), g.siteFindings(), p.cannotOrder(g), p.cannotCount(g))
}

// news is what a generation serves that the one before did not.
type news struct {
	zones   bool      // or maps
	each    []Finding // of the zones
	fallen  []string  // serial numbers
	sites   []*sitePart
	expires []certs.Expiry
}

func newsIn(g, last *Generation) news {
	n := news{zones: g.newZones(last), each: zoneNews(g, last), fallen: g.serialsNotRisen(last)}
	for s := range g.siteParts {
		if before := last.sites[s.in.PartID]; before == nil || before.Value != s.Value {
			n.sites = append(n.sites, s)
		}
	}
	slices.SortFunc(n.sites, func(a, b *sitePart) int { return strings.Compare(a.in.String(), b.in.String()) })
	before := last.certs.Value.Expiries()
	for _, c := range g.certs.Value.Expiries() {
		if !slices.ContainsFunc(before, func(b certs.Expiry) bool { return b.Until.Equal(c.Until) && slices.Equal(b.Names, c.Names) }) {
			n.expires = append(n.expires, c)
		}
	}
	return n
}

// logNews logs what was taken over of what may have changed.
func (p *POP) logNews(n news, of change, begin time.Time) {
	after := time.Since(begin).Round(time.Millisecond)
	if of.files && (n.zones || of.asked) {
		p.reporter.reportAll(n.each)
		for _, text := range n.fallen {
			p.log.Warn(text, "effect", "who compares serial numbers does not notice the change")
		}
		debug.FreeOSMemory()
		if !of.asked {
			p.manager.Status(p.current.status())
		}
		p.log.Info("reloaded", "zones", p.current.status(), "databases", databaseNames(p.current.Databases()), "after", after)
	}
	if p.web == nil {
		return
	}
	for _, site := range n.sites {
		p.log.Info("published", "site", site.in.String(), "pages", pagesOf(site), "after", after)
	}
	for _, c := range n.expires {
		p.log.Info("certificate taken over", "for", strings.Join(c.Names, " "), "until", c.Until.UTC())
	}
}
