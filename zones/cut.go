package zones

import (
	"tinycdn/zones/diag"
	"tinycdn/zones/records"
	"tinycdn/zones/rr"
)

// addCut packs the referrals at a cut, for those who want no DNSSEC and for those who do, and the answers to questions for DS, and
// what shows that there is none.
func (c *compiler) addCut(o int, name []byte) *diag.Problem {
	ns, rest := records.TakeSet(c.list, rr.TypeNS)
	ds, rest := records.TakeSet(rest, rr.TypeDS)
	nsec, rest := records.TakeSet(rest, rr.TypeNSEC)
	c.sigs, _ = records.TakeSet(rest, rr.TypeRRSIG)
	pack := func(secure bool) {
		c.pack.reset(name)
		for _, r := range ns {
			c.pack.authority(name, rr.TypeNS, ns[0].TTL, r.Data)
		}
		if secure {
			for _, r := range ds {
				c.pack.authority(name, rr.TypeDS, ds[0].TTL, r.Data)
			}
			if c.Signing != nil {
				c.addDelegationProof(name, ds, nsec)
			}
		}
		c.addGlue(ns)
	}
	pack(false)
	if problem := c.addAnswer(o, typeReferral, &ns[0]); problem != nil || len(ds) == 0 && c.Signing == nil {
		return problem
	}
	pack(true)
	if problem := c.addAnswer(o, typeReferralDS, &ns[0]); problem != nil {
		return problem
	}
	for _, set := range [][]records.Record{ds, nsec} {
		if len(set) == 0 {
			continue
		}
		c.pack.reset(name)
		for _, r := range set {
			c.pack.answerTo(r.Type, set[0].TTL, r.Data)
		}
		if problem := c.addAnswer(o, set[0].Type, &set[0]); problem != nil {
			return problem
		}
		if problem := c.addSignatures(o, set[0].Type, name); problem != nil {
			return problem
		}
	}
	return nil
}

// addGlue adds the addresses that the zone has of the name servers of a cut, all of them: a referral without
// them may lead nowhere (RFC 9471).
func (c *compiler) addGlue(ns []records.Record) {
	c.added = c.added[:0]
	for _, r := range ns {
		c.addAddresses(r.Data, 0)
	}
}
