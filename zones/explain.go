package zones

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"tinycdn/geoip"
	"tinycdn/zones/rr"
	"tinycdn/zones/steer"
)

// Explanation says which POP the clients of a subnet get from a map, and why. All of it comes from the tables that answer queries.
type Explanation struct {
	Name   string `json:"name,omitempty"`   // that was asked for; "": a map was
	Steps  []Step `json:"steps"`            // that lead from there
	Target string `json:"target,omitempty"` // to this one, which has the addresses
	Zone   string `json:"zone,omitempty"`   // of the target
	TTL    uint32 `json:"ttl,omitempty"`    // seconds
	Map    string `json:"map"`

	Signed *Signed `json:"signed,omitempty"` // left out: it is not

	Subnet     netip.Prefix `json:"subnet"`      // as asked
	ByResolver bool         `json:"by_resolver"` // it says nothing of a place, so the resolver's address decides; shown is one that is nowhere
	POP        string       `json:"pop"`         // the first in order that is not passed over
	A          Given        `json:"a"`
	AAAA       Given        `json:"aaaa"`

	Rule string `json:"rule"` // which rule of the map won, and where it stands
	Key  string `json:"key"`

	Share *Share `json:"share,omitempty"` // by which this is not the POP that the rule gives

	Location *Place   `json:"location"`      // null: no database places it
	POPs     []Choice `json:"pops"`          // in order: the second takes over from the first
	Out      []Out    `json:"out,omitempty"` // those of them that are down, drained or in doubt
}

