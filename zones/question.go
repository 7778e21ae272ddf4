package zones

import (
	"tinycdn/geoip"
	"tinycdn/zones/rr"
)

// A Question is what a Snapshot is asked. Its owner uses one again and again: what an answer needs to
// work with stands in it too, so that nothing is allocated.
type Question struct {
	// Name is in wire form and lower case. Answering overwrites it where a CNAME leads on.
	Name    *[rr.MaxName + 9]byte
	NameLen int
	Type    uint16
	DO      bool // the client takes DNSSEC records
	Limit   int  // octets that the reply may have
	Client  Client
	Owner   Owner // of what an answer with NOERROR is; answering sets it

	labels int                  // without the root
	start  [rr.MaxLabels]uint8  // where each label begins in Name, the leftmost first, the root's last
	hash   [rr.MaxLabels]uint64 // of the name from that label on
	ahead  ahead

	owed  [maxOwed]owed // what must follow in Authority
	owing int           // so many of them
}

// Owner is the name in a zone that a question is answered by: its own, or else the cut, the DNAME or the wildcard that it is below.
type Owner struct {
	At       uint8  // where it begins in the question's name
	Wildcard bool   // it is "*" below what begins there
	Hash     uint64 // of what begins there
}

// Client is who an answer is for.
type Client struct {
	Resolver  geoip.Block // the address that the query came from
	Subnet    geoip.Block // the EDNS client subnet,
	HasSubnet bool        // if there was one with a SOURCE above 0
}

// split finds the labels of the name and hashes every suffix of it.
func (q *Question) split() {
	n, at := 0, 0
	for q.Name[at] != 0 {
		q.start[n] = uint8(at)
		n++
		at += int(q.Name[at]) + 1
	}
	q.start[n] = uint8(at)
	q.labels = n
	h := rr.RootHash
	q.hash[n] = h
	for k := n - 1; k >= 0; k-- {
		h = rr.HashLabel(h, q.Name, int(q.start[k]))
		q.hash[k] = h
	}
}

// suffix returns the name from label k on to label end.
func (q *Question) suffix(k, end int) []byte {
	return q.Name[q.start[k]:q.start[end]]
}
