package pop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"tinycdn/cmd/tinycdn/delegation"
	"tinycdn/zones"
	"tinycdn/zones/zonefile"
)

// proofs are the records by which authorities see that names are ours (RFC 8555, 8.4). They lie over our zones for as long as an
// order takes.
type proofs struct {
	store *zones.Store
	world *delegation.World

	lock sync.Mutex
	laid map[string][]zonefile.Record // by the zone's apex
}

func newProofs(store *zones.Store, world *delegation.World) *proofs {
	return &proofs{store: store, world: world, laid: map[string][]zonefile.Record{}}
}

const (
	// proofTTL is short: a resolver that has the last order's must not keep it for the next.
	proofTTL = 5
	// mostAliases is how many CNAMEs are followed to where a proof is to lie.
	mostAliases = 8
	// lookTime is how long the world may take to say where a name leads.
	lookTime = 10 * time.Second
)

var errElsewhere = errors.New("no zone here has it")

// locate is where the proof for a name is to lie, and in which zone: where its CNAME leads, if it has one.
func (p *proofs) locate(ctx context.Context, name string) (owner, apex []byte, err error) {
	owner, err = zones.Name("_acme-challenge." + name)
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
		alias := p.world.Alias(ctx, zones.NameText(owner))
		if alias == "" {
			return nil, nil, errElsewhere
		}
		owner, err = zones.Name(alias)
	}
	return nil, nil, fmt.Errorf("the CNAMEs of _acme-challenge.%s lead on and on", name)
}

// Ours says whether a zone here has the name of the proof.
func (p *proofs) Ours(name string) bool {
	ctx, done := context.WithTimeout(context.Background(), lookTime)
	defer done()
	_, _, err := p.locate(ctx, name)
	return err == nil
}

// Present lays the proof for a name over its zone.
func (p *proofs) Present(ctx context.Context, name, value string) error {
	owner, apex, err := p.locate(ctx, name)
	if err != nil {
		return fmt.Errorf("_acme-challenge.%s: %w", name, err)
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	before := p.laid[string(apex)]
	p.laid[string(apex)] = append(slices.Clip(before), zones.Text(owner, proofTTL, value))
	if err := p.lay(apex); err != nil {
		p.laid[string(apex)] = before
		return err
	}
	return nil
}

// Withdraw takes the proof for a name away.
func (p *proofs) Withdraw(name, value string) {
	data := zones.Texts(value) // which no other name's proof has
	p.lock.Lock()
	defer p.lock.Unlock()
	for apex, records := range p.laid {
		rest := slices.DeleteFunc(slices.Clone(records), func(r zonefile.Record) bool { return bytes.Equal(r.Data, data) })
		if len(rest) == len(records) {
			continue
		}
		if p.laid[apex] = rest; len(rest) == 0 {
			delete(p.laid, apex)
		}
		p.lay([]byte(apex)) // what fails is that the zone is gone, and the record with it
	}
}

// lay lays over a zone what there is for it.
func (p *proofs) lay(apex []byte) error {
	return p.store.Update(func(d *zones.Draft) error { return d.SetOverlay(apex, p.laid[string(apex)]) })
}

// Await waits until all nameservers that the world asks have the proof.
func (p *proofs) Await(ctx context.Context, name, value string) error {
	owner, apex, err := p.locate(ctx, name)
	if err != nil {
		return fmt.Errorf("_acme-challenge.%s: %w", name, err)
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
