package records

import (
	"bytes"
	"slices"
	"sort"

	"tinycdn/zones/rr"
)

// link is a name in the chain of those that there are, or its hash.
type link struct {
	owner  int // of the name
	hash   [rr.HashLen]byte
	record Record // NSEC or NSEC3
}

// checkChain checks that all names and no others hang together, and that what is said of their types is true: what is denied by mistake
// is gone for all who validate.
func (c *checker) checkChain() {
	if c.Signing.Hashing == nil {
		c.checkNames()
	} else {
		c.checkHashes()
	}
}

// checkNames checks the chain of NSEC.
func (c *checker) checkNames() {
	var chain []link
	for o := range c.Len() {
		if c.owners[o].first == 0 || c.Occluded(c.apex, o) {
			continue
		}
		list := c.Of(nil, o)
		set, rest := TakeSet(slices.Clone(list), rr.TypeNSEC)
		if len(set) != 1 {
			c.problem(&slices.Concat(set, rest)[0], "%s: has %d NSEC records, want one (sign the zone anew)", rr.NameText(c.Name(o)), len(set))
			continue
		}
		chain = append(chain, link{owner: o, record: set[0]})
	}
	slices.SortFunc(chain, func(a, b link) int { return rr.Compare(c.Name(a.owner), c.Name(b.owner)) })
	for i := range chain {
		l := &chain[i]
		want := c.Name(chain[(i+1)%len(chain)].owner)
		next, types := rr.SplitNSEC(l.record.Data)
		if !bytes.Equal(rr.Lowered(next), want) {
			c.problem(&l.record, "%s: NSEC leads to %s, and the next name is %s (sign the zone anew)", rr.NameText(c.Name(l.owner)), rr.NameText(next), rr.NameText(want))
		}
		c.checkTypes(l, types)
	}
}

// checkTypes checks what a record says of the types of a name.
func (c *checker) checkTypes(l *link, types rr.Types) {
	name := c.Name(l.owner)
	isCut := len(name) > len(c.apex) && c.Has(l.owner, rr.TypeNS)
	var want []uint16
	for _, r := range c.Of(nil, l.owner) {
		if r.Type == TypeGeo {
			want = append(want, c.GeoTypes(r)...)
		} else if !isCut || r.Type == rr.TypeNS || r.Type == rr.TypeDS || r.Type == rr.TypeRRSIG || r.Type == rr.TypeNSEC {
			want = append(want, r.Type)
		}
	}
	slices.Sort(want)
	want = slices.Compact(want)
	told := types.All()
	for _, typ := range want {
		if !slices.Contains(told, typ) {
			c.problem(&l.record, "%s: %s denies %s, which is there (sign the zone anew)", rr.NameText(name), TypeText(l.record.Type), TypeText(typ))
		}
	}
	for _, typ := range told {
		if !slices.Contains(want, typ) {
			c.problem(&l.record, "%s: %s tells of %s, which is not there (sign the zone anew)", rr.NameText(name), TypeText(l.record.Type), TypeText(typ))
		}
	}
}

// checkHashes checks the chain of NSEC3.
func (c *checker) checkHashes() {
	chain := c.hashes()
	if len(chain) == 0 {
		c.problem(&c.signed, "zone %s has NSEC3PARAM, but no NSEC3 (sign the zone anew)", rr.NameText(c.apex))
		return
	}
	for i := range chain {
		l, next := &chain[i], &chain[(i+1)%len(chain)]
		read, _ := rr.ReadNSEC3(l.record.Data, false)
		if !bytes.Equal(read.Next, next.hash[:]) {
			c.problem(&l.record, "%s: NSEC3 does not lead to the next hash, that of line %d (sign the zone anew)", rr.NameText(c.Name(l.owner)), next.record.Line)
		}
		l.owner = -1
	}
	for o := range c.Len() {
		if c.Occluded(c.apex, o) || c.IsHashed(o) {
			continue
		}
		hash := c.Signing.Hashing.Hash(c.Name(o))
		at, found := sort.Find(len(chain), func(i int) int { return bytes.Compare(hash[:], chain[i].hash[:]) })
		if found {
			chain[at].owner = o
			read, _ := rr.ReadNSEC3(chain[at].record.Data, false)
			c.checkTypes(&chain[at], read.Types)
			continue
		}
		before, _ := rr.ReadNSEC3(chain[(at+len(chain)-1)%len(chain)].record.Data, false)
		mayLack := c.owners[o].first == 0 || c.Has(o, rr.TypeNS) && !c.Has(o, rr.TypeDS) && len(c.Name(o)) > len(c.apex)
		if !before.OptOut() || !mayLack {
			at := &c.signed
			if list := c.Of(nil, o); len(list) > 0 {
				at = &list[0]
			}
			c.problem(at, "%s: has no NSEC3, its name is denied (sign the zone anew)", rr.NameText(c.Name(o)))
		}
	}
	for i := range chain {
		if chain[i].owner < 0 {
			c.problem(&chain[i].record, "NSEC3 of a name that the zone does not have (sign the zone anew)")
		}
	}
}

// hashes are the NSEC3 records in the order of their hashes.
func (c *checker) hashes() (chain []link) {
	for o := range c.Len() {
		if c.IsHashed(o) {
			set, _ := TakeSet(c.Of(nil, o), rr.TypeNSEC3)
			l := link{owner: o, record: set[0]}
			read, err := rr.ReadNSEC3(l.record.Data, false)
			ok := false
			switch l.hash, ok = rr.HashOf(c.Name(o)); {
			case !ok || err != nil || len(read.Next) != rr.HashLen || len(c.Name(o)) != 1+int(c.Name(o)[0])+len(c.apex):
				c.problem(&l.record, "%s: NSEC3 at a name that is no hash of the zone (RFC 5155, 3: 32 digits before the zone's name)", rr.NameText(c.Name(o)))
			case len(set) > 1 || read.Algorithm != 1 || read.Iterations != c.Signing.Hashing.Iterations || !bytes.Equal(read.Salt, c.Signing.Hashing.Salt):
				c.problem(&set[len(set)-1], "%s: NSEC3 that is not as NSEC3PARAM says: another salt, iterations or algorithm (sign the zone with one)", rr.NameText(c.Name(o)))
			default:
				chain = append(chain, l)
			}
			continue
		}
		for _, r := range c.Of(nil, o) {
			if r.Type == rr.TypeNSEC || r.Type == rr.TypeNSEC3 {
				c.problem(&r, "%s: %s in a zone with NSEC3PARAM, beside other records (sign the zone with one of both)", rr.NameText(c.Name(o)), TypeText(r.Type))
				break
			}
		}
	}
	slices.SortFunc(chain, func(a, b link) int { return bytes.Compare(a.hash[:], b.hash[:]) })
	return chain
}
