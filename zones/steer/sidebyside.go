package steer

import (
	"cmp"
	"iter"
	"slices"

	"tinycdn/geoip"
)

// step is a range of which all addresses are in one place, and are sent to the same POPs.
type step struct {
	where geoip.Range
	run   geoip.Range // around it, of which the databases know the same
	place *geoip.Place
	asn   uint32
	ways
}

// ways are from which POP to which it goes; Share is of what is there.
type ways struct{ moves, stays []Flow }

// walk goes through both versions of a map side by side, but for what is reserved in one of them.
func walk(was, is Version, v4 bool) iter.Seq[step] {
	tables := []*geoip.Packed{was.Table, is.Table}
	for _, p := range []*geoip.Places{was.Places, is.Places} {
		if p != nil && (len(tables) == 2 || was.Places != is.Places) {
			tables = append(tables, p.Tables()...)
		}
	}
	return func(yield func(step) bool) {
		w := walker{was: was, is: is, moves: map[[2]uint16]ways{}, yield: yield}
		for r, values := range geoip.Walk(v4, tables...) {
			reserved := values[0] == geoip.Reserved || values[1] == geoip.Reserved
			if !reserved && !w.add(r, values) {
				return
			}
		}
		w.flush()
	}
}

// walker holds steps back until it knows the run that they are in.
type walker struct {
	was, is Version
	moves   map[[2]uint16]ways // by the values of both maps
	yield   func(step) bool

	run    geoip.Range
	places []uint16 // the values of the run's places
	steps  []step
}

// add takes a range, and says whether more is wanted.
func (w *walker) add(r geoip.Range, values []uint16) bool {
	run, goesOn := w.run.Join(r)
	if len(w.steps) == 0 || !goesOn || len(values) == 2 || !slices.Equal(values[2:], w.places) {
		if !w.flush() {
			return false
		}
		run, w.places = r, append(w.places[:0], values[2:]...)
	}
	w.run = run
	s := step{where: r}
	key := [2]uint16(values)
	var known bool
	if s.ways, known = w.moves[key]; !known {
		s.moves, s.stays = flows(w.was.first(values[0]), w.is.first(values[1]))
		w.moves[key] = s.ways
	}
	s.place, s.asn = placeOf(w.was.Places, w.is.Places, values[2:])
	w.steps = append(w.steps, s)
	return true
}

func (w *walker) flush() bool {
	for _, s := range w.steps {
		if s.run = w.run; !w.yield(s) {
			return false
		}
	}
	w.steps = w.steps[:0]
	return true
}

// everywhere is the place of addresses of which nobody says where they are.
var everywhere = geoip.Place{Known: true}

// placeOf is where the addresses are by the newer databases, else by the older ones.
func placeOf(was, is *geoip.Places, values []uint16) (place *geoip.Place, asn uint32) {
	if len(values) == 0 {
		return &everywhere, 0
	}
	if was == nil || was == is {
		return is.At(values)
	}
	n := len(was.Tables())
	if is != nil {
		if place, asn = is.At(values[n:]); place.Known {
			return place, asn
		}
	}
	return was.At(values[:n])
}

// first are the names of the POPs that an answer holds, where the table has this value.
func (m *Map) first(value uint16) (names []string) {
	order := m.Orders[value]
	for _, pop := range order[:min(len(order), m.Answers)] {
		names = append(names, m.POPs[pop].Name)
	}
	return names
}

// nothing is what is left of shares that should add up: thirds do not.
const nothing = 1e-9

// flows says what moves where answers held some POPs, and hold others: each POP of an answer gets the same part.
func flows(was, is []string) (moves, stays []Flow) {
	part := func(names []string, name string) float64 {
		if slices.Contains(names, name) {
			return 1 / float64(len(names))
		}
		return 0
	}
	next, room := 0, 0.0 // where what leaves goes: there is as much room as leaves
	for _, from := range was {
		if both := min(part(was, from), part(is, from)); both > 0 {
			stays = append(stays, Flow{from, from, both})
		}
		for leaves := part(was, from) - part(is, from); leaves > nothing; {
			for room <= nothing && next < len(is) {
				room = part(is, is[next]) - part(was, is[next])
				next++
			}
			if room <= nothing {
				break
			}
			goes := min(leaves, room)
			moves = append(moves, Flow{from, is[next-1], goes})
			leaves, room = leaves-goes, room-goes
		}
	}
	return moves, stays
}

// Spot is what is sent to a POP from one place, and to which it was sent before.
type Spot struct {
	Place    geoip.Place // without a country
	From, To string
	Weight   float64
}

// Spots are all addresses of a family by their places, and by the POPs of their answers, each of which gets the same part. Of one version
// alone, was is is.
func Spots(was, is Version, weigh Weight, v4 bool) (list []Spot) {
	sums := map[Spot]float64{}
	for s := range walk(was, is, v4) {
		at, weight := Spot{Place: *s.place}, weigh(s.where, s.run)
		at.Place.Country = ""
		for _, some := range [][]Flow{s.moves, s.stays} {
			for _, m := range some {
				at.From, at.To = m.From, m.To
				sums[at] += weight * m.Share
			}
		}
	}
	for at, weight := range sums {
		at.Weight = weight
		list = append(list, at)
	}
	slices.SortFunc(list, func(a, b Spot) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Place.Middle.Lat, b.Place.Middle.Lat), cmp.Compare(a.Place.Middle.Lon, b.Place.Middle.Lon),
			cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return list
}
