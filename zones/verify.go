package zones

import (
	"fmt"
	"slices"

	"tinycdn/zones/diag"
	"tinycdn/zones/zonefile"
)

// maxFaults is how many wrong answers are told of one zone: where one is wrong, thousands may be.
const maxFaults = 20

// Verify asks zone, which Load made of path and the files it names, for every name and type, and holds the answers against
// the records, which it reads once more: what there is must be answered with just that, delegations must refer, a name that
// exists must not be denied, and one that does not must be. Any problem is a bug of ours, or the files have changed meanwhile.
//
// The snapshot lends its maps. The zone is asked alone, so that what others say of its names is no matter.
func (s *Snapshot) Verify(zone *Zone, path, origin string, files diag.Files) (problems []diag.Problem) {
	defer func() {
		if fault := recover(); fault != nil {
			problems = append(problems, diag.Problem{File: path, Text: fmt.Sprintf("the zone cannot be asked, which is a bug in tinycdn; please report it: %v", fault)})
		}
	}()
	plain := newPlainZone()
	read, problems := zonefile.Read(path, origin, plain)
	if len(problems) > 0 || !diag.Files(read.Files).Equal(files) {
		return []diag.Problem{{File: path, Text: "the zone has changed while it was checked (check it again)"}}
	}
	entry := &zoneEntry{apex: zone.Apex, zone: zone}
	for _, name := range zone.maps {
		m := s.maps[name]
		if m == nil {
			return []diag.Problem{{File: path, Text: fmt.Sprintf("map %q is not there", name)}}
		}
		entry.maps = append(entry.maps, m)
	}
	plain.finish(string(zone.Apex))
	v := &verifier{plain: plain, path: path, snapshot: newSnapshot(map[string]*zoneEntry{string(zone.Apex): entry}, s.maps)}
	v.walk()
	return v.problems
}

// verifier walks a zone.
type verifier struct {
	plain    *plainZone
	path     string
	snapshot *Snapshot
	problems []diag.Problem

	name     [maxName + 9]byte
	question Question
	reply    []byte
}

func (v *verifier) walk() {
	names := make([]string, 0, len(v.plain.names))
	for name := range v.plain.names {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if len(v.problems) >= maxFaults {
			return
		}
		n := v.plain.names[name]
		if name != v.plain.apex && n.has(typeNS) {
			v.verifyCut(name, n)
			continue
		}
		v.verifyName(name, n)
		v.verifyBelow(name, n)
	}
}

// verifyName asks for every type of a name that has, itself or by a wildcard, the records of n.
func (v *verifier) verifyName(name string, n *plainName) {
	for _, typ := range v.plain.types {
		r := v.ask(name, typ, false)
		want := expected{authoritative: true}
		switch {
		case n.geo != nil && (typ == typeA || typ == typeAAAA):
			v.verifyGeo(name, n, typ, &r)
			continue
		case n.has(typ):
			want.answer = n.set(name, typ)
		case n.has(typeCNAME):
			want.answer = n.set(name, typeCNAME)
			r.answer = r.answer[:min(len(r.answer), len(want.answer))] // what the chain leads to is those names' matter
			r.rcode, r.authority, r.additional = noError, nil, nil
		default:
			want.authority = v.plain.denial()
		}
		v.compare(name, n, typ, &r, &want)
	}
}

// verifyGeo holds that a geo name's addresses are those of POPs of its map, and that none is denied that a POP has.
func (v *verifier) verifyGeo(name string, n *plainName, typ uint16, r *decoded) {
	has := map[string]bool{}
	for _, pop := range v.snapshot.maps[n.geo.of].steer.POPs {
		for _, addr := range pop.Addresses {
			if addr.Is4() == (typ == typeA) {
				has[string(addr.AsSlice())] = true
			}
		}
	}
	want := expected{authoritative: true}
	if len(has) == 0 {
		want.authority = v.plain.denial()
	} else if len(r.answer) == 0 {
		v.fault(name, n, typ, "no address is given, and the POPs of map %q have %d", n.geo.of, len(has))
		return
	}
	for _, got := range r.answer {
		if has[got.data] {
			want.answer = append(want.answer, plainRR{name, typ, n.geo.ttl, got.data})
		}
	}
	v.compare(name, n, typ, r, &want)
}

