package pop

import (
	"context"
	"slices"

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
	var list []standing
	for _, one := range records {
		owner, apex, err := p.follow(one.Owner, func(string) string { return "" })
		if err == nil {
			list = append(list, standing{one, owner, apex})
		}
	}
	alike := slices.EqualFunc(list, p.standing, func(a, b standing) bool {
		return a.Record == b.Record && string(a.owner) == string(b.owner) && string(a.apex) == string(b.apex)
	})
	if alike {
		return
	}
	p.standing = list
	p.lay("") // what does not fit over its zone is missed when it is waited for
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

// Texts are those of a name that the world finds.
func (p *proofs) Texts(ctx context.Context, owner string) ([]string, error) {
	return p.world.Texts(ctx, owner)
}
