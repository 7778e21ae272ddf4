package zones

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
	"sync"

	"tinycdn/zones/diag"
	"tinycdn/zones/rr"
)

// compiler turns records into a Zone. It relies on check having found nothing wrong between the records.
type compiler struct {
	*recordSet
	apex []byte
	zone *Zone
	pack packer

	nodes     []uint32 // by owner: where its node stands in the image; 0: the name is not to be found
	wildcards []wildcard
	list      []record // of the owner at hand
	some      []record // of ofType
	octets    []byte   // for an image in the making
	added     []int    // the owners whose addresses the answer at hand has
}

// wildcard is a node that waits to be told where the node of "*" below it stands.
type wildcard struct {
	field uint32 // in the image
	owner int    // of "*"
}

// compile packs every answer of the zone named apex. It fails where an answer exceeds a DNS message, and
// says so with the line of its first record.
func (s *recordSet) compile(apex []byte) (*Zone, *diag.Problem) {
	c := newCompiler(s, apex)
	defer c.release()
	for o := range c.owners {
		if c.occluded(apex, o) {
			continue
		}
		if problem := c.addNode(o); problem != nil {
			return nil, problem
		}
	}
	c.connectWildcards()
	c.buildIndex()
	zone := c.zone
	octets := zone.image.octets
	if c.octets = octets[:0]; cap(octets)-len(octets) > len(octets)/8 || len(octets) < mostReleased {
		zone.image.octets = append(make([]byte, 0, len(octets)), octets...)
	} else {
		c.octets = nil // the zone has it
	}
	return zone, nil
}

// newCompiler gives a compiler, perhaps with the memory of one that was released.
func newCompiler(s *recordSet, apex []byte) *compiler {
	c, _ := compilers.Get().(*compiler)
	if c == nil {
		c = &compiler{}
	}
	c.recordSet, c.apex, c.zone = s, apex, &Zone{Apex: apex, maps: s.maps}
	c.nodes = append(c.nodes[:0], make([]uint32, len(s.owners))...)
	c.wildcards = c.wildcards[:0]
	// Answers take about what the records did.
	if most := 64 + s.mem.taken; cap(c.octets) < most {
		c.octets = make([]byte, 0, most)
	}
	c.zone.image.octets = append(c.octets[:0], 0)
	return c
}

// compilers are those that are done, for the next zone.
var compilers sync.Pool

// release gives the memory back that no zone has.
func (c *compiler) release() {
	c.recordSet, c.apex, c.zone = nil, nil, nil
	if cap(c.octets) <= mostReleased && cap(c.nodes) <= mostReleased/4 {
		compilers.Put(c)
	}
}

// addEmptyNonTerminals adds the names that exist because names below them do (RFC 4592, 2.2.2).
func (s *recordSet) addEmptyNonTerminals(apex []byte) {
	for o := 0; o < len(s.owners); o++ {
		name := s.name(o)
		if len(name) == len(apex) || s.occluded(apex, o) {
			continue
		}
		s.ensure(name[name[0]+1:]) // whose own parent comes up in its turn, and which is mostly that of the name before as well
	}
}

// occluded says whether an owner stands below a cut (RFC 2136, 7.18), where this zone has no say, only glue. An empty
// non-terminal does not: it is there for a name that does not either.
func (s *recordSet) occluded(apex []byte, o int) bool {
	if s.cuts == 0 || s.owners[o].first == 0 {
		return false
	}
	_, below := s.above(apex, s.name(o), rr.TypeNS)
	return below
}

// above returns the owner of a record of that type strictly above name. The NS records of the apex are no cut.
func (s *recordSet) above(apex, name []byte, typ uint16) (int, bool) {
	for len(name) > len(apex) {
		name = name[name[0]+1:]
		if len(name) <= len(apex) && typ == rr.TypeNS {
			break
		}
		if o, ok := s.find(name); ok && s.has(o, typ) {
			return o, true
		}
	}
	return 0, false
}

// nameservers counts the NS records of a name.
func (s *recordSet) nameservers(name []byte) (n int) {
	o, ok := s.find(name)
	if !ok {
		return 0
	}
	for at := s.owners[o].first; at != 0; {
		r := s.record(at)
		if r.typ == rr.TypeNS {
			n++
		}
		at = r.next
	}
	return n
}

