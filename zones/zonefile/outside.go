package zonefile

import (
	"bytes"
	"fmt"
	"hash/maphash"

	"tinycdn/zones/rr"
)

// outside is a name outside the zone, whose addresses were left out. That is right where it is a nameserver's that the zone
// names: other programs write those into a zone, too. Else it is a mistake.
type outside struct {
	owner      []byte // lower case
	file, text string // where it stands, and what is told of it
	line       int
}

// maxOutside is how many such names are kept until all is read.
const maxOutside = 10000

// hashes are names. That two have the same hash does not happen, and would do no harm.
type hashes struct {
	seed maphash.Seed
	set  map[uint64]struct{}
}

func (h *hashes) add(name []byte) {
	if h.set == nil {
		h.seed, h.set = maphash.MakeSeed(), map[uint64]struct{}{}
	}
	h.set[maphash.Bytes(h.seed, name)] = struct{}{}
}

func (h *hashes) has(name []byte) bool {
	if h.set == nil {
		return false
	}
	_, ok := h.set[maphash.Bytes(h.seed, name)]
	return ok
}

// noteNS notes a nameserver outside the zone.
func (r *reader) noteNS(rec *Record) {
	if rec.Type != typeNS {
		return
	}
	var buf [rr.MaxName]byte
	target := append(buf[:0], rec.Data...)
	rr.Lower(target)
	if !rr.IsBelow(target, r.zone.Origin) {
		r.nsAbroad.add(target)
	}
}

// leaveOut keeps the name of an address outside the zone for later, and refuses any other record there. The words from i on
// are what follows the owner.
func (m *master) leaveOut(i int) error {
	err := fmt.Errorf("%s: outside zone %s%s", m.awayText, m.zone.OriginText, m.outsideHint())
	var typ uint16
	for ; i < len(m.words) && typ == 0; i++ {
		typ, _ = parseType(m.wordText(i)) // TTL and class are none
	}
	list := m.reader.outside
	isKept := len(list) > 0 && bytes.Equal(list[len(list)-1].owner, m.owner)
	switch {
	case typ == typeA || typ == typeAAAA:
		if isKept {
			return nil
		}
		if len(list) < maxOutside {
			m.reader.outside = append(list, outside{bytes.Clone(m.owner), m.path, err.Error(), m.line})
			return nil
		}
	case isKept:
		m.reader.outside = list[:len(list)-1]
	}
	m.away = false // it is told once
	return err
}

// judgeOutside tells of the names whose addresses were left out.
func (r *reader) judgeOutside() {
	for _, o := range r.outside {
		if r.nsAbroad.has(o.owner) {
			r.note(o.file, o.line, "%s: outside zone %s, and left out: a nameserver's address is its own zone's to give", rr.NameText(o.owner), r.zone.OriginText)
		} else {
			r.problem(o.file, o.line, "%s", o.text)
		}
	}
}
