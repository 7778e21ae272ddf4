package zones

import (
	"bytes"
	"slices"

	"tinycdn/zones/rr"
)

// takeSet takes the records of one type from list, which it overwrites, as a set: duplicates go, and all get the lowest
// TTL, in the first (RFC 2181, 5 and 5.2). The rest keeps its order.
func takeSet(list []record, typ uint16) (set, rest []record) {
	set = list[:0]
	for _, r := range list {
		if r.typ == typ {
			set = append(set, r)
		} else {
			rest = append(rest, r)
		}
	}
	return takeAll(set), rest
}

// takeAll is takeSet of a list that has no other types.
func takeAll(set []record) []record {
	const few = 8
	if len(set) < 2 {
		return set
	}
	var seen map[string]bool
	if len(set) > few {
		seen = make(map[string]bool, len(set))
	}
	kept := set[:0]
	for _, r := range set {
		is := false
		if seen != nil {
			key := caseless(r)
			is, seen[key] = seen[key], true
		} else {
			is = slices.ContainsFunc(kept, func(k record) bool { return sameData(k, r) })
		}
		if !is {
			kept = append(kept, r)
		}
		kept[0].ttl = min(kept[0].ttl, r.ttl)
	}
	return kept
}

// sameData says whether two records of a type are caseless the same.
func sameData(a, b record) bool {
	return len(a.data) == len(b.data) && (bytes.Equal(a.data, b.data) || bytes.EqualFold(a.data, b.data) && caseless(a) == caseless(b))
}

// caseless gives a record's data with the names in it in lower case: names that differ in nothing else are the same
// (RFC 4343, 3). All else stays octet for octet.
func caseless(r record) string {
	data := []byte(string(r.data))
	at, names := namesIn(r)
	for ; names > 0; names-- {
		end := at + rr.NameLen(data[at:])
		rr.Lower(data[at:end])
		at = end
	}
	return string(data)
}

// namesIn says where the names in a record's data begin, and how many follow each other. (IPSECKEY, AMTRELAY and HIP have
// theirs where another field says; as in BIND and Knot, their data is compared as it is.)
func namesIn(r record) (at, names int) {
	switch r.typ {
	case rr.TypeNS, rr.TypeMD, rr.TypeMF, rr.TypeCNAME, rr.TypeMB, rr.TypeMG, rr.TypeMR, rr.TypePTR, rr.TypeNSAPPTR, rr.TypeDNAME:
		return 0, 1
	case rr.TypeSOA, rr.TypeMINFO, rr.TypeRP, rr.TypeTALINK:
		return 0, 2
	case rr.TypeMX, rr.TypeAFSDB, rr.TypeRT, rr.TypeKX, rr.TypeLP, rr.TypeSVCB, rr.TypeHTTPS:
		return 2, 1
	case rr.TypePX:
		return 2, 2
	case rr.TypeSRV:
		return 6, 1
	case rr.TypeNAPTR: // behind two numbers and three texts
		at = 4
		for range 3 {
			at += 1 + int(r.data[at])
		}
		return at, 1
	}
	return 0, 0
}