// verifyCut asks at a delegation and below it: for the parent's data, and for what only the child knows.
func (v *verifier) verifyCut(name string, n *plainName) {
	missing, fits := v.plain.missing(name)
	asked := []string{name}
	if fits {
		asked = append(asked, missing)
	}
	for _, at := range asked {
		for _, do := range []bool{false, true} {
			r := v.ask(at, typeA, do)
			want := expected{authority: n.set(name, typeNS)}
			if do {
				want.authority = append(want.authority, n.set(name, typeDS)...)
			}
			v.compare(at, n, typeA, &r, &want)
			for _, ns := range n.set(name, typeNS) {
				for _, glue := range v.plain.addresses(ns.data) {
					if !slices.Contains(r.additional, glue) {
						v.fault(at, n, typeA, "the referral has no address of %s", NameText([]byte(ns.data)))
					}
				}
			}
		}
	}
	r := v.ask(name, typeDS, false)
	want := expected{authoritative: true, answer: n.set(name, typeDS)}
	if len(want.answer) == 0 {
		want.authority = v.plain.denial()
	}
	v.compare(name, n, typeDS, &r, &want)
}

// verifyBelow asks for a name that is not there, right below one that is.
func (v *verifier) verifyBelow(name string, n *plainName) {
	missing, fits := v.plain.missing(name)
	if !fits {
		return
	}
	if n.has(typeDNAME) {
		r := v.ask(missing, typeA, false)
		dname := n.set(name, typeDNAME)[0]
		label := missing[:len(missing)-len(name)]
		want := expected{authoritative: true, answer: []plainRR{dname}}
		if len(label)+len(dname.data) > maxName {
			want.rcode = yxDomain
		} else {
			want.answer = append(want.answer, plainRR{missing, typeCNAME, dname.ttl, label + dname.data})
			r.rcode, r.authority, r.additional = noError, nil, nil
		}
		r.answer = r.answer[:min(len(r.answer), len(want.answer))]
		v.compare(missing, n, typeA, &r, &want)
		return
	}
	if star := v.plain.names["\x01*"+name]; star != nil {
		v.verifyName(missing, star)
		return
	}
	r := v.ask(missing, typeA, false)
	v.compare(missing, n, typeA, &r, &expected{rcode: nxDomain, authoritative: true, authority: v.plain.denial()})
}

// ask puts a question as somebody would whom no database places.
func (v *verifier) ask(name string, typ uint16, do bool) decoded {
	q := &v.question
	q.Name, q.NameLen, q.Type, q.DO, q.Limit = &v.name, len(name), typ, do, 65535
	q.Client = Client{Resolver: nowhere}
	copy(q.Name[:], name)
	v.reply = append(append(v.reply[:0], make([]byte, nameAt)...), name...)
	v.reply = append(v.reply, byte(typ>>8), byte(typ), 0, 1)
	start := len(v.reply)
	var out Outcome
	v.reply, out = v.snapshot.Answer(v.reply, q)
	return decode(v.reply, start, &out)
}

// compare tells of an answer that is not what it must be.
func (v *verifier) compare(name string, n *plainName, typ uint16, got *decoded, want *expected) {
	switch {
	case got.broken:
		v.fault(name, n, typ, "the answer cannot be read")
	case got.rcode != want.rcode || got.authoritative != want.authoritative || got.truncated:
		v.fault(name, n, typ, "got RCODE %d, AA %v, TC %v, want RCODE %d, AA %v", got.rcode, got.authoritative, got.truncated, want.rcode, want.authoritative)
	case !sameRecords(got.answer, want.answer):
		v.fault(name, n, typ, "the answer is %v, want %v", got.answer, want.answer)
	case !sameRecords(got.authority, want.authority):
		v.fault(name, n, typ, "in Authority is %v, want %v", got.authority, want.authority)
	}
	for _, extra := range got.additional {
		if !slices.Contains(v.plain.addresses(extra.owner), extra) {
			v.fault(name, n, typ, "in Additional is %v, which the zone does not have", extra)
		}
	}
}

func (v *verifier) fault(name string, n *plainName, typ uint16, format string, args ...any) {
	at := diag.Problem{File: v.path}
	if len(n.records) > 0 {
		at.File, at.Line = n.records[0].file, n.records[0].line
	}
	at.Text = fmt.Sprintf("%s %s is answered wrongly, which is a bug in tinycdn; please report it: ", NameText([]byte(name)), typeText(typ)) + fmt.Sprintf(format, args...)
	v.problems = append(v.problems, at)
}
