package setup

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"tinycdn/cmd/tinycdn/cluster/roster"
	"tinycdn/cmd/tinycdn/config"
)

// POP is one of tinycdn.toml, and its machine.
type POP struct {
	Name      string
	Machine   Machine
	Addresses []netip.AddrPort // at which the others find it
	Listen    []string         // where it listens for them; none: at the usual place

	Facts Facts
	Key   roster.Key
	Did   []string
	Up    time.Duration // from the start until it answered
	Deaf  error         // why it does not answer here, though it is in place
	Err   error         // why it is not in place
}

// POPs are those of a configuration with the names, or all of them.
func POPs(c *config.Config, names []string, ask bool) (list []*POP, err error) {
	for _, p := range c.POPs {
		if len(names) > 0 && !slices.Contains(names, p.Name) {
			continue
		}
		if err := roster.Valid(p.Name); err != nil {
			return nil, fmt.Errorf("%s: %w", c.Path(), err)
		}
		listen, ports := c.ChannelAt(p.Name)
		if len(ports) == 0 {
			ports = []string{"443"}
		}
		pop := &POP{Name: p.Name, Listen: listen, Machine: Machine{Host: c.SSH[p.Name], Ask: ask}}
		pop.Machine.Host = cmp.Or(pop.Machine.Host, "root@"+p.Addresses[0].String())
		for _, address := range p.Addresses {
			for _, port := range ports {
				n, err := strconv.ParseUint(port, 10, 16)
				if err != nil {
					return nil, fmt.Errorf("%s: cluster.listen: %q is no port", c.Path(), port)
				}
				pop.Addresses = append(pop.Addresses, netip.AddrPortFrom(address, uint16(n)))
			}
		}
		list = append(list, pop)
	}
	for _, name := range names {
		if !slices.ContainsFunc(list, func(p *POP) bool { return p.Name == name }) {
			return nil, fmt.Errorf("%s: there is no [pops.%s]", c.Path(), name)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: there are no [pops] to be set up", c.Path())
	}
	return list, nil
}

// Look probes the machines, one after the other, since ssh may ask about each.
func Look(ctx context.Context, pops []*POP) {
	for _, p := range pops {
		p.Facts, p.Err = p.Machine.Probe(ctx)
	}
}

// Task is what is to be done at all machines.
type Task struct {
	Owner    roster.PrivateKey
	Program  string // the path of this one
	NewOwner bool   // take POPs from another owner
	Replace  bool   // take a tinycdn that runs with files of its own

	// Leave has visitors leave a POP before its program is replaced; silent says that it will answer all the time. nil: nobody does
	Leave func(ctx context.Context, pop string, silent bool) error
}

// Plan is what has to be done for a POP, unless there is something against it.
func (t *Task) Plan(p *POP) (Plan, error) {
	w := Wish{Name: p.Name, Owner: t.Owner.Public(), Listen: p.Listen}
	err := w.Check(&p.Facts, t.NewOwner, t.Replace)
	if err == nil {
		w.Binary, err = FindBinary(t.Program, &p.Facts)
	}
	if err != nil {
		return Plan{}, err
	}
	return w.Plan(&p.Facts)
}

// UpTime is how long a POP may take until it answers: what it serves is loaded by then.
const UpTime = 20 * time.Second

// Put puts a POP in place, and waits until it is up.
func (t *Task) Put(ctx context.Context, p *POP) error {
	plan, err := t.Plan(p)
	if err != nil {
		return err
	}
	p.Did = plan.Does
	before := time.Time{}
	if p.Facts.Active && plan.Script != "" && p.Facts.Key != (roster.Key{}) {
		if row, err := Ask(ctx, t.Owner, p.Member(p.Facts.Key)); err == nil {
			before = row.Started
		}
	}
	if p.Key, err = p.Machine.Do(ctx, plan, &p.Facts); err != nil {
		return err
	}
	begin := time.Now()
	ctx, done := context.WithTimeout(ctx, UpTime)
	defer done()
	_, p.Deaf = Await(ctx, t.Owner, p.Member(p.Key), before)
	p.Up = time.Since(begin)
	return nil
}

// Member is the POP as a roster names it.
func (p *POP) Member(key roster.Key) roster.POP {
	return roster.POP{Name: p.Name, Key: key, Addresses: p.Addresses}
}

// PutAll puts all POPs in place at once, and has each told in the order of the list.
func (t *Task) PutAll(ctx context.Context, pops []*POP, tell func(*POP)) {
	ended := make([]chan struct{}, len(pops))
	var work sync.WaitGroup
	defer work.Wait()
	for i, p := range pops {
		ended[i] = make(chan struct{})
		work.Go(func() {
			defer close(ended[i])
			if p.Err == nil {
				p.Err = t.Put(ctx, p)
			}
		})
	}
	for i, p := range pops {
		<-ended[i]
		tell(p)
	}
}

// NewestRoster is the newest of the one here and those that the machines have; nil: there is none. One of another owner counts only
// where there is none here, and its owner's key is.
func NewestRoster(here *roster.Roster, pops []*POP, ownKey func(roster.Key) error) *roster.Roster {
	for _, p := range pops {
		if here == nil && len(p.Facts.Roster) > 0 {
			if r, err := roster.Read(p.Facts.Roster); err == nil && ownKey(r.Owner) == nil {
				here = r
			}
		}
	}
	for _, p := range pops {
		if here == nil {
			break
		}
		if next, ok := p.Facts.HasNewerRoster(here); ok {
			here = next
		}
	}
	return here
}

// Join is the roster after r, with the POPs that are in place; r itself if it says that already.
func Join(r *roster.Roster, pops []*POP) *roster.Roster {
	next := *r
	next.POPs = slices.Clone(r.POPs)
	changed := false
	for _, p := range pops {
		if p.Err != nil {
			continue
		}
		is := p.Member(p.Key)
		i := slices.IndexFunc(next.POPs, func(other roster.POP) bool { return other.Name == p.Name })
		switch {
		case i < 0:
			next.POPs, changed = append(next.POPs, is), true
		case next.POPs[i].Key != is.Key || !slices.Equal(next.POPs[i].Addresses, is.Addresses):
			next.POPs[i], changed = is, true
		}
	}
	if !changed {
		return r
	}
	next.Version++
	slices.SortFunc(next.POPs, func(a, b roster.POP) int { return cmp.Compare(a.Name, b.Name) })
	return &next
}

// Hand gives the roster to all POPs, those too that nothing was done at: over the channel, or through ssh.
func (t *Task) Hand(ctx context.Context, r *roster.Roster, signed []byte, pops []*POP) map[string]error {
	var mu sync.Mutex
	var work sync.WaitGroup
	wrong := map[string]error{}
	machines := map[string]*POP{}
	for _, p := range pops {
		machines[p.Name] = p
	}
	for _, member := range r.POPs {
		work.Go(func() {
			if err := t.handTo(ctx, member, r.Version, signed, machines[member.Name]); err != nil {
				mu.Lock()
				defer mu.Unlock()
				wrong[member.Name] = err
			}
		})
	}
	work.Wait()
	return wrong
}

func (t *Task) handTo(ctx context.Context, member roster.POP, version uint64, signed []byte, p *POP) error {
	row, err := Ask(ctx, t.Owner, member)
	if err == nil && row.Roster >= version {
		return nil
	}
	if err == nil {
		err = HandRoster(ctx, t.Owner, member, signed)
	}
	if err == nil || p == nil || p.Err != nil || ctx.Err() != nil {
		return err
	}
	if p.Facts.Roster != nil && string(p.Facts.Roster) == string(signed) {
		return nil // it has it, and its channel cannot be reached from here
	}
	return p.Machine.PutRoster(ctx, signed)
}

// Links are which POPs hear each other, once all of them have spoken. Those that are not there are not waited for.
func (t *Task) Links(ctx context.Context, r *roster.Roster, without []string) (known, unknown []string) {
	var there []roster.POP
	for _, p := range r.POPs {
		if !slices.Contains(without, p.Name) {
			there = append(there, p)
		}
	}
	ctx, done := context.WithTimeout(ctx, UpTime)
	defer done()
	for {
		known, unknown = t.links(ctx, there)
		if len(unknown) == 0 {
			return known, nil
		}
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
			return known, unknown
		}
	}
}

func (t *Task) links(ctx context.Context, pops []roster.POP) (known, unknown []string) {
	errs := map[string]error{}
	for i, a := range pops {
		row, err := Ask(ctx, t.Owner, a)
		for _, b := range pops[i+1:] {
			link, heard := row.Hears[b.Name]
			switch {
			case err != nil:
				errs[a.Name] = fmt.Errorf("%s does not answer here: %w", a.Name, err)
			case !heard || link.Error != "" || link.RTT == 0:
				unknown = append(unknown, fmt.Sprintf("%s does not hear %s: %s", a.Name, b.Name, cmp.Or(link.Error, "it has not tried yet")))
			default:
				known = append(known, fmt.Sprintf("%s-%s %d ms", a.Name, b.Name, (link.RTT+time.Millisecond/2).Milliseconds()))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(errs)) {
		unknown = append(unknown, errs[name].Error())
	}
	return known, unknown
}

// Did is what was done, in a few words.
func Did(done []string) string {
	if len(done) == 0 {
		return "nothing changed"
	}
	return strings.Join(done, ", ")
}
