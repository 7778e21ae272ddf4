package geoip

import (
	"fmt"
	"net/netip"
	"slices"

	"tinycdn/geoip/mapped"
)

// Spec says what one table holds.
type Spec struct {
	// Decide gives the value of a place, at most MaxValue. It may be asked again for the same place and must
	// then say the same. It must not keep loc, which has no City: that is for people, who ask Lookup.
	Decide func(loc *Location) uint16

	Regionless bool // Decide does not look at regions: they are not read if no spec wants them

	Unlocated uint16     // the value of space that no database knows
	Networks  []Override // rules that come before databases and before Reserved; the longest prefix wins

	// Divide gives a piece of space the value that it shall have in place of this one; nil: nothing is divided. Pieces are the /16 of
	// IPv4 and the /32 of IPv6, or a sixteenth of a network that is wider than a /28. What Networks decides stays, and so do Reserved and
	// the space of IPv6 that no database knows.
	Divide func(value uint16, piece Block) uint16

	Raster *Raster // made, too; nil: nobody wants one
}

// Override is a network rule. A prefix of v4-mapped addresses is one of IPv4 addresses; prefixes in the
// other spaces that hold IPv4 addresses have no effect.
type Override struct {
	Prefix netip.Prefix
	Decide func(loc *Location) uint16 // loc is the zero Location where no database knows the place
}

// Build makes one table for each spec, in one walk through the databases. Specs that give all addresses the same values get one and
// the same table.
func Build(d *Databases, specs []Spec) (tables []*Packed, err error) {
	defer d.catchFault(&err)
	defer mapped.PanicOnFault()()
	tables = make([]*Packed, len(specs))
	for i := range tables {
		tables[i] = new(Packed)
	}
	wanted := wants{region: slices.ContainsFunc(specs, func(s Spec) bool { return !s.Regionless })}
	cells := slices.ContainsFunc(specs, func(s Spec) bool { return s.Raster != nil })
	read := Databases{sources: remembering(d.sources), infos: d.infos}
	// IPv4 comes first, because IPv6 addresses hold IPv4 ones.
	var used memo
	for _, v4 := range []bool{true, false} {
		b := builder{sources: read.sourcesOf(v4), outs: make([]output, len(specs)), wants: wanted, cells: cells, memo: used}
		for i := range specs {
			b.outs[i] = newOutput(&specs[i], tables[i], v4)
		}
		if err := b.merge(v4); err != nil {
			return nil, err
		}
		used = b.memo
		for i := range b.outs {
			o := &b.outs[i]
			o.runs.finish()
			if o.raster != nil {
				*o.spec.Raster = o.raster.raster()
			}
		}
	}
	for i, t := range tables {
		tables[i] = tables[slices.IndexFunc(tables[:i+1], t.Equal)]
	}
	return tables, nil
}

type builder struct {
	sources []source
	outs    []output
	memo    memo
	cells   bool // some output wants to know the cells of records, which are remembered as the last value
	wants   wants
	place   Location // what decide looks at: one for all, because it would be made anew for each
	err     error    // the first record that could not be read
}

// output is where the runs of one spec go.
type output struct {
	spec      *Spec
	runs      packer
	v4        bool
	overrides *layer
	rules     []Override // what overrides' indexes mean
	embedded  uint16     // the value of space that embeds IPv4

	raster *rasterBuilder // nil: nobody wants one
	cell   Cell           // of the addresses that are being added
}

func newOutput(spec *Spec, t *Packed, v4 bool) output {
	checked(spec.Unlocated)
	o := output{spec: spec, runs: packer{packedHalf: &t.v6}, v4: v4, embedded: embedded}
	if v4 {
		o.runs.packedHalf = &t.v4
		if spec.Raster != nil {
			o.raster = newRasterBuilder()
		}
	} else if u := t.v4.unpack(); t.v4.runs == 1 && u.next() {
		o.embedded = u.value // as one answer, it merges with what is around it
	}
	var prefixes []netip.Prefix
	for _, rule := range spec.Networks {
		rule.Prefix = Unmap(rule.Prefix)
		if rule.Prefix.Addr().Is4() == v4 {
			o.rules = append(o.rules, rule)
			prefixes = append(prefixes, rule.Prefix)
		}
	}
	o.overrides = newLayer(prefixes)
	return o
}

// Unmap gives a prefix of v4-mapped addresses as the IPv4 prefix it means, and others as they are.
func Unmap(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p
}

// emit gives each spec the addresses from first to last, which have the same records.
func (b *builder) emit(first, last addr, kind kind, records []uint32) {
	known := kind == ordinary && slices.ContainsFunc(records, func(r uint32) bool { return r != 0 })
	var decided []uint16 // what each spec says of the records
	cell := Cell(0)
	if known {
		if decided = b.decide(records); b.cells {
			cell = Cell(decided[len(b.outs)])
		}
	}
	for i := range b.outs {
		o := &b.outs[i]
		o.cell = cell
		for at := first; ; {
			rule, end := o.overrides.find(at)
			if last.less(end) {
				end = last
			}
			switch {
			case kind == embedding:
				o.runs.add(at, o.embedded)
			case rule >= 0:
				b.place = Location{}
				if known {
					b.locate(records)
				}
				o.add(at, end, o.rules[rule].Decide(&b.place))
			case kind == reserved:
				o.runs.add(at, Reserved)
			case known:
				o.divide(at, end, decided[i], true)
			default:
				o.divide(at, end, o.spec.Unlocated, false)
			}
			if end == last {
				break
			}
			at = end.next()
		}
	}
}

// depth is how much is remembered of records.
func (b *builder) depth() int {
	if b.cells {
		return len(b.outs) + 1
	}
	return len(b.outs)
}

// add gives the addresses from first to last a value.
func (o *output) add(first, last addr, value uint16) {
	o.runs.add(first, checked(value))
	if o.raster != nil {
		o.raster.add(o.cell, value, first, last)
	}
}

// decide asks every spec about a place, unless they were asked before.
func (b *builder) decide(records []uint32) []uint16 {
	values, found := b.memo.find(records)
	if !found {
		b.locate(records)
		for i := range b.outs {
			values[i] = checked(b.outs[i].spec.Decide(&b.place))
		}
		if b.cells {
			values[len(b.outs)] = uint16(cellOf(&b.place))
		}
	}
	return values
}

// locate puts what the records say into b.place.
func (b *builder) locate(records []uint32) {
	b.place = Location{}
	if err := overlay(b.sources, records, b.wants, &b.place); err != nil && b.err == nil {
		b.err = err
	}
}

// overlay collects what records say: the first that knows a thing wins.
func overlay(sources []source, records []uint32, wants wants, loc *Location) error {
	for i, record := range records {
		if record == 0 {
			continue
		}
		more, err := sources[i].location(record, wants)
		if err != nil {
			return err
		}
		loc.fill(&more)
	}
	loc.finish()
	return nil
}

func checked(value uint16) uint16 {
	if value > MaxValue {
		panic(fmt.Sprintf("geoip: internal error: a spec gave the value %d", value))
	}
	return value
}
