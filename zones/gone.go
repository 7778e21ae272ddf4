package zones

import "tinycdn/zones/rr"

// NamesGone counts the names of a zone that next, which may be what it becomes, does not have.
func (z *Zone) NamesGone(next *Zone) (n int) {
	if string(z.Apex) != string(next.Apex) {
		return z.Names
	}
	var name []byte
	for _, s := range z.image.slots {
		if s.at == 0 {
			continue
		}
		rel := z.image.octets[s.at+nodeHeader:][:z.image.octets[s.at]]
		name = append(append(name[:0], rel...), z.Apex...)
		if _, stays := next.image.find(rr.HashName(name), rel); !stays {
			n++
		}
	}
	return n
}