// Signed says by which key the addresses of a name are signed, and for how long their signatures hold.
type Signed struct {
	Key   uint16    `json:"key"` // its tag
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// Share is a POP's part of what would go to others, with an address in it.
type Share struct {
	POP  string  `json:"pop"`
	Part float64 `json:"part"`
	Else string  `json:"else"` // the POP that the rule gives
}

// Given is what an answer of one type holds, and for whom.
type Given struct {
	Addresses []netip.Addr `json:"addresses"`
	From      []string     `json:"from"`          // the POPs whose addresses these are
	Scope     uint8        `json:"scope"`         // the SCOPE PREFIX-LENGTH of RFC 7871
	For       netip.Prefix `json:"for"`           // that many bits of the subnet's first address: all in it get this answer,
	Spans     bool         `json:"spans"`         // unless the subnet itself holds several answers: then this is its largest share's
	TTL       *uint32      `json:"ttl,omitempty"` // at most so many seconds, for a POP of it is in doubt

	LeftOutFor []string `json:"left_out_for,omitempty"` // there is no AAAA, for the sake of these POPs, which have no IPv6
}

// Place is a location as people read it.
type Place struct {
	Continent string   `json:"continent,omitempty"`
	Country   string   `json:"country,omitempty"`
	Region    string   `json:"region,omitempty"`
	City      string   `json:"city,omitempty"`
	ASN       uint32   `json:"asn,omitempty"`
	Latitude  *float64 `json:"latitude,omitempty"`
	Longitude *float64 `json:"longitude,omitempty"`
}

// Choice is a POP with its distance.
type Choice struct {
	POP      string   `json:"pop"`
	Km       *float64 `json:"km,omitempty"`        // left out: the place is not known
	BiasedKm *float64 `json:"biased_km,omitempty"` // with the map's bias
}

// GeoMap finds the map that gives a name's addresses, through aliases and wildcards of all zones. It says why if there is none.
func (s *Snapshot) GeoMap(name string) (e Explanation, err error) {
	e.Steps = []Step{}
	e.Name = strings.TrimSuffix(strings.ToLower(name), ".")
	wire := make([]byte, rr.MaxName+1)
	n, err := dns.PackDomainName(dns.Fqdn(e.Name), wire, 0, nil, false)
	if err != nil {
		return e, fmt.Errorf("%q is not a domain name", name)
	}
	q := Question{Name: new([rr.MaxName + 9]byte), NameLen: n}
	copy(q.Name[:], wire[:n])
	return e, s.trace(&q, &e)
}

// Explain fills in e, whose Map is set, for the clients of a subnet that the databases place at loc.
func (s *Snapshot) Explain(e *Explanation, subnet netip.Prefix, loc geoip.Location) error {
	a := s.maps[e.Map]
	if a == nil {
		return fmt.Errorf("there is no map %q", e.Map)
	}
	if e.Steps == nil {
		e.Steps = []Step{}
	}
	e.Subnet = subnet.Masked()
	order, from := uint16(geoip.Reserved), subnet.Addr()
	if e.Subnet.Bits() > 0 {
		order, _ = a.steer.Table.Find(geoip.BlockOf(e.Subnet))
	}
	if order == geoip.Reserved {
		e.ByResolver = true
		order, from = a.steer.Default, netip.Addr{}
	}
	e.POP = a.first(a.steer.Orders[order])
	e.A, e.AAAA = a.given(rr.TypeA, e), a.given(rr.TypeAAAA, e)
	if e.A.Spans && len(e.A.From) > 0 {
		e.POP = e.A.From[0] // the largest share of addresses and that of orders may differ
	}

	why := a.steer.Explain(loc, from)
	e.Rule, e.Key = why.Rule, why.Key
	if why.Share > 0 {
		e.Share = &Share{why.POPs[0].POP.Name, why.Share, why.Else}
	}
	for _, c := range why.POPs {
		e.POPs = append(e.POPs, choiceOf(&c, loc.Located))
	}
	e.Out = a.out(e.POPs, s.down)
	if loc != (geoip.Location{}) {
		e.Location = placeOf(&loc)
	}
	return nil
}

// given unpacks the answer that the clients of e's subnet get. Where their resolver decides, it is one that is nowhere: any
// address, even one of loopback, might be placed by a rule.
func (a *addresses) given(typ uint16, e *Explanation) Given {
	g := Given{Addresses: []netip.Addr{}, From: []string{}}
	if !a.has(typ) {
		if typ == rr.TypeAAAA {
			g.LeftOutFor = a.steer.NoIPv6
		}
		return g
	}
	f := a.family(typ)
	number, scope := f.fallback, uint8(e.Subnet.Bits())
	if !e.ByResolver {
		number, scope = f.find(&Client{Subnet: geoip.BlockOf(e.Subnet), HasSubnet: true})
	}
	g.Scope, g.Spans = scope, int(scope) > e.Subnet.Bits()
	g.For, _ = e.Subnet.Addr().Prefix(int(scope))
	if most := f.variants[number].most; most != math.MaxUint32 {
		g.TTL = &most
	}
	for body := f.variants[number].body; len(body) > 0; {
		n := int(body[11])
		addr, _ := netip.AddrFromSlice(body[12 : 12+n])
		g.Addresses = append(g.Addresses, addr)
		if pop := a.owner(addr); !slices.Contains(g.From, pop) {
			g.From = append(g.From, pop)
		}
		body = body[12+n:]
	}
	return g
}

func choiceOf(c *steer.Choice, located bool) Choice {
	choice := Choice{POP: c.POP.Name}
	if located {
		choice.Km, choice.BiasedKm = &c.Km, &c.BiasedKm
	}
	return choice
}

func placeOf(loc *geoip.Location) *Place {
	p := &Place{Continent: loc.Continent, Country: loc.Country, Region: loc.Region, City: loc.City, ASN: loc.ASN}
	if loc.Located {
		p.Latitude, p.Longitude = &loc.Point.Lat, &loc.Point.Lon
	}
	return p
}

// owner is the POP that has an address.
func (a *addresses) owner(addr netip.Addr) string {
	i := slices.IndexFunc(a.steer.POPs, func(p steer.POP) bool { return slices.Contains(p.Addresses, addr) })
	return a.steer.POPs[i].Name
}