// has says whether an owner has a record of that type.
func (s *recordSet) has(o int, typ uint16) bool {
	for at := s.owners[o].first; at != 0; {
		r := s.record(at)
		if r.typ == typ {
			return true
		}
		at = r.next
	}
	return false
}

// addNode writes the node of an owner, and its answers.
func (c *compiler) addNode(o int) *diag.Problem {
	name := c.name(o)
	rel := name[:len(name)-len(c.apex)]
	c.list = c.records(c.list[:0], o)
	c.zone.Names++
	c.zone.Records += len(c.list)

	var flags nodeFlags
	var geo *record
	for i := range c.list {
		switch r := &c.list[i]; r.typ {
		case rr.TypeNS:
			if len(rel) > 0 {
				flags |= isCut
			}
		case rr.TypeCNAME:
			flags |= isAlias
		case rr.TypeDNAME:
			flags |= isDNAME
		case typeGeo:
			flags |= isGeo
			if geo = r; isWhere(*r) {
				flags |= tellsWhere
			}
		}
	}
	star, hasStar := c.findStar(name)
	if hasStar && !c.occluded(c.apex, star) {
		flags |= hasWildcard
	}

	octets := c.zone.image.octets
	c.nodes[o] = uint32(len(octets))
	octets = append(octets, byte(len(rel)), byte(flags), 0, 0)
	octets = append(octets, rel...)
	if flags&hasWildcard != 0 {
		c.wildcards = append(c.wildcards, wildcard{uint32(len(octets)), star})
		octets = append(octets, 0, 0, 0, 0)
	}
	if geo != nil {
		octets = append(octets, geo.data[:2]...)
		octets = binary.LittleEndian.AppendUint32(octets, geo.ttl)
	}
	c.zone.image.octets = octets
	if !c.fits() {
		return &diag.Problem{File: c.files[0], Text: errTooLarge(c.most).Error()}
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

// fits says whether the image is within its bounds: its offsets are, and so is memory.
func (c *compiler) fits() bool {
	return int64(len(c.zone.image.octets)) <= min(c.most-c.taken(), mostOffset)
}

// addAnswers packs one answer for each type in the list.
func (c *compiler) addAnswers(o int, packedFor []byte) *diag.Problem {
	slices.SortStableFunc(c.list, func(a, b record) int { return int(a.typ) - int(b.typ) })
	for list := c.list; len(list) > 0; {
		typ, n := list[0].typ, 1
		for n < len(list) && list[n].typ == typ {
			n++
		}
		set, _ := takeSet(list[:n], typ)
		list = list[n:]
		if typ == typeGeo {
			continue
		}
		c.pack.reset(packedFor)
		for _, r := range set {
			c.pack.answerTo(typ, set[0].ttl, r.data)
		}
		if len(packedFor) == len(c.name(o)) {
			c.addTargets(set)
		}
		if problem := c.addAnswer(o, typ, &set[0]); problem != nil {
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
func (c *compiler) addAnswer(o int, typ uint16, first *record) *diag.Problem {
	asked := len(c.name(o))
	if len(c.pack.name) != asked || typ == typeReferral || typ == typeReferralDS {
		asked = rr.MaxName // whatever lies below
	}
	if err := c.pack.check(asked); err != nil {
		return c.problemAt(first, "%s: %v", NameText(c.name(o)), err)
	}
	c.zone.image.octets = c.pack.appendTo(c.zone.image.octets, typ)
	if !c.fits() {
		return c.problemAt(first, "%v", errTooLarge(c.most))
	}
	count := c.zone.image.octets[c.nodes[o]+2:]
	binary.LittleEndian.PutUint16(count, binary.LittleEndian.Uint16(count)+1)
	return nil
}

// addDenial packs the SOA of the zone's negative answers: its TTL is at most MINIMUM (RFC 2308, 3).
func (c *compiler) addDenial(soa *record) {
	_, _, numbers := rr.SplitSOA(soa.data)
	ttl := min(soa.ttl, binary.BigEndian.Uint32(numbers[16:]))
	c.pack.reset(c.apex)
	c.pack.authority(c.apex, rr.TypeSOA, ttl, soa.data)
	c.zone.denial = packed{body: bytes.Clone(c.pack.body), relocations: bytes.Clone(c.pack.relocations), counts: c.pack.counts}
	c.zone.Serial = rr.SerialOf(soa.data)
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
		if at == 0 {
			continue
		}
		m.insert(c.owners[o].hash, at)
	}
}
