package zones

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"tinycdn/geoip"
	"tinycdn/zones/diag"
	"tinycdn/zones/records"
	"tinycdn/zones/rr"
	"tinycdn/zones/zonefile"
)

// maxFaults is how many wrong answers are told of one zone: where one is wrong, thousands may be.
const maxFaults = 20

// Verify asks zone, which Load made of path and the files it names, for every name and type, and holds the answers against
// the records, which it reads once more: what there is must be answered with just that, delegations must refer, a name that
// exists must not be denied, and one that does not must be. Any problem is a bug of ours, or the files have changed meanwhile.
//
// The snapshot lends its maps. The zone is asked alone, so that what others say of its names is no matter.
func (s *Snapshot) Verify(zone *Zone, path, origin string, files diag.Files, from ...string) (problems []diag.Problem) {
	defer func() {
		if fault := recover(); fault != nil {
			problems = append(problems, diag.Problem{File: path, Text: fmt.Sprintf("the zone cannot be asked, which is a bug in tinycdn; please report it: %v", fault)})
		}
	}()
	plain := &plainZone{apex: string(zone.Apex), all: map[string]*plainName{}, names: map[string]*plainName{}, addresses: map[string]bool{}, maps: s.maps}
	read, problems := zonefile.ReadNext(path, origin, plain, func(uint32) uint32 { return zone.Serial }, from...)
	stays := func(path string, info fs.FileInfo) bool { return diag.SameFile(files[path], info) } // there may be keys beside them
	maps.DeleteFunc(read.Files, stays)
	if len(problems) > 0 || !files.Unchanged() || len(read.Files) > 0 {
		return []diag.Problem{{File: path, Text: "the zone has changed while it was checked (check it again)"}}
	}
	if zone.signer() != nil {
		plain.signHere(zone, path, origin, from)
	}
	alone := Draft{zones: map[string]*Zone{plain.apex: zone}, maps: maps.Clone(s.maps), down: &downs{}, before: s}
	snapshot, err := alone.finish()
	if err != nil {
		return []diag.Problem{{File: path, Text: err.Error()}}
	}
	plain.finish()
	v := &verifier{plain: plain, path: path, snapshot: snapshot}
	v.walk()
	return v.problems
}

// verifier walks a zone.
type verifier struct {
	plain    *plainZone
	path     string
	snapshot *Snapshot
	problems []diag.Problem

	name     [rr.MaxName + 9]byte
	question Question
	reply    []byte
}

// walk asks for all that exists, and for a name that does not right below each.
func (v *verifier) walk() {
	for _, name := range slices.Sorted(maps.Keys(v.plain.names)) {
		missing, fits := v.plain.missing(name)
		hasWildcard := v.plain.names["\x01*"+name] != nil
		for _, typ := range v.plain.types {
			v.verify(name, typ, false)
			if v.plain.signed != nil {
				v.verify(name, typ, true)
			}
			if fits && (hasWildcard || typ == rr.TypeA) {
				v.verify(missing, typ, true)
			}
		}
		v.verify(name, rr.TypeA, true) // a delegation has its DS beside it
		if len(v.problems) >= maxFaults {
			return
		}
	}
}

// verify asks a question, and tells what is wrong with the answer.
func (v *verifier) verify(name string, typ uint16, do bool) {
	want := v.plain.expect(name, typ, do)
	got, err := v.ask(name, typ, do)
	if err == nil {
		err = v.compare(&got, &want)
	}
	if err != nil {
		problem := diag.Problem{File: want.of.file, Line: want.of.line}
		problem.Text = fmt.Sprintf("%s %s is answered wrongly, which is a bug in tinycdn; please report it: %v", NameText([]byte(name)), records.TypeText(typ), err)
		v.problems = append(v.problems, problem)
	}
}

// received is an answer, taken apart.
type received struct {
	Outcome
	answer, authority, additional []string
}

// ask puts a question as somebody would from this machine. Where a rule or a database places that does not matter: of a geo name
// any POP's addresses are right.
func (v *verifier) ask(name string, typ uint16, do bool) (got received, err error) {
	q := &v.question
	q.Name, q.NameLen, q.Type, q.DO, q.Limit = &v.name, len(name), typ, do, 65535
	q.Client = Client{Resolver: geoip.BlockOfAddr(netip.AddrFrom4([4]byte{127, 0, 0, 1}))}
	copy(q.Name[:], name)
	v.reply = append(append(v.reply[:0], make([]byte, nameAt)...), name...)
	v.reply = append(v.reply, byte(typ>>8), byte(typ), 0, 1)
	at := len(v.reply)
	v.reply, got.Outcome = v.snapshot.Answer(v.reply, q)
	for _, section := range []struct {
		list  *[]string
		count uint16
	}{{&got.answer, got.Answer}, {&got.authority, got.Authority}, {&got.additional, got.Additional}} {
		for range section.count {
			var record string
			if record, at, err = readRecord(v.reply, at); err != nil {
				return got, fmt.Errorf("the answer cannot be read: %w", err)
			}
			*section.list = append(*section.list, record)
		}
	}
	if at != len(v.reply) {
		return got, errors.New("the answer cannot be read: something stands behind its records")
	}
	return got, nil
}

// compare tells of an answer that is not what it must be.
func (v *verifier) compare(got *received, want *expected) error {
	if want.leadsOn {
		got.answer = got.answer[:min(len(got.answer), len(want.answer))]
		got.Rcode, got.authority, got.additional = want.rcode, nil, nil
		want.authority = nil // what is owed comes with that of other names
	}
	if want.oneOf != nil {
		if want.signed { // by what it is a signature, validators say
			all := len(got.answer)
			got.answer = slices.DeleteFunc(got.answer, func(r string) bool { return strings.Contains(r, " RRSIG ") })
			if len(got.answer) != all-1 {
				return errors.New("the addresses have no signature, or more than one")
			}
		}
		want.answer = slices.DeleteFunc(slices.Clone(got.answer), func(r string) bool { return !slices.Contains(want.oneOf, r) })
	}
	switch {
	case got.Rcode != want.rcode || got.Authoritative != want.authoritative || got.Truncated:
		return fmt.Errorf("got RCODE %d, AA %v, TC %v, want RCODE %d, AA %v", got.Rcode, got.Authoritative, got.Truncated, want.rcode, want.authoritative)
	case want.oneOf != nil && len(got.answer) == 0:
		return fmt.Errorf("no address is given, and the POPs of its map have %d", len(want.oneOf))
	case !sameRecords(got.answer, want.answer):
		return fmt.Errorf("the answer is %q, want %q", got.answer, want.answer)
	case !sameRecords(got.authority, want.authority):
		return fmt.Errorf("in Authority is %q, want %q", got.authority, want.authority)
	}
	for _, glue := range want.glue {
		if !slices.Contains(got.additional, glue) {
			return fmt.Errorf("the referral has no %s", glue)
		}
	}
	for _, extra := range got.additional {
		if !v.plain.addresses[extra] {
			return fmt.Errorf("in Additional is %s, which the zone does not have", extra)
		}
	}
	return nil
}

// sameRecords says whether both are the same records in any order.
func sameRecords(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
