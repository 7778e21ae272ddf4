package records

import (
	"bytes"
	"slices"

	"tinycdn/zones/rr"
)

// TakeSet takes the records of one type from list, which it overwrites, as a set: duplicates go, and all get the lowest
// TTL, in the first (RFC 2181, 5 and 5.2). The rest keeps its order.
func TakeSet(list []Record, typ uint16) (set, rest []Record) {
	set = list[:0]
	for _, r := range list {
		if r.Type == typ {
			set = append(set, r)
		} else {
			rest = append(rest, r)
		}
	}
	return TakeAll(set), rest
}

// TakeAll is TakeSet of a list that has no other types.
func TakeAll(set []Record) []Record {
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
			key := Caseless(r)
			is, seen[key] = seen[key], true
		} else {
			is = slices.ContainsFunc(kept, func(k Record) bool { return sameData(k, r) })
		}
		if !is {
			kept = append(kept, r)
		}
		if r.Type != rr.TypeRRSIG { // of one name they cover other types, and are no set (RFC 4034, 3)
			kept[0].TTL = min(kept[0].TTL, r.TTL)
		}
	}
	return kept
}

// sameData says whether two records of a type are caseless the same.
func sameData(a, b Record) bool {
	return len(a.Data) == len(b.Data) && (bytes.Equal(a.Data, b.Data) || bytes.EqualFold(a.Data, b.Data) && Caseless(a) == Caseless(b))
}

// Caseless gives a record's data with the names in it in lower case: names that differ in nothing else are the same
// (RFC 4343, 3). All else stays octet for octet.
func Caseless(r Record) string {
	data := []byte(string(r.Data))
	at, names := NamesIn(r)
	for ; names > 0; names-- {
		end := at + rr.NameLen(data[at:])
		rr.Lower(data[at:end])
		at = end
	}
	return string(data)
}

// NamesIn says where the names in a record's data begin, and how many follow each other. (IPSECKEY, AMTRELAY and HIP have
// theirs where another field says; as in BIND and Knot, their data is compared as it is.)
func NamesIn(r Record) (at, names int) {
	switch r.Type {
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
			at += 1 + int(r.Data[at])
		}
		return at, 1
	}
	return 0, 0
}
