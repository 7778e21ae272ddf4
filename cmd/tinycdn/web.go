package main

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/webserver"
	"tinycdn/webserver/certs"
	"tinycdn/webserver/origin"
	"tinycdn/zones/diag"
)

// webLoader reads the sites and the certificates of a configuration. It remembers what it read, so that next time only
// what was touched is read again.
type webLoader struct {
	pop  string       // the name of this POP
	log  *slog.Logger // for what sites have to tell while they serve; nil: the default one
	last webState

	connections origin.Connections // of all sites with an origin; nil: each has some
}

// webState is the sites and certificates as one walk through the files found them.
type webState struct {
	config *config.Config
	sites  map[string]*siteState // by name
	certs  certState
}

// certState is the certificates and what their files were like.
type certState struct {
	pairs  []certs.Pair
	read   time.Time
	stamps diag.Files
	diag.Loaded[*certs.Store]
}

// read reads what has changed, or with again everything. Unless the files of the sites have settled, only such sites are
// read whose configuration has changed. It changes nothing: adopt does.
func (l *webLoader) read(c *config.Config, again, settled bool) *webState {
	next := &webState{config: c, sites: map[string]*siteState{}, certs: l.last.certs.next(c.Web.Certs, again)}
	for i := range c.Sites {
		config := &c.Sites[i]
		site := l.last.sites[config.Name]
		if site == nil || again || !reflect.DeepEqual(site.config, *config) || settled && (site.stamps == nil || !site.stamps.Unchanged()) {
			site = l.readSite(config, site)
		}
		next.sites[config.Name] = site
	}
	return next
}

func (l *webLoader) adopt(next *webState) { l.last = *next }

// judgeAgain is how often certificates are looked at even if their files stay as they are: they expire.
const judgeAgain = time.Hour

func (s *certState) next(pairs []certs.Pair, again bool) certState {
	now := time.Now()
	if !again && s.Value != nil && slices.Equal(s.pairs, pairs) && s.stamps.Unchanged() && now.Sub(s.read) < judgeAgain {
		return *s
	}
	list := make([]certs.Pair, len(pairs))
	for i, p := range pairs {
		list[i] = certs.Pair(p)
	}
	loaded := certs.Load(list, s.Value, now)
	return certState{pairs: pairs, read: now, stamps: loaded.Files, Loaded: loaded}
}

// problems are all that were found, in the order of the configuration.
func (s *webState) problems() (all []diag.Problem) {
	for i := range s.config.Sites {
		all = append(all, s.sites[s.config.Sites[i].Name].problems...)
	}
	return append(all, s.certs.Problems...)
}

// notes are what is odd, but no mistake.
func (s *webState) notes() (all []diag.Problem) {
	for i := range s.config.Sites {
		all = append(all, s.sites[s.config.Sites[i].Name].notes...)
	}
	return slices.Concat(all, s.certs.Notes, s.uncovered())
}

// uncovered are the hosts that HTTP leads to HTTPS for, without a certificate that names them.
func (s *webState) uncovered() (all []diag.Problem) {
	if s.certs.Value.Empty() || !s.config.Web.HTTPSRedirect {
		return nil
	}
	for i := range s.config.Sites {
		site := &s.config.Sites[i]
		for _, host := range site.Hosts {
			if host != "*" && !s.certs.Value.Covers(host) {
				all = append(all, s.config.Problem(config.At("sites", site.Name, "hosts"), "%s is in no certificate, so that browsers will warn of it", host))
			}
		}
	}
	return all
}

// tryPages makes every page, and tells what that shows: links within the sites that lead nowhere. What is odd, but no
// mistake, is among the notes from then on.
func (s *webState) tryPages() (all []diag.Problem) {
	for i := range s.config.Sites {
		state := s.sites[s.config.Sites[i].Name]
		if checker, ok := state.site.(interface{ Check() []diag.Problem }); ok {
			all = append(all, checker.Check()...)
		}
		if checker, ok := state.site.(interface{ CheckNotes() []diag.Problem }); ok {
			state.notes = append(state.notes, checker.CheckNotes()...)
		}
	}
	return all
}

// servings are the sites as the page server wants them.
func (s *webState) servings() (list []webserver.Serving) {
	for i := range s.config.Sites {
		c := &s.config.Sites[i]
		site := s.sites[c.Name]
		list = append(list, webserver.Serving{
			Name: c.Name, Hosts: c.Hosts, Canonical: c.Canonical, Redirects: c.Redirects, Headers: c.Headers,
			Site: site.site, Since: site.since,
		})
	}
	return list
}

// folders are those in which a change may concern a site. Roots are the sites' own, be they there or not, and where they
// lead as symbolic links: what goes there may come again.
func (s *webState) folders() (list, roots []string) {
	for _, site := range s.sites {
		for _, root := range []string{site.config.Pages, site.config.Root} {
			if root == "" {
				continue
			}
			roots = append(roots, root)
			if target, err := os.Readlink(root); err == nil {
				if !filepath.IsAbs(target) {
					target = filepath.Join(filepath.Dir(root), target)
				}
				roots = append(roots, target)
				list = append(list, filepath.Dir(target))
			}
		}
		for path, info := range site.stamps {
			if info != nil && info.IsDir() {
				list = append(list, path)
			}
		}
	}
	return list, roots
}

// published names the sites that are not what they were in last.
func (s *webState) published(last *webState) (list []*siteState) {
	for _, name := range slices.Sorted(maps.Keys(s.sites)) {
		if before := last.sites[name]; before == nil || before.site != s.sites[name].site {
			list = append(list, s.sites[name])
		}
	}
	return list
}

// tender looks after applications: while one is away, somebody has to see when it comes back.
type tender struct {
	work sync.WaitGroup
	ends map[*origin.Site]context.CancelFunc
}

// drainTime is how long a site that is gone from the configuration may take to answer what it was asked before.
const drainTime = 30 * time.Second

// tend makes these the applications that are looked after.
func (t *tender) tend(ctx context.Context, s *webState) {
	wanted := map[*origin.Site]bool{}
	for _, state := range s.sites {
		if site, ok := state.site.(*origin.Site); ok {
			wanted[site] = true
		}
	}
	for site, end := range t.ends {
		if !wanted[site] {
			end()
			delete(t.ends, site)
			time.AfterFunc(drainTime, site.Close)
		}
		delete(wanted, site)
	}
	for site := range wanted {
		ctx, end := context.WithCancel(ctx)
		if t.ends == nil {
			t.ends = map[*origin.Site]context.CancelFunc{}
		}
		t.ends[site] = end
		t.work.Go(func() { site.Run(ctx) })
	}
}

// end closes all of them.
func (t *tender) end() {
	for site, end := range t.ends {
		end()
		site.Close()
	}
	t.work.Wait()
}
