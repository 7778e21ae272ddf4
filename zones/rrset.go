package zones

import "slices"

// split parts the records of one type from the others, keeping the order of both. It reorders list in place.
func split(list []rr, typ uint16) (set, rest []rr) {
	slices.SortStableFunc(list, func(a, b rr) int {
		switch {
		case a.typ == typ && b.typ != typ:
			return -1
		case a.typ != typ && b.typ == typ:
			return 1
		}
		return 0
	})
	n := 0
	for n < len(list) && list[n].typ == typ {
		n++
	}
	return list[:n], list[n:]
}

// rrset makes records of one type a set: duplicates go, and all get the lowest TTL, in the first
// (RFC 2181, 5 and 5.2).
func rrset(set []rr) []rr {
	if len(set) == 1 {
		return set
	}
	seen := map[string]bool{}
	kept := set[:0]
	for _, r := range set {
		if !seen[string(r.data)] {
			seen[string(r.data)] = true
			kept = append(kept, r)
		}
		kept[0].ttl = min(kept[0].ttl, r.ttl)
	}
	return kept
}
