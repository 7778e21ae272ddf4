package zones

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"tinycdn/zones/records"
	"tinycdn/zones/zonefile"
)

// Records are those of a zone, as its files have them.
type Records struct {
	Apex  []byte // wire form, lower case
	Count int

	set *records.Set
}

// ReadRecords reads the records of the zone in a file (see Load), unless the context ends before it is done. Each must be right for
// itself. They take less than a hundred octets each.
func ReadRecords(ctx context.Context, path, origin string, from ...string) (r *Records, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%s: the zone cannot be read, which is a bug in tinycdn; please report it: %v", path, fault)
		}
	}()
	r = &Records{set: records.New()}
	read := &counted{r, ctx}
	sameForAll := func(uint32) uint32 { return 0 } // the time of a file is nothing that somebody wrote
	zone, problems := zonefile.ReadNext(path, origin, read, sameForAll, from...)
	if len(problems) > 0 {
		return nil, problems[0]
	}
	r.Apex = zone.Origin
	return r, nil
}

// counted is Records while they are read.
type counted struct {
	*Records
	ctx context.Context
}

func (r *counted) Record(rec *zonefile.Record) { r.Count++; r.set.Record(rec) }
func (r *counted) Geo(g *zonefile.Geo)         { r.Count++; r.set.Geo(g) }

// Large waits for nobody: two zones are held at once to be compared.
func (r *counted) Large() {}

// Full ends the reading of what is too large, or takes too long.
func (r *counted) Full() error {
	if r.ctx.Err() != nil {
		return errors.New("it takes too long to read all of it")
	}
	return r.set.Full()
}

// Diff says how the records of a zone differ from what they were; nil stands for a zone that is not there. It keeps as many changes as
// most says, in the order of names, and counts the others. The SOA is left out unless it is all that differs.
func Diff(was, is *Records, most int) Difference {
	d := differ{most: most, Difference: Difference{Changes: []Change{}}}
	for _, r := range []*Records{was, is} {
		if r != nil {
			d.apex = r.Apex
		}
	}
	d.Zone = NameText(d.apex)
	switch {
	case was == nil:
		d.Is = &is.Count
	case is == nil:
		d.Was = &was.Count
	default:
		d.Was, d.Is = &was.Count, &is.Count
		d.was, d.is = was.set, is.set
		d.walk()
	}
	return d.Difference
}

// differ finds the differences of a zone.
type differ struct {
	Difference
	apex    []byte
	was, is *records.Set
	most    int

	records [2][]records.Record // of the name at hand
}

// pair is where a name is in both sets; -1: not in this one.
type pair struct{ was, is int }

// walk compares name by name.
func (d *differ) walk() {
	var differing []pair
	for i := range d.is.Len() {
		p := pair{-1, i}
		if before, ok := d.was.FindHash(d.is.Hash(i), d.is.Name(i)); ok {
			p.was = before
		}
		if d.load(p); !d.equal() {
			differing = append(differing, p)
		}
	}
	for i := range d.was.Len() {
		if _, stays := d.is.FindHash(d.was.Hash(i), d.was.Name(i)); !stays {
			differing = append(differing, pair{i, -1})
		}
	}
	slices.SortFunc(differing, func(a, b pair) int { return compareLabels(d.labels(a), d.labels(b)) })
	for _, p := range differing {
		d.load(p)
		d.compare(d.name(p))
	}
	if len(d.Changes) == 0 && d.More == 0 {
		d.compareSOA()
	}
}

func (d *differ) name(p pair) []byte {
	if p.is >= 0 {
		return d.is.Name(p.is)
	}
	return d.was.Name(p.was)
}

// load gets the records of a name.
func (d *differ) load(p pair) {
	d.records[0], d.records[1] = d.records[0][:0], d.records[1][:0]
	if p.was >= 0 {
		d.records[0] = d.was.Of(d.records[0], p.was)
	}
	if p.is >= 0 {
		d.records[1] = d.is.Of(d.records[1], p.is)
	}
}

// equal says whether they stand there as they did, which nearly all do.
func (d *differ) equal() bool {
	return slices.EqualFunc(d.records[0], d.records[1], func(a, b records.Record) bool {
		if a.Type != b.Type || a.TTL != b.TTL {
			return false
		}
		if a.Type == records.TypeGeo { // each zone gives maps numbers of its own
			return keyOf(d.was, a) == keyOf(d.is, b)
		}
		return bytes.Equal(a.Data, b.Data)
	})
}

// labels are those of a name before its zone's.
func (d *differ) labels(p pair) []byte {
	name := d.name(p)
	return name[:len(name)-len(d.apex)]
}

// compareLabels puts names in order, by their labels: the zone's own, which has none, is the first.
func compareLabels(a, b []byte) int {
	for len(a) > 0 && len(b) > 0 {
		if c := bytes.Compare(a[1:1+a[0]], b[1:1+b[0]]); c != 0 {
			return c
		}
		a, b = a[1+a[0]:], b[1+b[0]:]
	}
	return len(a) - len(b)
}
