package zones

import (
	"tinycdn/zones/diag"
	"tinycdn/zones/records"
	"tinycdn/zones/rr"
)

// addCut packs the referrals at a cut, without and with DS, and the answer to a question for DS.
func (c *compiler) addCut(o int, name []byte) *diag.Problem {
	ns, rest := records.TakeSet(c.list, rr.TypeNS)
	ds, _ := records.TakeSet(rest, rr.TypeDS)
	pack := func(withDS bool) {
		c.pack.reset(name)
		for _, r := range ns {
			c.pack.authority(name, rr.TypeNS, ns[0].TTL, r.Data)
		}
		if withDS {
			for _, r := range ds {
				c.pack.authority(name, rr.TypeDS, ds[0].TTL, r.Data)
			}
		}
		c.addGlue(ns)
	}
	pack(false)
	if problem := c.addAnswer(o, typeReferral, &ns[0]); problem != nil || len(ds) == 0 {
		return problem
	}
	pack(true)
	if problem := c.addAnswer(o, typeReferralDS, &ns[0]); problem != nil {
		return problem
	}
	c.pack.reset(name)
	for _, r := range ds {
		c.pack.answerTo(rr.TypeDS, ds[0].TTL, r.Data)
	}
	return c.addAnswer(o, rr.TypeDS, &ds[0])
}

// addGlue adds the addresses that the zone has of the name servers of a cut, all of them: a referral without
// them may lead nowhere (RFC 9471).
func (c *compiler) addGlue(ns []records.Record) {
	c.added = c.added[:0]
	for _, r := range ns {
		c.addAddresses(r.Data, 0)
	}
}
