package zones

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/miekg/dns"

	"tinycdn/geoip"
	"tinycdn/zones/steer"
)

// Explanation says which POP the clients of a subnet get from a map, and why. All of it comes from the tables that answer queries.
type Explanation struct {
	Name string `json:"name,omitempty"` // that was asked for; "": a map was
	Zone string `json:"zone,omitempty"`
	TTL  uint32 `json:"ttl,omitempty"` // seconds
	Map  string `json:"map"`

	Subnet netip.Prefix `json:"subnet"` // as asked
	POP    string       `json:"pop"`
	A      []netip.Addr `json:"a"`
	AAAA   []netip.Addr `json:"aaaa"`

	Rule string `json:"rule"` // which rule of the map won, and where it stands
	Key  string `json:"key"`

	Scope      netip.Prefix `json:"scope"` // around the subnet: every address in it gets this answer (RFC 7871)
	ScopeBits  uint8        `json:"scope_bits"`
	First      netip.Addr   `json:"first"` // the whole run of addresses that the table gives this order
	Last       netip.Addr   `json:"last"`
	ByResolver bool         `json:"by_resolver"` // a private subnet: the resolver's address decides
	Spans      bool         `json:"spans"`       // the subnet is in several runs: the largest share of it decides

	Location *Place   `json:"location"` // null: no database places it
	POPs     []Choice `json:"pops"`     // in order: the second takes over from the first
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

// GeoMap finds the map that gives a name's addresses. It says why if there is none.
func (s *Snapshot) GeoMap(name string) (e Explanation, err error) {
	e.Name = strings.TrimSuffix(strings.ToLower(name), ".")
	wire := make([]byte, maxName+1)
	n, err := dns.PackDomainName(dns.Fqdn(e.Name), wire, 0, nil, false)
	if err != nil {
		return e, fmt.Errorf("%q is not a domain name", name)
	}
	q := Question{Name: new([maxName + 9]byte), NameLen: n}
	copy(q.Name[:], wire[:n])
	q.split()
	z, apex := s.enclosing(&q)
	switch {
	case z == nil:
		return e, fmt.Errorf("%s is in none of the zones served here", e.Name)
	case z.zone == nil:
		return e, fmt.Errorf("zone %s, which %s is in, could not be loaded", NameText(z.apex), e.Name)
	}
	e.Zone = NameText(z.apex)
	node, ok := z.zone.image.lookup(&q, apex)
	switch {
	case !ok:
		return e, fmt.Errorf("%s does not exist in zone %s, or is delegated away", e.Name, e.Zone)
	case node.flags&isGeo == 0:
		return e, fmt.Errorf("%s is not a geo name: everybody gets the same answer", e.Name)
	}
	e.Map, e.TTL = z.zone.maps[node.geoMap], node.geoTTL
	return e, nil
}

// lookup returns the node that answers for q's name: its own, or a wildcard's.
func (m *image) lookup(q *Question, apex int) (node, bool) {
	n, k := m.closest(q, apex)
	switch {
	case n.flags&isCut != 0:
		return n, false
	case k > 0 && n.flags&hasWildcard != 0:
		return m.node(n.wildcard), true
	}
	return n, k == 0
}

// Explain fills in e, whose Map is set, for the clients of a subnet that the databases place at loc.
func (s *Snapshot) Explain(e *Explanation, subnet netip.Prefix, loc geoip.Location) error {
	a := s.maps[e.Map]
	if a == nil {
		return fmt.Errorf("there is no map %q", e.Map)
	}
	e.Subnet = subnet.Masked()
	order, scope := a.steer.Table.Find(geoip.BlockOf(e.Subnet))
	if order == geoip.Reserved {
		e.ByResolver = true
		order, scope = a.steer.Default, uint8(subnet.Bits())
	}
	e.ScopeBits = scope
	e.Spans = int(scope) > subnet.Bits()
	e.Scope, _ = subnet.Addr().Prefix(int(scope))
	e.First, e.Last, _ = a.steer.Table.Run(subnet.Addr())
	e.A, e.AAAA = a.given(typeA, order), a.given(typeAAAA, order)
	e.POP = a.steer.POPs[a.steer.Orders[order][0]].Name

	why := a.steer.Explain(loc, subnet.Addr())
	e.Rule, e.Key = why.Rule, why.Key
	for _, c := range why.POPs {
		e.POPs = append(e.POPs, choiceOf(&c, loc.Located))
	}
	if loc != (geoip.Location{}) {
		e.Location = placeOf(&loc)
	}
	return nil
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

// given unpacks the addresses that an order is answered with.
func (a *addresses) given(typ, order uint16) (list []netip.Addr) {
	f := a.family(typ)
	for body := f.variants[f.of[order]].body; len(body) > 0; {
		n := int(body[11])
		addr, _ := netip.AddrFromSlice(body[12 : 12+n])
		list = append(list, addr)
		body = body[12+n:]
	}
	return list
}
