package zones

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
	"sync"

	"tinycdn/zones/diag"
	"tinycdn/zones/records"
	"tinycdn/zones/rr"
)

// compiler turns records into a Zone. It relies on check having found nothing wrong between the records.
type compiler struct {
	*records.Set
	apex []byte
	zone *Zone
	pack packer

	nodes     []uint32 // by owner: where its node stands in the image; 0: the name is not to be found
	wildcards []wildcard
	list      []records.Record // of the owner at hand
	some      []records.Record // of one whose addresses are added
	sigs      []records.Record // the signatures of the owner at hand
	hashes    []hashed         // the NSEC3 records, in order
	octets    []byte           // for an image in the making
	added     []int            // the owners whose addresses the answer at hand has
}

// wildcard is a node that waits to be told where the node of "*" below it stands.
type wildcard struct {
	field uint32 // in the image
	owner int    // of "*"
}

// compile packs every answer of the zone named apex. It fails where an answer exceeds a DNS message, and
// says so with the line of its first record.
func compile(s *records.Set, apex []byte) (*Zone, *diag.Problem) {
	c := newCompiler(s, apex)
	defer c.release()
	if s.Signing != nil {
		c.zone.denials = &denials{hashing: s.Signing.Hashing}
		c.hashes = hashesOf(s)
	}
	for o := range c.Len() {
		if c.Occluded(apex, o) {
			continue
		}
		if problem := c.addNode(o); problem != nil {
			return nil, problem
		}
	}
	c.connectWildcards()
	if s.Signing != nil {
		c.connectDenials()
	}
	c.buildIndex()
	zone := c.zone
	octets := zone.image.octets
	if c.octets = octets[:0]; cap(octets)-len(octets) > len(octets)/8 || len(octets) < records.MostReleased {
		zone.image.octets = append(make([]byte, 0, len(octets)), octets...)
	} else {
		c.octets = nil // the zone has it
	}
	return zone, nil
}

// newCompiler gives a compiler, perhaps with the memory of one that was released.
func newCompiler(s *records.Set, apex []byte) *compiler {
	c, _ := compilers.Get().(*compiler)
	if c == nil {
		c = &compiler{}
	}
	c.Set, c.apex, c.zone = s, apex, &Zone{Apex: apex, maps: s.Maps}
	c.nodes = append(c.nodes[:0], make([]uint32, s.Len())...)
	c.wildcards = c.wildcards[:0]
	// Answers take about what the records did.
	if most := 64 + s.Octets(); cap(c.octets) < most {
		c.octets = make([]byte, 0, most)
	}
	c.zone.image.octets = append(c.octets[:0], 0)
	return c
}

// compilers are those that are done, for the next zone.
var compilers sync.Pool

// release gives the memory back that no zone has.
func (c *compiler) release() {
	c.Set, c.apex, c.zone = nil, nil, nil
	if cap(c.octets) <= records.MostReleased && cap(c.nodes) <= records.MostReleased/4 {
		compilers.Put(c)
	}
}

// addNode writes the node of an owner, and its answers.
func (c *compiler) addNode(o int) *diag.Problem {
	name := c.Name(o)
	rel := name[:len(name)-len(c.apex)]
	c.list = c.Of(c.list[:0], o)
	c.zone.Records += len(c.list)
	if c.IsHashed(o) {
		return c.addHash(o, rel)
	}
	c.zone.Names++

	flags, geo := c.flagsOf(rel)
	star, hasStar := c.FindStar(name)
	if hasStar && !c.Occluded(c.apex, star) {
		flags |= hasWildcard
	} else if c.Signing != nil && c.deniesStar(name) {
		flags |= deniesStar
	}

	octets := c.zone.image.octets
	if c.hashing() != nil {
		octets = append(octets, make([]byte, hashLinks)...)
	}
	c.nodes[o] = uint32(len(octets))
	octets = append(octets, byte(len(rel)), byte(flags), 0, 0)
	octets = append(octets, rel...)
	if flags&hasWildcard != 0 {
		c.wildcards = append(c.wildcards, wildcard{uint32(len(octets)), star})
		octets = append(octets, 0, 0, 0, 0)
	}
	if geo != nil {
		octets = append(octets, geo.Data[:2]...)
		octets = binary.LittleEndian.AppendUint32(octets, geo.TTL)
		number := 0
		if d := c.zone.denials; d != nil {
			number = len(d.geo)
			d.geo = append(d.geo, signedGeo{bytes.Clone(name), binary.LittleEndian.Uint16(geo.Data), geo.TTL})
		}
		octets = binary.LittleEndian.AppendUint32(octets, uint32(number))
	}
	c.zone.image.octets = octets
	if !c.fits() {
		return &diag.Problem{File: c.FileName(0), Text: records.TooLarge(c.Most).Error()}
	}

	packedFor := name
	if len(name) > 1 && name[0] == 1 && name[1] == '*' && len(rel) > 0 {
		packedFor = name[2:] // replies are to other names: what they share is the closest encloser
	}
	if flags&isCut != 0 {
		return c.addCut(o, name)
	}
	return c.addAnswers(o, packedFor)
}

