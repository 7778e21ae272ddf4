package zones

import (
	"encoding/binary"

	"tinycdn/zones/rr"
)

// proveNoData shows that the name asked for has nothing of the type (RFC 4035, 3.1.3.1; RFC 5155, 7.2.3 and 7.2.4).
func (l *lookup) proveNoData(n *node) {
	d, m := l.zone.denials, &l.zone.image
	if d.hashing != nil {
		if own, _ := m.hashLinks(n.at); own != 0 {
			l.owe(own, rr.TypeNSEC3)
			return
		}
		l.proveEncloser(n, 0)
		return
	}
	if _, ok := m.answer(n, rr.TypeNSEC); ok {
		l.oweAt(n.at, rr.TypeNSEC, l.owner)
		return
	}
	l.owe(d.covering(m, l.q.suffix(0, l.apex)), rr.TypeNSEC) // an empty non-terminal: the next name is below it
}

// proveNoName shows that the name asked for is not there, nor a wildcard that stands for it (RFC 4035, 3.1.3.2; RFC 5155, 7.2.2). n, from
// label k on, is its closest encloser.
func (l *lookup) proveNoName(n *node, k int) {
	d, m := l.zone.denials, &l.zone.image
	if d.hashing != nil {
		encloser := l.proveEncloser(n, k)
		_, star := m.hashLinks(encloser)
		l.owe(star, rr.TypeNSEC3)
		return
	}
	l.owe(d.covering(m, l.q.suffix(0, l.apex)), rr.TypeNSEC)
	if n.flags&deniesStar != 0 {
		l.oweAt(n.at, rr.TypeNSEC, l.owner+int(l.q.start[k]))
		return
	}
	l.owe(l.coveringStar(k), rr.TypeNSEC)
}

// proveWildcard shows that nothing is closer to the name asked for than the wildcard below n, which is the name from label k on (RFC 4035,
// 3.1.3.3 and 3.1.3.4; RFC 5155, 7.2.5 and 7.2.6).
func (l *lookup) proveWildcard(n, star *node, k int) {
	d, m := l.zone.denials, &l.zone.image
	if d.hashing == nil {
		l.owe(d.covering(m, l.q.suffix(0, l.apex)), rr.TypeNSEC)
		if !l.denied {
			return
		}
		if _, ok := m.answer(star, rr.TypeNSEC); ok {
			l.owe(star.at, rr.TypeNSEC)
		} else {
			l.owe(l.coveringStar(k), rr.TypeNSEC)
		}
		return
	}
	if !l.denied {
		l.owe(l.coveringCloser(k), rr.TypeNSEC3)
		return
	}
	l.proveEncloser(n, k)
	_, own := m.hashLinks(n.at) // that of the wildcard; with opt-out, it may be one that covers it
	l.owe(own, rr.TypeNSEC3)
}

// coveringStar is the node whose NSEC comes before the wildcard below the name from label k on.
func (l *lookup) coveringStar(k int) uint32 {
	var buf [rr.MaxName + 2]byte
	star := append(append(buf[:0], 1, '*'), l.q.suffix(k, l.apex)...)
	return l.zone.denials.covering(&l.zone.image, star)
}

// proveEncloser shows which name above the one that is asked for is the closest that there is (RFC 5155, 7.2.1): that it is there, and the
// next closer name is not. n, from label k on, is that one; where opt-out has left it out, it is the closest that has NSEC3. The node
// of that is returned.
func (l *lookup) proveEncloser(n *node, k int) (encloser uint32) {
	m, at := &l.zone.image, n.at
	own, _ := m.hashLinks(at)
	for own == 0 && k < l.apex {
		k++
		at, _ = m.find(l.q.hash[k], l.q.suffix(k, l.apex))
		own, _ = m.hashLinks(at)
	}
	l.owe(own, rr.TypeNSEC3)
	if k > 0 {
		l.owe(l.coveringCloser(k), rr.TypeNSEC3)
	}
	return at
}

// coveringCloser is the node of the NSEC3 that covers the name with one more label than the one from label k on.
func (l *lookup) coveringCloser(k int) uint32 {
	d := l.zone.denials
	sum := d.hashing.Hash(l.q.Name[l.q.start[k-1]:l.q.NameLen])
	return d.coveringHash(&sum)
}

// hashLinks returns the nodes of a name's NSEC3, and of that which matches or covers "*" below it.
func (m *image) hashLinks(at uint32) (own, star uint32) {
	links := m.octets[at-hashLinks:]
	return binary.LittleEndian.Uint32(links), binary.LittleEndian.Uint32(links[4:])
}
