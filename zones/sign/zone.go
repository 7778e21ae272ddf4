package sign

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/miekg/dns"

	"tinycdn/zones/diag"
	"tinycdn/zones/records"
	"tinycdn/zones/rr"
)

// keyTTL is how long the key may be kept: so long it takes until all have seen another.
const keyTTL = 3600

// signing is a zone while it is signed.
type signing struct {
	*Signer
	*records.Set
	line     int32 // of the zone's file: why it is signed
	problems diag.FewProblems

	apex      int // the owner
	denialTTL uint32
	names     []named
	list      []records.Record // of the owner at hand
	fresh     int              // signatures that were not in the cache
}

// named is a name of the chain, with the beginning of what it is ordered by.
type named struct {
	key   uint64
	owner int
}

// Zone adds to the records of a zone what makes it a signed one: the key, the chain that denies names, and signatures. dnssec is the
// line of the zone's file that wants that. Where the records do not make a zone, there is nothing added: others tell of that.
func (s *Signer) Zone(set *records.Set, dnssec int) []diag.Problem {
	z := &signing{Signer: s, Set: set, line: int32(dnssec)}
	apex, there := set.Find(s.Apex)
	if !there || !set.Has(apex, rr.TypeSOA) || !set.Has(apex, rr.TypeNS) {
		return nil
	}
	z.apex = apex
	if z.checkUnsigned(); z.problems.Len() > 0 {
		return z.problems.All()
	}
	z.addKey()
	z.addChain()
	for _, n := range z.names {
		z.signName(n.owner)
		if z.problems.Len() > 0 { // one is as good as a million
			break
		}
	}
	return z.problems.All()
}

// checkUnsigned finds what only a signer may bring, and what no signed zone can have.
func (z *signing) checkUnsigned() {
	var list []records.Record
	for o := range z.Len() {
		list = z.Of(list[:0], o)
		for i := range list {
			r := &list[i]
			switch r.Type {
			case rr.TypeRRSIG, rr.TypeNSEC, rr.TypeNSEC3, rr.TypeNSEC3PARAM:
				z.problem(r, "%s: %s in a zone that is signed here (give the unsigned file; or leave dnssec out, and it is served as it was signed)", rr.NameText(z.Name(o)), records.TypeText(r.Type))
			case rr.TypeCDS, rr.TypeCDNSKEY:
				z.problem(r, "%s: %s in a zone that is signed here: it is made of the key (leave it out)", rr.NameText(z.Name(o)), records.TypeText(r.Type))
			default:
				if r.TTL > LongestTTL && !z.Occluded(z.Apex, o) {
					z.problem(r, "%s: %s has a TTL of %d seconds, and one day (%d) is the most in a signed zone: what is kept for longer may outlive its signature", rr.NameText(z.Name(o)), records.TypeText(r.Type), r.TTL, LongestTTL)
				}
			}
			if records.IsWhere(*r) {
				z.problem(r, "%s: where = true in a signed zone: nobody can sign beforehand what it says (give the name a zone of its own)", rr.NameText(z.Name(o)))
			}
		}
	}
}

func (z *signing) problem(at *records.Record, format string, args ...any) {
	z.problems.Add(*z.ProblemAt(at, format, args...))
}

// add adds a record to a name.
func (z *signing) add(owner []byte, typ uint16, ttl uint32, data []byte) {
	z.Add(owner, records.Record{Type: typ, TTL: ttl, Line: uint32(z.line), Data: data})
}

// addKey adds the key, and what asks the parent for a DS of it (RFC 7344).
func (z *signing) addKey() {
	soa := z.OfType(nil, z.apex, rr.TypeSOA)[0]
	_, _, numbers := rr.SplitSOA(soa.Data)
	z.denialTTL = min(soa.TTL, binary.BigEndian.Uint32(numbers[16:])) // RFC 9077, 3
	z.add(z.Apex, rr.TypeDNSKEY, keyTTL, z.Key.Data)
	z.add(z.Apex, rr.TypeCDS, keyTTL, z.Key.DS(z.Apex))
	z.add(z.Apex, rr.TypeCDNSKEY, keyTTL, z.Key.Data)
}

// DS is the data of a key's DS record at the parent.
func (k *Key) DS(apex []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, k.Tag)
	b = append(b, Algorithm, dns.SHA256)
	sum := sha256.Sum256(append(bytes.Clone(apex), k.Data...))
	return append(b, sum[:]...)
}

// addChain adds to each name which is the next, and which types it has.
func (z *signing) addChain() {
	for o := range z.Len() {
		if z.IsOwner(o) && !z.Occluded(z.Apex, o) {
			z.names = append(z.names, named{rr.CanonicalKey(z.Name(o)[:len(z.Name(o))-len(z.Apex)]), o})
		}
	}
	slices.SortFunc(z.names, func(a, b named) int {
		switch {
		case a.key < b.key:
			return -1
		case a.key > b.key:
			return 1
		}
		return rr.Compare(z.Name(a.owner), z.Name(b.owner))
	})
	var data []byte
	for i, n := range z.names {
		next := z.names[(i+1)%len(z.names)]
		data = appendTypes(append(data[:0], z.Name(next.owner)...), z.typesOf(n.owner))
		z.add(z.Name(n.owner), rr.TypeNSEC, z.denialTTL, data)
	}
}

// typesOf are the types of a name, in order: at a delegation those that this zone has a say in.
func (z *signing) typesOf(o int) []uint16 {
	types := []uint16{rr.TypeRRSIG, rr.TypeNSEC}
	isCut := o != z.apex && z.Has(o, rr.TypeNS)
	z.list = z.Of(z.list[:0], o)
	for _, r := range z.list {
		switch {
		case r.Type == records.TypeGeo:
			types = append(types, z.GeoTypes(r)...)
		case !isCut || r.Type == rr.TypeNS || r.Type == rr.TypeDS:
			types = append(types, r.Type)
		}
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// signName adds the signatures of a name's sets.
func (z *signing) signName(o int) {
	isCut := o != z.apex && z.Has(o, rr.TypeNS)
	z.list = z.Of(z.list[:0], o)
	list := z.list
	slices.SortStableFunc(list, func(a, b records.Record) int { return int(a.Type) - int(b.Type) })
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].Type == list[0].Type {
			n++
		}
		set := records.TakeAll(list[:n])
		list = list[n:]
		typ := set[0].Type
		if typ == records.TypeGeo || isCut && typ != rr.TypeDS && typ != rr.TypeNSEC {
			continue
		}
		data, err := z.rrsig(z.Name(o), set, func() bool { return z.isVerified(typ) })
		if err != nil {
			z.problem(&set[0], "%v", err)
			return
		}
		z.add(z.Name(o), rr.TypeRRSIG, set[0].TTL, data)
	}
}

// allVerified is up to how many new signatures each is verified, which takes longer than to make one. Of more it is those of the zone as
// a whole, and one in a hundred.
const allVerified = 5000

func (z *signing) isVerified(typ uint16) bool {
	z.fresh++
	return z.fresh <= allVerified || isDaily(typ) || z.fresh%100 == 0
}
