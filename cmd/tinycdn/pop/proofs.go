package pop

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/delegation"
	"tinycdn/webserver/acme"
	"tinycdn/zones"
	"tinycdn/zones/zonefile"
)

// proofs are the records by which authorities see that names are ours (RFC 8555, 8.4). They lie over our zones for as long as an
// order takes: those of this POP's orders, and those of others' in its cluster.
type proofs struct {
	store *zones.Store
	world *delegation.World
	tell  func([]cluster.Proof) // the other POPs; nil: there are none

	lock sync.Mutex
	own  []cluster.Proof
	of   map[string]*others // by POP
	laid map[string]bool    // the zones that something lies over, by apex

	standing []standing        // of this POP's certificates: it knows by itself what other POPs know
	wished   []acme.Record     // that are to stand, be there a place for them here or not
	leads    map[string]string // where the CNAMEs of their names lead that are elsewhere
	look     chan struct{}     // has one in it while it is to be looked where they lead

	hosts   map[string]bool // that certificates are wanted for: other POPs may prove no others
	aliases aliases         // of them, as the world has it
}

func newProofs(store *zones.Store, world *delegation.World) *proofs {
	return &proofs{store: store, world: world, of: map[string]*others{}, laid: map[string]bool{}, leads: map[string]string{}, look: make(chan struct{}, 1)}
}

const (
	// proofTTL is short: a resolver that has the last order's must not keep it for the next.
	proofTTL = 5
	// standingTTL is that of records that stay, as of others in a zone.
	standingTTL = 300
	// mostAliases is how many CNAMEs are followed to where a proof is to lie.
	mostAliases = 8
	// lookTime is how long the world may take to say where a name leads.
	lookTime = 10 * time.Second
)

var errElsewhere = errors.New("no zone here has it")

// standing is a record that stays, where it was wanted, and where it lies.
type standing struct {
	acme.Record
	owner, apex []byte
}

// locate is where a record is to lie, and in which zone: where the CNAME of its name leads, if it has one.
func (p *proofs) locate(ctx context.Context, name string) (owner, apex []byte, err error) {
	return p.follow(name, func(name string) string { return p.world.Alias(ctx, name) })
}

// follow is where a record is to lie if that is where CNAMEs lead of names that are in no zone here.
func (p *proofs) follow(name string, elsewhere func(name string) string) (owner, apex []byte, err error) {
	owner, err = zones.Name(name)
	for range mostAliases {
		if err != nil {
			return nil, nil, err
		}
		at := p.store.Current().Locate(owner)
		switch {
		case at.Alias != nil:
			owner = at.Alias
			continue
		case at.Apex != nil && !at.Delegated:
			return owner, at.Apex, nil
		}
		alias := elsewhere(zones.NameText(owner))
		if alias == "" {
			return nil, nil, errElsewhere
		}
		owner, err = zones.Name(alias)
	}
	return nil, nil, fmt.Errorf("the CNAMEs of %s lead on and on", name)
}

// Ours says whether a zone here has the name of a record.
func (p *proofs) Ours(name string) bool {
	ctx, done := context.WithTimeout(context.Background(), lookTime)
	defer done()
	_, _, err := p.locate(ctx, name)
	return err == nil
}

// Present lays the proof for a name over its zone, at every POP.
func (p *proofs) Present(ctx context.Context, name, value string) error {
	owner, _, err := p.locate(ctx, name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	before := p.own
	p.own = append(slices.Clip(before), cluster.Proof{Owner: zones.NameText(owner), Value: value})
	if err := p.lay(""); err != nil {
		p.own = before
		p.lay("")
		return err
	}
	p.tellOthers()
	return nil
}

// Withdraw takes the proof for a name away.
func (p *proofs) Withdraw(_, value string) { // which no other name's proof has
	p.lock.Lock()
	defer p.lock.Unlock()
	p.own = slices.DeleteFunc(slices.Clone(p.own), func(one cluster.Proof) bool { return one.Value == value })
	p.lay("") // what fails is that the zone is gone, and the record with it
	p.tellOthers()
}

func (p *proofs) tellOthers() {
	if p.tell != nil {
		p.tell(p.own)
	}
}

// layer is what lies over a zone because of one POP; ownLayer and standingLayer are those of this one.
type layer struct {
	by      string
	records []zonefile.Record
}

const (
	ownLayer      = ""
	standingLayer = "what stays" // no POP has a name with a space in it
)

// lay lays all that is to be proved over the zones it belongs to, and nothing over the others. It says what of one POP's cannot be
// there; ownLayer is this one. The lock is held.
func (p *proofs) lay(of string) (wrong error) {
	now := map[string][]layer{} // ours go first
	for apex := range p.laid {
		now[apex] = nil
	}
	add := func(by, apex string, record zonefile.Record) {
		if n := len(now[apex]); n == 0 || now[apex][n-1].by != by {
			now[apex] = append(now[apex], layer{by: by})
		}
		last := &now[apex][len(now[apex])-1]
		last.records = append(last.records, record)
	}
	addProofs := func(by string, list []cluster.Proof) {
		for _, one := range list {
			owner, err := zones.Name(one.Owner)
			var apex string
			if err == nil {
				apex = string(p.store.Current().Locate(owner).Apex)
			}
			if apex != "" {
				add(by, apex, zones.Text(owner, proofTTL, one.Value))
			} else if by == of {
				wrong = fmt.Errorf("%s: %w", one.Owner, errElsewhere)
			}
		}
	}
	addProofs(ownLayer, p.own)
	for _, one := range p.standing {
		add(standingLayer, string(one.apex), zones.Text(one.owner, standingTTL, one.Value))
	}
	for by, others := range p.of {
		addProofs(by, others.list)
	}
	p.laid = map[string]bool{}
	for apex, layers := range now {
		if err := p.cover(apex, layers)[of]; err != nil {
			wrong = err
		}
		if len(layers) > 0 {
			p.laid[apex] = true
		}
	}
	return wrong
}

// cover lays layers over a zone, and says of which do not fit why. What one of them has wrong must not take away the others: a POP may
// have another generation, or be in the wrong hands.
func (p *proofs) cover(apex string, layers []layer) (unfit map[string]error) {
	set := func(records []zonefile.Record) error {
		return p.store.Update(func(d *zones.Draft) error { return d.SetOverlay([]byte(apex), records) })
	}
	var all []zonefile.Record
	for _, one := range layers {
		all = append(all, one.records...)
	}
	if set(all) == nil {
		return nil
	}
	unfit = map[string]error{}
	var fit []zonefile.Record
	for _, one := range layers {
		more := append(slices.Clip(fit), one.records...)
		if err := set(more); err != nil {
			unfit[one.by] = err
		} else {
			fit = more
		}
	}
	if len(fit) == 0 {
		set(nil)
	}
	return unfit
}

// Await waits until all nameservers that the world asks have the proof.
func (p *proofs) Await(ctx context.Context, name, value string) error {
	owner, apex, err := p.locate(ctx, name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	var ours []string
	for _, data := range p.store.Current().Data(apex, typeNS) {
		ours = append(ours, strings.ToLower(zones.NameText(data)))
	}
	servers, err := p.world.Nameservers(ctx, zones.NameText(apex), ours)
	if err != nil {
		return err
	}
	return p.world.Await(ctx, servers, zones.NameText(owner), value)
}

const typeNS = 2