// flagsOf says what the records of the owner at hand make of its node. geo is the record of a geo name.
func (c *compiler) flagsOf(rel []byte) (flags nodeFlags, geo *records.Record) {
	for i := range c.list {
		switch r := &c.list[i]; r.Type {
		case rr.TypeNS:
			if len(rel) > 0 {
				flags |= isCut
			}
		case rr.TypeCNAME:
			flags |= isAlias
		case rr.TypeDNAME:
			flags |= isDNAME
		case records.TypeGeo:
			flags |= isGeo
			if geo = r; records.IsWhere(*r) {
				flags |= tellsWhere
			}
		}
	}
	return flags, geo
}

// fits says whether the image is within its bounds: its offsets are, and so is memory.
func (c *compiler) fits() bool {
	return int64(len(c.zone.image.octets)) <= min(c.Left(), records.MostOffset)
}

// addAnswers packs one answer for each type in the list.
func (c *compiler) addAnswers(o int, packedFor []byte) *diag.Problem {
	if c.Signing != nil {
		c.sigs, c.list = records.TakeSet(c.list, rr.TypeRRSIG)
	}
	slices.SortStableFunc(c.list, func(a, b records.Record) int { return int(a.Type) - int(b.Type) })
	for list := c.list; len(list) > 0; {
		typ, n := list[0].Type, 1
		for n < len(list) && list[n].Type == typ {
			n++
		}
		set, _ := records.TakeSet(list[:n], typ)
		list = list[n:]
		if typ == records.TypeGeo {
			continue
		}
		c.pack.reset(packedFor)
		for _, r := range set {
			c.pack.answerTo(typ, set[0].TTL, r.Data)
		}
		if len(packedFor) == len(c.Name(o)) {
			c.addTargets(set)
		}
		if problem := c.addAnswer(o, typ, &set[0]); problem != nil {
			return problem
		}
		if problem := c.addSignatures(o, typ, packedFor); problem != nil {
			return problem
		}
		switch typ {
		case rr.TypeSOA:
			c.addDenial(&set[0])
		case rr.TypeNS:
			c.addNameservers(set)
		}
	}
	return nil
}

// addAnswer appends what is packed to the node of o.
func (c *compiler) addAnswer(o int, typ uint16, first *records.Record) *diag.Problem {
	asked := len(c.Name(o))
	if len(c.pack.name) != asked || typ == typeReferral || typ == typeReferralDS {
		asked = rr.MaxName // whatever lies below
	}
	if err := c.pack.check(asked); err != nil {
		return c.ProblemAt(first, "%s: %v", NameText(c.Name(o)), err)
	}
	c.zone.image.octets = c.pack.appendTo(c.zone.image.octets, typ)
	if !c.fits() {
		return c.ProblemAt(first, "%v", records.TooLarge(c.Most))
	}
	count := c.zone.image.octets[c.nodes[o]+2:]
	binary.LittleEndian.PutUint16(count, binary.LittleEndian.Uint16(count)+1)
	return nil
}

// addDenial packs the SOA of the zone's negative answers: its TTL is at most MINIMUM (RFC 2308, 3).
func (c *compiler) addDenial(soa *records.Record) {
	_, _, numbers := rr.SplitSOA(soa.Data)
	ttl := min(soa.TTL, binary.BigEndian.Uint32(numbers[16:]))
	c.pack.reset(c.apex)
	c.pack.authority(c.apex, rr.TypeSOA, ttl, soa.Data)
	c.zone.denial = c.pack.packed()
	if c.Signing != nil {
		for _, sig := range c.signaturesOf(rr.TypeSOA) {
			c.pack.authority(c.apex, rr.TypeRRSIG, min(sig.TTL, ttl), sig.Data)
		}
		c.zone.denials.signed = c.pack.packed()
	}
	c.zone.Serial = rr.SerialOf(soa.Data)
}

func (c *compiler) connectWildcards() {
	for _, w := range c.wildcards {
		binary.LittleEndian.PutUint32(c.zone.image.octets[w.field:], c.nodes[w.owner])
	}
}

// buildIndex makes the hash table, at most half full.
func (c *compiler) buildIndex() {
	m := &c.zone.image
	size := 1 << bits.Len(uint(2*c.zone.Names-1))
	m.shift = uint8(64 - bits.TrailingZeros(uint(size)))
	m.slots = make([]slot, size)
	for o, at := range c.nodes {
		if at == 0 || c.IsHashed(o) {
			continue
		}
		m.insert(c.Hash(o), at)
	}
}
