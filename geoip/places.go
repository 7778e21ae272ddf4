package geoip

import "math"

// Places says of every address where databases have it, as closely as a sum or a picture wants it. It never changes.
type Places struct {
	where *Packed
	list  []Place // by the values of where; the first is what no database knows

	network [2]*Packed // an AS number's place in asns, in digits of base asnDigit; nil: no database knows any
	asns    []uint32
}

// Place is a cell of one degree, as far as it is in one country.
type Place struct {
	Known   bool // to some database, whatever it has of it
	Country string
	Middle  Point // of the cell, or of the country if no more is known
	Located bool  // Middle is known
}

// asnDigit is how many AS numbers one table tells apart: there are more of them than a table has values.
const asnDigit = 1 << 15

// BuildWithPlaces is Build, and also says where the addresses are: in the same walk, which is what takes time.
func BuildWithPlaces(d *Databases, specs []Spec) (tables []*Packed, places *Places, err error) {
	b := placesBuilder{
		places:  &Places{list: make([]Place, 1), asns: make([]uint32, 1)},
		known:   map[Place]uint16{},
		numbers: map[uint32]int{0: 0},
	}
	more := []Spec{{Decide: b.place, Regionless: true}}
	for _, info := range d.Info() {
		if info.Has.ASN {
			more = append(more, Spec{Decide: b.network(0), Regionless: true}, Spec{Decide: b.network(1), Regionless: true})
			break
		}
	}
	all, err := Build(d, append(specs[:len(specs):len(specs)], more...))
	if err != nil {
		return nil, nil, err
	}
	tables, all = all[:len(specs)], all[len(specs):]
	b.places.where = all[0]
	copy(b.places.network[:], all[1:])
	return tables, b.places, nil
}

// placesBuilder numbers places and AS numbers as they turn up.
type placesBuilder struct {
	places  *Places
	known   map[Place]uint16
	numbers map[uint32]int
}

func (b *placesBuilder) place(loc *Location) uint16 {
	p := Place{Known: true, Country: loc.Country, Located: loc.Located}
	if loc.Located {
		p.Middle = Point{middle(loc.Point.Lat, 90), middle(loc.Point.Lon, 180)}
	}
	n, ok := b.known[p]
	if ok {
		return n
	}
	if len(b.places.list) > int(MaxValue)-1000 { // there are some 30,000; the rest is kept for countries, which a file may name as it likes
		p.Located, p.Middle = false, Point{}
		if n, ok = b.known[p]; ok || len(b.places.list) > int(MaxValue) {
			return n // 0 in the end: as if nothing were known
		}
	}
	n = uint16(len(b.places.list))
	b.places.list = append(b.places.list, p)
	b.known[p] = n
	return n
}

// middle is that of the degree which x is in. The pole and the date line belong to the cells that end there.
func middle(x, end float64) float64 { return min(math.Floor(x), end-1) + 0.5 }

// network gives a digit of an AS number's place in the list. There is room for all numbers that are in use ten thousand times over.
func (b *placesBuilder) network(digit int) func(*Location) uint16 {
	return func(loc *Location) uint16 {
		n, ok := b.numbers[loc.ASN]
		if !ok && len(b.places.asns) < asnDigit*asnDigit {
			n = len(b.places.asns)
			b.places.asns = append(b.places.asns, loc.ASN)
			b.numbers[loc.ASN] = n
		}
		if digit == 0 {
			return uint16(n % asnDigit)
		}
		return uint16(n / asnDigit)
	}
}

// Tables are for Walk, and for nothing else: what At wants is their values.
func (p *Places) Tables() []*Packed {
	if p.network[0] == nil {
		return []*Packed{p.where}
	}
	return []*Packed{p.where, p.network[0], p.network[1]}
}

// At gives the place, and the AS number or 0, where the Tables have these values.
func (p *Places) At(values []uint16) (place *Place, asn uint32) {
	n := int(values[0])
	if n >= len(p.list) {
		n = 0 // reserved
	}
	if len(values) > 1 {
		if high, low := int(values[2]), int(values[1]); low < asnDigit && high < asnDigit {
			asn = p.asns[high*asnDigit+low]
		}
	}
	return &p.list[n], asn
}
