package zones

import (
	"bytes"
	"encoding/binary"
	"sort"

	"tinycdn/zones/diag"
	"tinycdn/zones/records"
	"tinycdn/zones/rr"
)

// hashLinks is how many octets stand before a node where names are hashed: its NSEC3, and that of "*" below it.
const hashLinks = 8

// signaturesOf are the signatures of a type, of the owner at hand.
func (c *compiler) signaturesOf(typ uint16) (list []records.Record) {
	for _, r := range c.sigs {
		if rr.Covered(r.Data) == typ {
			list = append(list, r)
		}
	}
	return list
}

// addSignatures packs the signatures of the answer that was added last. Each keeps its own TTL.
func (c *compiler) addSignatures(o int, typ uint16, packedFor []byte) *diag.Problem {
	if c.Signing == nil {
		return nil
	}
	list, size := c.signaturesOf(typ), len(c.pack.body)
	if len(list) == 0 {
		return nil
	}
	c.pack.reset(packedFor)
	for _, r := range list {
		c.pack.answerTo(rr.TypeRRSIG, r.TTL, r.Data)
	}
	if most := maxMessage - nameAt - rr.MaxName - questionTail; size+len(c.pack.body) > most {
		return c.ProblemAt(&list[0], "%s: %s and its signatures take %d octets, and an answer here holds %d", NameText(c.Name(o)), records.TypeText(typ), size+len(c.pack.body), most)
	}
	return c.addAnswer(o, rr.TypeRRSIG, &list[0])
}

// deniesStar says whether the NSEC of the owner at hand shows that there is no "*" below it. It nearly always does: little comes
// before an asterisk.
func (c *compiler) deniesStar(name []byte) bool {
	for i := range c.list {
		if c.list[i].Type == rr.TypeNSEC {
			next, _ := rr.SplitNSEC(c.list[i].Data)
			next = rr.Lowered(next)
			return bytes.Equal(next, c.apex) || rr.Compare(next, append([]byte{1, '*'}, name...)) > 0
		}
	}
	return false
}

// addHash writes the node of an NSEC3 record, which the index will not have.
func (c *compiler) addHash(o int, rel []byte) *diag.Problem {
	octets := c.zone.image.octets
	c.nodes[o] = uint32(len(octets))
	c.zone.image.octets = append(append(octets, byte(len(rel)), 0, 0, 0), rel...)
	return c.addAnswers(o, c.Name(o))
}

// connectDenials puts what shows that names do not exist in order, and tells nodes where theirs is.
func (c *compiler) connectDenials() {
	d, m := c.zone.denials, &c.zone.image
	var nodes []uint32
	if d.hashing == nil {
		for o, at := range c.nodes {
			if at != 0 && c.Has(o, rr.TypeNSEC) {
				nodes = append(nodes, at)
			}
		}
		d.setNames(m, nodes)
		return
	}
	var sums [][rr.HashLen]byte
	for _, h := range c.hashes {
		sums, nodes = append(sums, h.sum), append(nodes, c.nodes[h.owner])
	}
	d.setHashes(sums, nodes)
	for o, at := range c.nodes {
		if at == 0 || c.IsHashed(o) {
			continue
		}
		links := m.octets[at-hashLinks:]
		if i, found := c.hash(c.Name(o)); found {
			binary.LittleEndian.PutUint32(links, nodes[i])
		}
		if len(c.Name(o))+2 <= rr.MaxName {
			i, found := c.hash(append([]byte{1, '*'}, c.Name(o)...))
			if !found {
				i = c.hashBefore(i)
			}
			binary.LittleEndian.PutUint32(links[4:], nodes[i])
		}
	}
}

// hashing is how names are hashed; nil: they are not.
func (c *compiler) hashing() *rr.HashParams {
	if c.zone.denials == nil {
		return nil
	}
	return c.zone.denials.hashing
}

// hash finds the NSEC3 record of a name, or else the one that comes behind its hash.
func (c *compiler) hash(name []byte) (i int, found bool) {
	sum := c.zone.denials.hashing.Hash(name)
	return sort.Find(len(c.hashes), func(i int) int { return bytes.Compare(sum[:], c.hashes[i].sum[:]) })
}

// hashBefore is the record before one, in a circle.
func (c *compiler) hashBefore(i int) int { return (i + len(c.hashes) - 1) % len(c.hashes) }

// addDelegationProof adds to a referral the signatures of its DS, or what shows that there is none (RFC 4035, 3.1.4; RFC 5155, 7.2.7).
func (c *compiler) addDelegationProof(name []byte, ds, nsec []records.Record) {
	if len(ds) > 0 {
		for _, sig := range c.signaturesOf(rr.TypeDS) {
			c.pack.authority(name, rr.TypeRRSIG, sig.TTL, sig.Data)
		}
		return
	}
	for _, r := range nsec {
		c.pack.authority(name, rr.TypeNSEC, r.TTL, r.Data)
		for _, sig := range c.signaturesOf(rr.TypeNSEC) {
			c.pack.authority(name, rr.TypeRRSIG, sig.TTL, sig.Data)
		}
	}
	if c.hashing() == nil {
		return
	}
	i, found := c.hash(name)
	if found {
		c.addHashed(i)
		return
	}
	// The delegation was left out of the chain: that is shown by the closest name above it that was not, and by an NSEC3 with opt-out that
	// covers the name below that.
	covering := c.hashBefore(i)
	for !found && len(name) > len(c.apex) {
		name = name[1+name[0]:]
		before := i
		if i, found = c.hash(name); found {
			covering = c.hashBefore(before)
		}
	}
	c.addHashed(i)
	if covering != i {
		c.addHashed(covering)
	}
}

// addHashed adds an NSEC3 record and its signatures.
func (c *compiler) addHashed(i int) {
	owner := c.hashes[i].owner
	for _, r := range c.Of(nil, owner) {
		c.pack.authority(c.Name(owner), r.Type, r.TTL, r.Data)
	}
}
