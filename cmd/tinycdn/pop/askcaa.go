package pop

import (
	"context"
	"strings"
	"sync"

	"tinycdn/cmd/tinycdn/delegation"
	"tinycdn/webserver/acme"
	"tinycdn/zones"
)

// mostAskers ask a resolver at a time: there may be a thousand names.
const mostAskers = 8

// Refusals are the names for which the authorities of the configuration would give no certificate, as the world has it: the CAA records
// are looked up as an authority does. Account is ours with one, by what CAA records call it; "": it is not known.
func (g *Generation) Refusals(ctx context.Context, world *delegation.World, account func(issuer string) string) []Refusal {
	l := &lookups{ctx: ctx, world: world, g: g, caa: map[string]*askedCAA{}, here: map[string]bool{}}
	if g.Config.ACME == nil || len(g.Config.ACME.Issuers()) == 0 {
		return nil
	}
	hosts := make(chan string)
	var asking sync.WaitGroup
	for range mostAskers {
		asking.Go(func() {
			for host := range hosts {
				acme.ClimbCAA(host, l.ask)
				l.provedHere(host)
			}
		})
	}
	for _, w := range g.Config.Certificates(g.certs.Value.Covers) {
		for _, name := range w.Names {
			hosts <- strings.TrimPrefix(name, "*.")
		}
	}
	close(hosts)
	asking.Wait()
	return g.refusals(caaAsker{l.ask, l.provedHere, account})
}

// lookups are what the world was asked, each once.
type lookups struct {
	ctx   context.Context
	world *delegation.World
	g     *Generation

	lock sync.Mutex
	caa  map[string]*askedCAA
	here map[string]bool
}

type askedCAA struct {
	once  sync.Once
	owner string
	set   []acme.CAA
	err   error
}

func (l *lookups) ask(name string) (owner string, set []acme.CAA, err error) {
	l.lock.Lock()
	a := l.caa[name]
	if a == nil {
		a = new(askedCAA)
		l.caa[name] = a
	}
	l.lock.Unlock()
	a.once.Do(func() {
		var found []delegation.CAA
		if a.owner, found, a.err = l.world.CAA(l.ctx, name); a.err == nil {
			for _, one := range found {
				a.set = append(a.set, acme.CAA(one))
			}
		}
	})
	return a.owner, a.set, a.err
}

// provedHere says whether the proof that a host is ours has its place in a zone here, be it by a CNAME elsewhere.
func (l *lookups) provedHere(host string) bool {
	l.lock.Lock()
	is, known := l.here[host]
	l.lock.Unlock()
	if known {
		return is
	}
	if is = l.g.provedHere(host); !is {
		alias, err := zones.Name(l.world.Alias(l.ctx, "_acme-challenge."+host))
		is = err == nil && len(alias) > 1 && l.g.zoneOf(alias) != nil
	}
	l.lock.Lock()
	l.here[host] = is
	l.lock.Unlock()
	return is
}
