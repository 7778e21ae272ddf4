package zones

import (
	"tinycdn/geoip"
	"tinycdn/zones/rr"
)

// ahead is what is known of a question before it is answered.
type ahead struct {
	snapshot *Snapshot // that was looked into; nil: none
	zone     *zoneEntry
	apex     int

	node  uint32       // where the node of the name likely stands; 0: no such name
	table *geoip.Table // that the answer comes from; nil: from none
	value uint16       // in it; kept so that it is read
}

// Ahead looks at what the answers to these questions will read, at each step for all of them: what no cache holds is then fetched for
// many at once, and not for one after the other. It changes no answer. Each of them may be asked of s afterwards, once.
func (s *Snapshot) Ahead(questions []*Question) {
	for _, q := range questions {
		q.split()
		z, apex := s.enclosing(q)
		q.ahead = ahead{snapshot: s, zone: z, apex: apex}
		if z != nil && z.zone != nil {
			q.ahead.node = z.zone.image.likely(q.hash[0])
		}
	}
	for _, q := range questions {
		if a := &q.ahead; a.node != 0 {
			if n := a.zone.zone.image.node(a.node); n.flags&isGeo != 0 && (q.Type == rr.TypeA || q.Type == rr.TypeAAAA) {
				a.table = a.zone.maps[n.geoMap].family(q.Type).table
			}
		}
	}
	for _, q := range questions {
		if a := &q.ahead; a.table != nil {
			a.value = a.table.Touch(q.Client.subnet())
		}
	}
}

// subnet is who is to be told apart.
func (c *Client) subnet() geoip.Block {
	if c.HasSubnet {
		return c.Subnet
	}
	return c.Resolver
}

// place gives the zone that q's name is in, and the label where its own name begins, with the name taken apart.
func (s *Snapshot) place(q *Question) (z *zoneEntry, apex int) {
	if q.ahead.snapshot == s {
		z, apex = q.ahead.zone, q.ahead.apex
		q.ahead = ahead{}
		return z, apex
	}
	q.split()
	return s.enclosing(q)
}

// likely gives where the node of a name stands, if the first slot for its hash has one with that tag.
func (m *image) likely(hash uint64) (at uint32) {
	s := m.slots[hash>>(m.shift&63)&uint64(len(m.slots)-1)]
	if s.tag != uint32(hash) {
		return 0
	}
	return s.at
}
