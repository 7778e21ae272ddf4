package zones

import (
	"encoding/binary"
	"fmt"
	"slices"

	"tinycdn/zones/records"
	"tinycdn/zones/rr"
	"tinycdn/zones/zonefile"
)

// plainZone is a zone as its files have it, nothing packed and nothing hashed: what Verify holds the compiled zone against.
// It shares no code with compilation, or it would share its mistakes. Names are in wire form and lower case.
type plainZone struct {
	apex      string
	all       map[string]*plainName // everything that has records
	names     map[string]*plainName // what exists: those that are not below a delegation, and the names above them
	types     []uint16              // to ask for
	denial    []string              // the record that stands in Authority where there is nothing
	addresses map[string]bool       // all address records that there are
	maps      map[string]*addresses

	signed *plainSigned // nil: the zone is not signed
}

type plainName struct {
	sets map[uint16]*plainSet
	sigs []plainSignature
	geo  *zonefile.Geo
	file string // of its first record
	line int
}

// plainSet are the records of a type: each once, all with the lowest TTL (RFC 2181, 5).
type plainSet struct {
	ttl  uint32
	data []string
}

// Record takes a record from the zone's files.
func (z *plainZone) Record(r *zonefile.Record) {
	n := z.at(r.Owner, r.File, r.Line)
	if r.Type == rr.TypeRRSIG {
		n.sigs = append(n.sigs, plainSignature{rr.Covered(r.Data), r.TTL, string(r.Data)})
		return
	}
	data, err := readData(r.Data, 0, r.Type)
	if err != nil {
		panic(fmt.Sprintf("zones: internal error: %s %s: %v", NameText(r.Owner), records.TypeText(r.Type), err))
	}
	set := n.sets[r.Type]
	if set == nil {
		set = &plainSet{ttl: r.TTL}
		n.sets[r.Type] = set
	}
	set.ttl = min(set.ttl, r.TTL)
	if !slices.Contains(set.data, data) {
		set.data = append(set.data, data)
	}
}

// Geo takes a geo name from the zone's files.
func (z *plainZone) Geo(g *zonefile.Geo) {
	z.at(g.Owner, g.File, g.Line).geo = &zonefile.Geo{Map: g.Map, TTL: g.TTL}
}

func (z *plainZone) at(name []byte, file string, line int) *plainName {
	n := z.all[string(name)]
	if n == nil {
		n = &plainName{sets: map[uint16]*plainSet{}, file: file, line: line}
		z.all[string(name)] = n
	}
	return n
}

// records are those of a type, as owner's.
func (n *plainName) records(owner string, typ uint16) (all []string) {
	if set := n.sets[typ]; set != nil {
		for _, data := range set.data {
			all = append(all, recordText(owner, typ, set.ttl, data))
		}
	}
	return all
}

// finish finds what exists, and which types are worth asking for: those that the zone has and some that it may not have.
func (z *plainZone) finish() {
	z.types = []uint16{rr.TypeA, rr.TypeAAAA, rr.TypeNS, rr.TypeCNAME, rr.TypeMX, rr.TypeSRV, rr.TypeDS, 65399}
	z.findSigned()
	for name, n := range z.all {
		if z.signed.isHash(n) {
			continue
		}
		for typ := range n.sets {
			if !slices.Contains(z.types, typ) {
				z.types = append(z.types, typ)
			}
		}
		for _, address := range n.addresses(name) {
			z.addresses[address] = true
		}
		if z.cutAbove(name) != "" {
			continue
		}
		for at := name; ; at = at[1+at[0]:] {
			if z.names[at] = z.all[at]; z.names[at] == nil {
				z.names[at] = &plainName{file: n.file, line: n.line} // an empty non-terminal
			}
			if at == z.apex {
				break
			}
		}
	}
	slices.Sort(z.types)
	soa := z.names[z.apex].sets[rr.TypeSOA]
	minimum := binary.BigEndian.Uint32([]byte(soa.data[0][len(soa.data[0])-4:]))
	z.denial = []string{recordText(z.apex, rr.TypeSOA, min(soa.ttl, minimum), soa.data[0])} // RFC 2308, 3
}

// cutAbove gives the highest delegation above name, or "".
func (z *plainZone) cutAbove(name string) (cut string) {
	for name != z.apex {
		if name = name[1+name[0]:]; name != z.apex && z.all[name] != nil && z.all[name].sets[rr.TypeNS] != nil {
			cut = name
		}
	}
	return cut
}

func (n *plainName) addresses(name string) []string {
	return append(n.records(name, rr.TypeA), n.records(name, rr.TypeAAAA)...)
}

// missing gives a name right below name that does not exist, if there is room for one.
func (z *plainZone) missing(name string) (missing string, fits bool) {
	for i := 0; ; i++ {
		label := fmt.Sprintf("x%d", i)
		missing = string(rune(len(label))) + label + name
		if len(missing) > rr.MaxName || z.all[missing] == nil && z.names[missing] == nil {
			return missing, len(missing) <= rr.MaxName
		}
	}
}
