package pop

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/zones"
)

const (
	// proofTime is how long a POP shows what another has to prove that says nothing more of it: it is dead, and so is its order.
	proofTime = 5 * time.Minute
	// longestProof is how long a POP shows the same thing, however often it is told: some orders' time. What is no order's must not
	// stay in a zone.
	longestProof = 15 * time.Minute
	// mostProofs of a POP are those of an order, and of a second one that is not over everywhere.
	mostProofs = 200
)

// others are what another POP has to prove.
type others struct {
	number uint64
	shown  map[cluster.Proof]time.Time // since when
	list   []cluster.Proof
	end    *time.Timer // when it was not heard of any more
}

// wants says for which names there are to be certificates, by what is served from now on.
func (p *proofs) wants(names []string) {
	hosts := map[string]bool{}
	for _, name := range names {
		hosts[strings.TrimPrefix(name, "*.")] = true
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	p.hosts = hosts
}

// isWanted says whether there is to be a certificate for a host.
func (p *proofs) isWanted(host string) bool {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.hosts[host]
}

// show shows what another POP has to prove, as far as it can be that: a POP in the wrong hands must not write into our zones.
func (p *proofs) show(by string, number uint64, list []cluster.Proof) error {
	if len(list) > mostProofs {
		return fmt.Errorf("%d records are more than an order has", len(list))
	}
	list, wrong := p.fitting(list)
	return errors.Join(wrong, p.showFitting(by, number, list))
}

// showFitting shows what another POP has to prove and can be that.
func (p *proofs) showFitting(by string, number uint64, list []cluster.Proof) error {
	p.lock.Lock()
	defer p.lock.Unlock()
	last := p.of[by]
	if last != nil {
		if number < last.number {
			return nil
		}
		last.end.Stop()
	}
	now := time.Now()
	next := &others{number: number, shown: map[cluster.Proof]time.Time{}}
	for _, one := range list {
		since := now
		if last != nil && !last.shown[one].IsZero() {
			since = last.shown[one]
		}
		if next.shown[one].IsZero() && now.Sub(since) < longestProof {
			next.list = append(next.list, one)
		}
		next.shown[one] = since
	}
	next.end = time.AfterFunc(proofTime, func() { p.forget(by, next) })
	p.of[by] = next
	return p.lay(by)
}

// forget takes away what another POP had to prove, unless it has said something else since.
func (p *proofs) forget(by string, what *others) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.of[by] == what {
		delete(p.of, by)
		p.lay("")
	}
}

// fitting are those of another POP's records that can be proofs, and what is wrong with the first of the others.
func (p *proofs) fitting(list []cluster.Proof) (fit []cluster.Proof, wrong error) {
	var places map[string]bool
	for _, one := range list {
		one.Owner = strings.ToLower(strings.TrimSuffix(one.Owner, "."))
		why := ""
		if !isProof(one.Value) {
			why = "is no proof for an authority (RFC 8555, 8.4)"
		} else if !p.isPlace(one.Owner, &places) {
			why = "is for none of the names that certificates are ordered for here"
		}
		if why == "" {
			fit = append(fit, one)
		} else if wrong == nil {
			wrong = fmt.Errorf("what is to be shown at %q %s", one.Owner, why)
		}
	}
	return fit, wrong
}

// isProof says whether a text is what an authority looks for: a hash by SHA-256 (RFC 8555, 8.4).
func isProof(value string) bool {
	hash, err := base64.RawURLEncoding.Strict().DecodeString(value)
	return err == nil && len(hash) == 32 && len(value) == 43 // no line ends in it
}

// isPlace says whether the proof for one of the hosts may lie at a name: its own place, or where the CNAME of that leads. Places are
// looked for but once, when there is need to.
func (p *proofs) isPlace(owner string, places *map[string]bool) bool {
	if host, ok := strings.CutPrefix(owner, "_acme-challenge."); ok && p.isWanted(host) {
		return true
	}
	p.lock.Lock()
	hosts := p.hosts
	p.lock.Unlock()
	if *places == nil {
		*places = map[string]bool{}
		ctx, done := context.WithTimeout(context.Background(), lookTime)
		defer done()
		var lock sync.Mutex
		var looking sync.WaitGroup
		free := make(chan struct{}, mostAskers)
		for host := range hosts {
			free <- struct{}{}
			looking.Go(func() {
				defer func() { <-free }()
				at, _, err := p.follow("_acme-challenge."+host, func(name string) string { return p.aliases.of(ctx, p, name) })
				if err == nil {
					lock.Lock()
					defer lock.Unlock()
					(*places)[zones.NameText(at)] = true
				}
			})
		}
		looking.Wait()
	}
	return (*places)[owner]
}

// aliases are CNAMEs of names elsewhere, as they were a moment ago: what another POP says must not have us ask the world all day.
type aliases struct {
	lock  sync.Mutex
	known map[string]alias
}

type alias struct {
	to string // "": there is none
	at time.Time
}

const (
	// aliasTime is how long a CNAME is taken to lead where it did, or to be missing.
	aliasTime = 10 * time.Second
	// mostKnown bounds the memory.
	mostKnown = 10000
)

func (a *aliases) of(ctx context.Context, p *proofs, name string) string {
	a.lock.Lock()
	found := a.known[name]
	a.lock.Unlock()
	if since := time.Since(found.at); since >= 0 && since < aliasTime {
		return found.to
	}
	if ctx.Err() != nil {
		return ""
	}
	found = alias{p.world.Alias(ctx, name), time.Now()}
	a.lock.Lock()
	defer a.lock.Unlock()
	if a.known == nil || len(a.known) >= mostKnown {
		a.known = map[string]alias{}
	}
	a.known[name] = found
	return found.to
}
