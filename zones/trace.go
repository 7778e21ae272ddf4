package zones

import (
	"encoding/binary"
	"fmt"
	"slices"

	"tinycdn/zones/rr"
)

// Step is what leads from a name on to another, or to the records of a wildcard.
type Step struct {
	Name   string `json:"name"`
	By     string `json:"by"`               // "CNAME", "DNAME" or "wildcard"
	Owner  string `json:"owner"`            // whose record that is: the name itself, a name above it, or a wildcard
	Target string `json:"target,omitempty"` // the name to go on with; left out: this one, by the wildcard's own records
}

func (s Step) String() string {
	switch {
	case s.By == "wildcard":
		return fmt.Sprintf("%s is made by the wildcard %s", s.Name, s.Owner)
	case s.By == "DNAME":
		return fmt.Sprintf("%s becomes %s (DNAME of %s)", s.Name, s.Target, s.Owner)
	case s.Owner != s.Name:
		return fmt.Sprintf("%s is an alias (CNAME of the wildcard %s) of %s", s.Name, s.Owner, s.Target)
	}
	return fmt.Sprintf("%s is an alias (CNAME) of %s", s.Name, s.Target)
}

// maxSteps is how far a chain is followed. Resolvers give up sooner: BIND and Unbound after 11 aliases.
const maxSteps = 16

// trace follows the name of q to the geo name that it leads to, and puts the steps and what is there into e. Where it leads
// to none, the error says what is there instead. It goes the way of Answer, without a thought of speed.
func (s *Snapshot) trace(q *Question, e *Explanation) error {
	for len(e.Steps) < maxSteps {
		q.split()
		e.Target = NameText(q.Name[:q.NameLen])
		if slices.ContainsFunc(e.Steps, func(step Step) bool { return step.Name == e.Target }) {
			return fmt.Errorf("%s was passed before: the aliases go in a circle, and nobody gets an address", e.Target)
		}
		z, apex := s.enclosing(q)
		switch {
		case z == nil && len(e.Steps) > 0:
			return fmt.Errorf("%s is in none of the zones served here: other nameservers say where it is", e.Target)
		case z == nil:
			return fmt.Errorf("%s is in none of the zones served here", e.Target)
		case z.zone == nil:
			return fmt.Errorf("zone %s, which %s is in, could not be loaded", NameText(z.apex), e.Target)
		}
		e.Zone = NameText(z.apex)
		leadsOn, err := z.step(q, apex, e)
		if err != nil || !leadsOn {
			return err
		}
	}
	return fmt.Errorf("the aliases go on after %s, further than any resolver follows", e.Target)
}

// step does one step of trace: what the zone says of q's name. If that leads on to another name, this becomes q's.
func (z *zoneEntry) step(q *Question, apex int, e *Explanation) (leadsOn bool, err error) {
	m := &z.zone.image
	n, k := m.closest(q, apex)
	owner := q.Name[q.start[k]:q.NameLen]
	step := Step{Name: e.Target, By: "CNAME", Owner: NameText(owner)}
	switch {
	case n.flags&isCut != 0:
		return false, fmt.Errorf("%s is not in zone %s but delegated, with %s, to other nameservers", e.Target, e.Zone, step.Owner)
	case k > 0 && n.flags&isDNAME != 0:
		step.By = "DNAME"
		return true, q.leadOn(int(q.start[k]), targetOf(m, &n, rr.TypeDNAME), step, e)
	case k > 0 && n.flags&hasWildcard != 0:
		n = m.node(n.wildcard)
		step.Owner = NameText(append([]byte("\x01*"), owner...))
	case k > 0:
		return false, fmt.Errorf("%s does not exist in zone %s", e.Target, e.Zone)
	}
	if n.flags&isAlias != 0 {
		return true, q.leadOn(0, targetOf(m, &n, rr.TypeCNAME), step, e)
	}
	if k > 0 {
		step.By = "wildcard"
		e.Steps = append(e.Steps, step)
	}
	if n.flags&isGeo != 0 {
		e.Map, e.TTL = z.zone.maps[n.geoMap], n.geoTTL
		if s := z.own.signer(); s != nil {
			e.Signed = &Signed{Key: s.Key.Tag}
			e.Signed.From, e.Signed.Until = s.Valid(z.own.denials.geo[m.geo(&n)].owner)
		}
		return false, nil
	}
	for _, typ := range []uint16{rr.TypeA, rr.TypeAAAA} {
		if _, has := m.answer(&n, typ); has {
			return false, fmt.Errorf("%s is not a geo name: everybody gets the same answer", e.Target)
		}
	}
	return false, fmt.Errorf("%s has no addresses", e.Target)
}

// targetOf is the name in a node's one record of a type that holds nothing else, and that no packing compresses.
func targetOf(m *image, n *node, typ uint16) []byte {
	p, _ := m.answer(n, typ)
	return rr.Lowered(p.body[12 : 12+binary.BigEndian.Uint16(p.body[10:])])
}

// leadOn puts target behind the first octets of q's name, and the step into e.
func (q *Question) leadOn(octets int, target []byte, step Step, e *Explanation) error {
	if octets+len(target) > rr.MaxName {
		return fmt.Errorf("%s becomes a name of more than %d octets, by the DNAME of %s: nobody gets an answer", e.Target, rr.MaxName, step.Owner)
	}
	q.NameLen = octets + copy(q.Name[octets:], target)
	step.Target = NameText(q.Name[:q.NameLen])
	e.Steps = append(e.Steps, step)
	return nil
}
