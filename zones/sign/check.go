// Package sign knows keys and signatures: it checks those that a zone brings along.
package sign

import (
	"fmt"
	"time"

	"github.com/miekg/dns"

	"tinycdn/zones/diag"
	"tinycdn/zones/records"
	"tinycdn/zones/rr"
)

// mostChecked is how many signatures of a zone are verified: each takes a tenth of a millisecond. Of a zone with more it is the apex's, and
// as many of the others, evenly spread.
const mostChecked = 20_000

// Found is what came of a check.
type Found struct {
	Problems, Notes []diag.Problem
	Expires         time.Time // when the first records are without a signature that holds
}

// checker checks the signatures of a zone.
type checker struct {
	*records.Set
	apex  []byte
	now   time.Time
	keys  map[uint16][]*dns.DNSKEY // by their tags
	every int                      // one of so many names is verified

	problems, notes diag.FewProblems
	expires         time.Time
	expired         int             // sets
	first           *records.Record // the signature that expired first
	uncheckable     bool
}

// Check checks the signatures of a signed zone, whose records fit together: that they are made by its keys and of its records, and
// valid now. What has expired is served all the same: whoever does not validate gets his answer.
func Check(s *records.Set, apex []byte, now time.Time) Found {
	c := &checker{Set: s, apex: apex, now: now, keys: map[uint16][]*dns.DNSKEY{}, expires: time.Unix(1<<62, 0)}
	at, _ := s.Find(apex)
	for _, r := range s.Of(nil, at) {
		if key, ok := unpack(apex, &r).(*dns.DNSKEY); ok {
			c.keys[key.KeyTag()] = append(c.keys[key.KeyTag()], key)
		}
	}
	count := 0
	var list []records.Record
	for o := range s.Len() {
		list = s.Of(list[:0], o)
		for i := range list {
			if list[i].Type == rr.TypeRRSIG {
				count++
			}
		}
	}
	c.every = 1 + count/mostChecked
	for o := range s.Len() {
		c.checkName(o, o%c.every == 0 || o == at)
	}
	if c.expired > 0 {
		c.note(c.first, "signatures of %d sets have expired, the first at %s: whoever validates gets no answer from them (sign the zone anew)", c.expired, c.expires.UTC().Format(time.RFC3339))
	}
	return Found{c.problems.All(), c.notes.All(), c.expires}
}

func (c *checker) problem(at *records.Record, format string, args ...any) {
	c.problems.Add(*c.ProblemAt(at, format, args...))
}

func (c *checker) note(at *records.Record, format string, args ...any) {
	c.notes.Add(*c.ProblemAt(at, format, args...))
}

// checkName checks the signatures of one name: their times, and all else if verify says so.
func (c *checker) checkName(o int, verify bool) {
	sigs, rest := records.TakeSet(c.Of(nil, o), rr.TypeRRSIG)
	done := map[uint16]bool{}
	for i := range sigs {
		typ := rr.Covered(sigs[i].Data)
		if done[typ] {
			continue
		}
		done[typ] = true
		var of, set []records.Record
		for _, sig := range sigs {
			if rr.Covered(sig.Data) == typ {
				of = append(of, sig)
			}
		}
		for _, r := range rest {
			if r.Type == typ {
				set = append(set, r)
			}
		}
		c.checkTimes(o, typ, of)
		if verify {
			c.verify(o, typ, of, set)
		}
	}
}

// checkTimes checks when the signatures of a set are valid: one must be.
func (c *checker) checkTimes(o int, typ uint16, sigs []records.Record) {
	var until time.Time
	begun := false
	for i := range sigs {
		sig := rr.ReadSignature(sigs[i].Data)
		if from := c.timeOf(sig.Inception); from.After(c.now) {
			continue
		}
		begun = true
		if at := c.timeOf(sig.Expiration); at.After(until) {
			until = at
		}
	}
	if !begun {
		sig := rr.ReadSignature(sigs[0].Data)
		c.problem(&sigs[0], "%s: the RRSIG of %s is not valid before %s (is the clock right, here and where it was signed?)", rr.NameText(c.Name(o)), records.TypeText(typ), c.timeOf(sig.Inception).UTC().Format(time.RFC3339))
		return
	}
	if !until.After(c.now) {
		c.expired++
	}
	if until.Before(c.expires) {
		c.expires, c.first = until, &sigs[0]
	}
}

// timeOf is the time of a signature nearest to the present: it counts seconds modulo 2^32 (RFC 4034, 3.1.5).
func (c *checker) timeOf(seconds uint32) time.Time {
	return time.Unix(c.now.Unix()+int64(int32(seconds-uint32(c.now.Unix()))), 0)
}

// verify checks that a key of the zone made one of the signatures of a set, and that none lies.
func (c *checker) verify(o int, typ uint16, sigs, set []records.Record) {
	var list []dns.RR
	for i := range set {
		if r := unpack(c.Name(o), &set[i]); r != nil {
			list = append(list, r)
		}
	}
	list = dns.Dedup(list, nil)
	verified := false
	for i := range sigs {
		sig, ok := unpack(c.Name(o), &sigs[i]).(*dns.RRSIG)
		if !ok {
			continue
		}
		err := fmt.Errorf("no DNSKEY of the zone has the tag %d", sig.KeyTag)
		for _, key := range c.keys[sig.KeyTag] {
			if err = sig.Verify(key, list); err == nil || err == dns.ErrAlg {
				break
			}
		}
		switch {
		case err == nil:
			verified = true
		case err == dns.ErrAlg:
			verified = true
			if !c.uncheckable {
				c.note(&sigs[i], "signatures of algorithm %d cannot be checked here (ldns-verify-zone or dnssec-verify may)", sig.Algorithm)
			}
			c.uncheckable = true
		case len(c.keys[sig.KeyTag]) > 0:
			c.problem(&sigs[i], "%s: the RRSIG of %s is not by the zone's DNSKEY %d, or not of these records (sign the zone anew)", rr.NameText(c.Name(o)), records.TypeText(typ), sig.KeyTag)
			verified = true // it is told
		}
	}
	if !verified {
		c.problem(&sigs[0], "%s: no RRSIG of %s is by a DNSKEY of the zone (sign the zone anew, with the key in it)", rr.NameText(c.Name(o)), records.TypeText(typ))
	}
}

// unpack is a record as the library has it; nil: it cannot read it.
func unpack(owner []byte, r *records.Record) dns.RR {
	name, _, err := dns.UnpackDomainName(owner, 0)
	if err != nil {
		return nil
	}
	header := dns.RR_Header{Name: name, Rrtype: r.Type, Class: dns.ClassINET, Ttl: r.TTL, Rdlength: uint16(len(r.Data))}
	read, _, err := dns.UnpackRRWithHeader(header, r.Data, 0)
	if err != nil {
		return nil
	}
	return read
}
