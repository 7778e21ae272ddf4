package zones

import "tinycdn/zones/zonefile"

// takeSet takes the records of one type from list, which it overwrites, as a set: duplicates go, and all get the lowest
// TTL, in the first (RFC 2181, 5 and 5.2). The rest keeps its order.
func takeSet(list []rr, typ uint16) (set, rest []rr) {
	set = list[:0]
	for _, r := range list {
		if r.typ == typ {
			set = append(set, r)
		} else {
			rest = append(rest, r)
		}
	}
	if len(set) < 2 {
		return set, rest
	}
	seen := map[string]bool{}
	kept := set[:0]
	for _, r := range set {
		if key := caseless(r); !seen[key] {
			seen[key] = true
			kept = append(kept, r)
		}
		kept[0].ttl = min(kept[0].ttl, r.ttl)
	}
	return kept, rest
}

// caseless gives a record's data with the names in it in lower case: names that differ in nothing else are the same.
func caseless(r rr) string {
	data := []byte(string(r.data))
	switch r.typ {
	case typeNS, typePTR:
		zonefile.Lower(data)
	case typeMX:
		zonefile.Lower(data[2:])
	case typeSRV:
		zonefile.Lower(data[6:])
	}
	return string(data)
}
