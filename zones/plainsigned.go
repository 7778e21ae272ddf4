package zones

import (
	"encoding/binary"
	"slices"
	"sort"
	"strings"

	"tinycdn/zones/records"
	"tinycdn/zones/rr"
	"tinycdn/zones/zonefile"
)

// plainSigned is what a plain zone needs to deny names: those that are there, in order.
type plainSigned struct {
	hashing *rr.HashParams // nil: NSEC
	keys    []string       // what names, or their hashes, are ordered by
	owners  []string       // of the NSEC or NSEC3 records
	soa     []string       // of negative answers, with its signature
}

// plainSignature is an RRSIG record.
type plainSignature struct {
	covers uint16
	ttl    uint32
	data   string
}

// findSigned finds out whether the zone is signed.
func (z *plainZone) findSigned() {
	apex := z.all[z.apex]
	if apex.sets[rr.TypeDNSKEY] == nil {
		return
	}
	s := &plainSigned{}
	typ := uint16(rr.TypeNSEC)
	if param := apex.sets[rr.TypeNSEC3PARAM]; param != nil {
		read, _ := rr.ReadNSEC3([]byte(param.data[0]), true)
		s.hashing, typ = &read.HashParams, rr.TypeNSEC3
	}
	for name, n := range z.all {
		if n.sets[typ] != nil {
			s.owners = append(s.owners, name)
		}
	}
	slices.SortFunc(s.owners, func(a, b string) int { return strings.Compare(canonical(a), canonical(b)) })
	for _, owner := range s.owners {
		s.keys = append(s.keys, canonical(owner))
	}
	set := apex.sets[rr.TypeSOA]
	minimum := binary.BigEndian.Uint32([]byte(set.data[0][len(set.data[0])-4:]))
	s.soa = []string{recordText(z.apex, rr.TypeSOA, min(set.ttl, minimum), set.data[0])}
	for _, sig := range apex.sigs {
		if sig.covers == rr.TypeSOA {
			s.soa = append(s.soa, recordText(z.apex, rr.TypeRRSIG, min(sig.ttl, set.ttl, minimum), sig.data))
		}
	}
	z.signed = s
}

// signHere adds what a signer makes of the zone's files, read once more: signatures by the book are the validator's matter, that they are
// given is ours.
func (z *plainZone) signHere(zone *Zone, path, origin string, from []string) {
	s := records.New()
	defer s.Release()
	s.Main, s.Families = path, zone.denials.families
	read, problems := zonefile.ReadNext(path, origin, s, func(uint32) uint32 { return zone.Serial }, from...)
	if len(problems) > 0 {
		return
	}
	raiseSerial(s, read.Origin, read.SerialWritten, zone.signer())
	zone.signer().Zone(s, read.DNSSEC)
	for o := range s.Len() {
		for _, r := range s.Of(nil, o) {
			made := zonefile.Record{Owner: s.Name(o), Type: r.Type, TTL: r.TTL, Data: r.Data, File: path, Line: int(r.Line)}
			switch r.Type {
			case rr.TypeSOA:
				delete(z.all[z.apex].sets, rr.TypeSOA) // with another serial number
				z.Record(&made)
			case rr.TypeRRSIG, rr.TypeNSEC, rr.TypeDNSKEY, rr.TypeCDS, rr.TypeCDNSKEY:
				z.Record(&made)
			}
		}
	}
}

// canonical writes a name so that strings are in the order of names (RFC 4034, 6.1): its labels from the right, each behind an octet
// that comes before all others.
func canonical(name string) (text string) {
	for ; name[0] != 0; name = name[1+name[0]:] {
		label := strings.NewReplacer("\x00", "\x01\x01", "\x01", "\x01\x02").Replace(name[1 : 1+name[0]])
		text = "\x00" + label + text
	}
	return text
}

// isHash says whether a name is there for its NSEC3 alone.
func (s *plainSigned) isHash(n *plainName) bool {
	return s != nil && s.hashing != nil && n.sets[rr.TypeNSEC3] != nil && len(n.sets) == 1
}

