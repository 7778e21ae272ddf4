package zones

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"tinycdn/zones/zonefile"
)

// plainZone is a zone as its files have it, nothing packed and nothing hashed: what Verify holds the compiled zone against.
// It shares no code with compilation, or it would share its mistakes. Names are in wire form and lower case.
type plainZone struct {
	apex  string
	all   map[string]*plainName // everything that has records
	names map[string]*plainName // what exists: those that are not below a delegation, and the names above them
	types []uint16              // to ask for
}

type plainName struct {
	records []plainRecord
	geo     *plainGeo
}

type plainRecord struct {
	typ  uint16
	ttl  uint32
	data string // with its names as in a plainRR
	file string
	line int
}

type plainGeo struct {
	of  string // the map
	ttl uint32
}

// plainRR is a record of an answer. The names in its data are uncompressed; those that an answer may compress, and so may
// write in another case, are in lower case.
type plainRR struct {
	owner string
	typ   uint16
	ttl   uint32
	data  string
}

func (r plainRR) String() string {
	return fmt.Sprintf("%s %d %s %x", NameText([]byte(r.owner)), r.ttl, typeText(r.typ), r.data)
}

func newPlainZone() *plainZone {
	return &plainZone{all: map[string]*plainName{}, names: map[string]*plainName{}}
}

// Record takes a record from the zone's files.
func (z *plainZone) Record(r *zonefile.Record) {
	n := z.at(string(r.Owner))
	n.records = append(n.records, plainRecord{r.Type, r.TTL, plainData(r.Type, r.Data), r.File, r.Line})
}

// Geo takes a geo name from the zone's files.
func (z *plainZone) Geo(g *zonefile.Geo) {
	z.at(string(g.Owner)).geo = &plainGeo{g.Map, g.TTL}
}

func (z *plainZone) at(name string) *plainName {
	if z.all[name] == nil {
		z.all[name] = &plainName{}
	}
	return z.all[name]
}

// plainData puts the names that may be compressed (RFC 3597, 4) into lower case.
func plainData(typ uint16, data []byte) string {
	b := []byte(string(data))
	switch typ {
	case typeNS, typePTR:
		zonefile.Lower(b)
	case typeMX:
		zonefile.Lower(b[2:])
	case typeSOA:
		zonefile.Lower(b[:len(b)-20])
	}
	return string(b)
}

// finish finds what exists, and which types are worth asking for: those that the zone has and some that it may not have.
func (z *plainZone) finish(apex string) {
	z.apex = apex
	types := map[uint16]bool{typeA: true, typeAAAA: true, typeNS: true, typeCNAME: true, typeMX: true, typeSRV: true, typeDS: true, 65399: true}
	for name, n := range z.all {
		for _, r := range n.records {
			types[r.typ] = true
		}
		if z.isOccluded(name) {
			continue
		}
		for at := name; ; at = at[1+at[0]:] {
			if z.names[at] = z.all[at]; z.names[at] == nil {
				z.names[at] = &plainName{} // an empty non-terminal
			}
			if at == apex {
				break
			}
		}
	}
	for typ := range types {
		z.types = append(z.types, typ)
	}
	slices.Sort(z.types)
}

// isOccluded says whether a delegation stands above name.
func (z *plainZone) isOccluded(name string) bool {
	for name != z.apex {
		if name = name[1+name[0]:]; name != z.apex && z.all[name] != nil && z.all[name].has(typeNS) {
			return true
		}
	}
	return false
}

func (n *plainName) has(typ uint16) bool {
	return slices.ContainsFunc(n.records, func(r plainRecord) bool { return r.typ == typ })
}

// set gives the records of a type as owner's: each once, all with the lowest TTL.
func (n *plainName) set(owner string, typ uint16) (set []plainRR) {
	lowest := ^uint32(0)
	for _, r := range n.records {
		if r.typ == typ {
			lowest = min(lowest, r.ttl)
			set = append(set, plainRR{owner, typ, 0, r.data})
		}
	}
	slices.SortFunc(set, comparePlain)
	set = slices.Compact(set)
	for i := range set {
		set[i].ttl = lowest
	}
	return set
}

// denial is what stands in Authority where there is nothing: the SOA, with the TTL of negative answers (RFC 2308, 3).
func (z *plainZone) denial() []plainRR {
	soa := z.names[z.apex].set(z.apex, typeSOA)
	minimum := binary.BigEndian.Uint32([]byte(soa[0].data[len(soa[0].data)-4:]))
	soa[0].ttl = min(soa[0].ttl, minimum)
	return soa
}

// addresses are the address records of a name, glue too.
func (z *plainZone) addresses(name string) []plainRR {
	n := z.all[name]
	if n == nil {
		return nil
	}
	return append(n.set(name, typeA), n.set(name, typeAAAA)...)
}

// missing gives a name right below name that does not exist, if there is room for one.
func (z *plainZone) missing(name string) (missing string, fits bool) {
	for i := range 1000 {
		label := fmt.Sprintf("x%d", i)
		if missing = string(rune(len(label))) + label + name; len(missing) > maxName {
			return "", false
		}
		if z.names[missing] == nil && z.all[missing] == nil {
			return missing, true
		}
	}
	return "", false
}

func comparePlain(a, b plainRR) int {
	return cmp.Or(strings.Compare(a.owner, b.owner), cmp.Compare(a.typ, b.typ), cmp.Compare(a.ttl, b.ttl), strings.Compare(a.data, b.data))
}

// sameRecords says whether both are the same records in any order.
func sameRecords(a, b []plainRR) bool {
	return slices.Equal(slices.SortedFunc(slices.Values(a), comparePlain), slices.SortedFunc(slices.Values(b), comparePlain))
}
