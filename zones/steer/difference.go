package steer

import (
	"cmp"
	"net/netip"
	"slices"

	"tinycdn/geoip"
)

// Difference is what moves from POP to POP when one map takes the place of another.
type Difference struct {
	Map  string `json:"map"`
	IPv4 Moved  `json:"ipv4"`
	IPv6 Moved  `json:"ipv6"`
}

// Moved is what moves of a family. Shares, from 0 to 1, are of the space that a database knows, before or after.
type Moved struct {
	Share     float64       `json:"share"`
	Flows     []Flow        `json:"flows"`     // of which it consists, the largest first
	Countries []Part        `json:"countries"` // those with most of it
	ASNs      []Part        `json:"asns"`
	Prefixes  []MovedPrefix `json:"prefixes"` // the largest

	Unknown      float64 `json:"unknown"` // what moves of the space that no database knows, as a share of that
	UnknownFlows []Flow  `json:"unknown_flows"`

	Audience *MovedAudience `json:"audience,omitempty"` // nil: who comes is not known
}

// Flow is what moves from one POP to another.
type Flow struct {
	From  string  `json:"from"`
	To    string  `json:"to"`
	Share float64 `json:"share"`
}

// Part is what moves of a country, or of an AS.
type Part struct {
	Name  string  `json:"name"` // "FR", "AS64500"
	Share float64 `json:"share"`
	Of    float64 `json:"of"` // as a share of all that is known of this country or AS
}

// MovedPrefix is a prefix of which all moves.
type MovedPrefix struct {
	Prefix netip.Prefix `json:"prefix"`
	From   string       `json:"from"`
	To     string       `json:"to"`
	Share  float64      `json:"share"`
}

// most is how many countries, ASes and prefixes are told.
const most = 10

// Weight says what a range of addresses counts for: the more, the more visitors come from there. The run is all around it of which the
// databases know the same.
type Weight func(where, run geoip.Range) float64

// Space counts address space itself: IPv4 by addresses, IPv6 by the /48, which is what one place gets (RFC 6177). But what databases
// know the same of counts for no more than a /32 of IPv6, which is what a provider gets: they have a country even for what nobody uses yet,
// a thousand times all that is in use.
func Space(where, run geoip.Range) float64 {
	if where.IPv4() {
		return where.Addresses()
	}
	const one, most = 1 << 80, 1 << 96 // addresses of a /48, and of a /32
	return where.Addresses() / one * min(1, most/run.Addresses())
}

// pair is from which POP to which.
type pair struct{ from, to string }

// sum is what has been counted of something: of what moves, and of all of it.
type sum struct{ moved, all float64 }

// of is a part of a whole; of nothing it is nothing.
func of(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return part / whole
}

func flowsOf(sums map[pair]float64, whole float64) []Flow {
	list := make([]Flow, 0, len(sums))
	for p, weight := range sums {
		list = append(list, Flow{p.from, p.to, of(weight, whole)})
	}
	slices.SortFunc(list, func(a, b Flow) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return list
}

func partsOf[K cmp.Ordered](sums map[K]*sum, whole float64, name func(K) string) []Part {
	list := []Part{}
	for key, s := range sums {
		if s.moved > 0 {
			list = append(list, Part{name(key), of(s.moved, whole), of(s.moved, s.all)})
		}
	}
	slices.SortFunc(list, func(a, b Part) int { return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Name, b.Name)) })
	return list[:min(len(list), most)]
}
