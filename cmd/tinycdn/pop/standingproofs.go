package pop

import (
	"context"
	"slices"
	"sync"
	"time"

	"tinycdn/webserver/acme"
)

// wish is what certificates are wanted by.
type wish struct {
	config *acme.Config
	wanted []acme.Wanted
}

// layStanding lays the records that prove names for good: each POP knows them from the accounts that all share, and by itself from the
// configuration.
func (p *POP) layStanding() {
	b, w := p.ordering.bundle.Load(), p.ordering.wish.Load()
	if b == nil || w == nil {
		return
	}
	p.ordering.proofs.stand(acme.Standing(b, w.config, w.wanted))
}

// stand has records lie over zones here, as far as they have their places in them, until it is told others.
func (p *proofs) stand(records []acme.Record) {
	p.lock.Lock()
	defer p.lock.Unlock()
	isNew := !slices.Equal(p.wished, records)
	p.wished = records
	if !p.layStanding() && isNew {
		select {
		case p.look <- struct{}{}:
		default:
		}
	}
}

// layStanding lays the records that are to stand, and says whether there is a place here for each. The lock is held.
func (p *proofs) layStanding() (all bool) {
	var list []standing
	for _, one := range p.wished {
		owner, apex, err := p.follow(one.Owner, func(name string) string { return p.leads[name] })
		if err == nil {
			list = append(list, standing{one, owner, apex})
		}
	}
	all = len(list) == len(p.wished)
	alike := slices.EqualFunc(list, p.standing, func(a, b standing) bool {
		return a.Record == b.Record && string(a.owner) == string(b.owner) && string(a.apex) == string(b.apex)
	})
	if !alike {
		p.standing = list
		p.lay(ownLayer) // what does not fit over its zone is missed when it is waited for
	}
	return all
}

// leadAgain is how often it is looked where CNAMEs lead: somebody may have laid one since.
const leadAgain = 10 * time.Minute

// followStanding lays records that are to stand where CNAMEs of names elsewhere lead into a zone here, until ctx ends.
func (p *proofs) followStanding(ctx context.Context) error {
	tick := time.NewTicker(leadAgain)
	defer tick.Stop()
	for {
		select {
		case <-p.look:
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		p.lock.Lock()
		wished := p.wished
		p.lock.Unlock()
		var asking sync.WaitGroup
		free := make(chan struct{}, mostAskers)
		for _, one := range wished {
			free <- struct{}{}
			asking.Go(func() {
				defer func() { <-free }()
				p.lead(ctx, one.Owner)
			})
		}
		asking.Wait()
		p.lock.Lock()
		p.layStanding()
		p.lock.Unlock()
	}
}

// lead looks where the CNAME of a name leads. What is known holds while the world does not say.
func (p *proofs) lead(ctx context.Context, owner string) {
	within, done := context.WithTimeout(ctx, lookTime)
	defer done()
	p.follow(owner, func(name string) string {
		to := p.world.Alias(within, name)
		p.lock.Lock()
		defer p.lock.Unlock()
		if to != "" && (len(p.leads) < mostKnown || p.leads[name] != "") {
			p.leads[name] = to
		}
		return p.leads[name]
	})
}

// Standing are the records that stay of a name.
func (p *proofs) Standing(owner string) (values []string) {
	p.lock.Lock()
	defer p.lock.Unlock()
	for _, one := range p.standing {
		if one.Owner == owner {
			values = append(values, one.Value)
		}
	}
	return values
}

// Texts are those of a name that the world finds. Where its CNAME leads into a zone here, there is what stands from now on.
func (p *proofs) Texts(ctx context.Context, owner string) ([]string, error) {
	p.lead(ctx, owner)
	p.lock.Lock()
	p.layStanding()
	p.lock.Unlock()
	if texts := p.Standing(owner); len(texts) > 0 {
		return texts, nil
	}
	return p.world.Texts(ctx, owner)
}