// signatures are those of a type, as owner's; of RRSIG itself all that there are.
func (n *plainName) signatures(owner string, typ uint16) (all []string) {
	for _, sig := range n.sigs {
		if text := recordText(owner, rr.TypeRRSIG, sig.ttl, sig.data); (sig.covers == typ || typ == rr.TypeRRSIG) && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

// expectSigned is expect of a name that exists, or for which the wildcard below encloser stands.
func (z *plainZone) expectSigned(want expected, name, encloser string, n *plainName, typ uint16, do bool) expected {
	s := z.signed
	found := typ
	if n.geo != nil && (typ == rr.TypeA || typ == rr.TypeAAAA) {
		want.oneOf, want.signed = z.geoAddresses(name, n.geo, typ), do
	}
	if want.answer = n.records(name, typ); typ == rr.TypeRRSIG {
		want.answer = n.signatures(name, typ)
	} else if want.answer == nil {
		found, want.answer = rr.TypeCNAME, n.records(name, rr.TypeCNAME)
		want.leadsOn = want.answer != nil
	}
	if do && want.answer != nil && typ != rr.TypeRRSIG {
		want.answer = append(want.answer, n.signatures(name, found)...)
	}
	switch {
	case want.oneOf != nil:
		if do && encloser != name {
			want.authority = s.texts(z, []string{s.covering(name, nil)})
		}
	case want.answer == nil && !do:
		want.authority = z.denial
	case want.answer == nil && encloser == name:
		want.authority = s.deny(z, s.noData(z, name))
	case want.answer == nil:
		want.authority = s.deny(z, s.noWildcardData(z, name, encloser))
	case do && encloser != name:
		want.authority = s.texts(z, []string{s.covering(closer(name, encloser, s.hashing != nil), s.hashing)})
	}
	return want
}

// closer is the next closer name: the one below encloser that name is, or is below. NSEC shows of the name itself that it is not there.
func closer(name, encloser string, hashing bool) string {
	for hashing && len(name)-1-int(name[0]) > len(encloser) {
		name = name[1+name[0]:]
	}
	return name
}

// covering is the owner of the record whose name, or hash, is the last that does not come after.
func (s *plainSigned) covering(name string, hashing *rr.HashParams) string {
	if hashing != nil {
		name = hashedName(name, hashing, s.owners[0])
	}
	key := canonical(name)
	i := sort.Search(len(s.keys), func(i int) bool { return s.keys[i] > key })
	return s.owners[(i+len(s.keys)-1)%len(s.keys)]
}

// matching is the owner of the record of a name; "": it has none.
func (s *plainSigned) matching(name string) string {
	if s.hashing != nil {
		name = hashedName(name, s.hashing, s.owners[0])
	}
	if slices.Contains(s.owners[max(0, sort.SearchStrings(s.keys, canonical(name))):], name) {
		return name
	}
	return ""
}

// encloser proves the closest encloser (RFC 5155, 7.2.1): the closest that has NSEC3.
func (s *plainSigned) encloser(name, encloser string) (owners []string, at string) {
	for s.matching(encloser) == "" {
		encloser = encloser[1+encloser[0]:]
	}
	owners = []string{s.matching(encloser)}
	if name != encloser {
		owners = append(owners, s.covering(closer(name, encloser, true), s.hashing))
	}
	return owners, encloser
}

func (s *plainSigned) noName(z *plainZone, name, encloser string) []string {
	if s.hashing == nil {
		return []string{s.covering(name, nil), s.covering("\x01*"+encloser, nil)}
	}
	owners, encloser := s.encloser(name, encloser)
	return append(owners, s.covering("\x01*"+encloser, s.hashing))
}

func (s *plainSigned) noData(z *plainZone, name string) []string {
	switch own := s.matching(name); {
	case own != "":
		return []string{own}
	case s.hashing == nil:
		return []string{s.covering(name, nil)}
	}
	owners, _ := s.encloser(name, name)
	return owners
}

func (s *plainSigned) noWildcardData(z *plainZone, name, encloser string) []string {
	if s.hashing == nil {
		return append(s.noData(z, "\x01*"+encloser), s.covering(name, nil))
	}
	owners, _ := s.encloser(name, encloser)
	star := s.matching("\x01*" + encloser)
	if star == "" { // all below it was left out of the chain
		star = s.covering("\x01*"+encloser, s.hashing)
	}
	return append(owners, star)
}

// delegation is what stands beside a referral: the signatures of DS, or what shows that there is none.
func (s *plainSigned) delegation(z *plainZone, cut string, n *plainName) []string {
	if n.sets[rr.TypeDS] != nil {
		return n.signatures(cut, rr.TypeDS)
	}
	return s.texts(z, s.noData(z, cut))
}

// deny is the Authority of a negative answer.
func (s *plainSigned) deny(z *plainZone, owners []string) []string {
	return append(slices.Clone(s.soa), s.texts(z, owners)...)
}

// texts are the NSEC or NSEC3 records of some owners, each once, with their signatures.
func (s *plainSigned) texts(z *plainZone, owners []string) (all []string) {
	typ := uint16(rr.TypeNSEC)
	if s.hashing != nil {
		typ = rr.TypeNSEC3
	}
	slices.Sort(owners)
	for _, owner := range slices.Compact(owners) {
		n := z.all[owner]
		all = append(append(all, n.records(owner, typ)...), n.signatures(owner, typ)...)
	}
	return all
}
