package pop

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"tinycdn/geoip"
	"tinycdn/zones"
)

// whereabouts looks places up for visitors who ask where they are.
type whereabouts struct {
	lock      sync.Mutex
	of        *mapSet // that the databases were opened for; nil: none were
	databases *geoip.Databases
	next      time.Time // when somebody may ask again
}

// wherePause is how much time each question takes of all others': databases are read, which nothing else that a visitor asks for does, and
// the built-in table takes 60 ms of a processor for it.
const wherePause = 200 * time.Millisecond

// whereAtOnce is how many may ask at once.
const whereAtOnce = 5

// placed is what a visitor is told.
type placed struct {
	Address    netip.Addr     `json:"address"`          // that was seen
	AnsweredBy string         `json:"answered_by"`      // the POP
	Host       string         `json:"host"`             // that was asked for
	Map        string         `json:"map,omitempty"`    // that gives its addresses; "": it is not steered
	POP        string         `json:"pop,omitempty"`    // that the map gives the address
	Prefix     *netip.Prefix  `json:"prefix,omitempty"` // all in it get that
	Rule       string         `json:"rule,omitempty"`   // by which
	Location   *zones.Place   `json:"location,omitempty"`
	POPs       []zones.Choice `json:"pops,omitempty"` // in order
	Source     []string       `json:"source,omitempty"`
}

// tellWhere tells a visitor of a host which address was seen, and whom the map would give it; nil: nobody wants that to be told.
func (p *POP) tellWhere(host string, client netip.Addr, asJSON bool) (kind string, text []byte) {
	g := p.served.Load()
	if g == nil || !g.Config.Web.Where || !client.IsValid() {
		return "", nil
	}
	w := placed{Address: client, AnsweredBy: p.name, Host: host}
	snapshot := p.store.Current()
	e, err := snapshot.GeoMap(host)
	if err == nil {
		var loc geoip.Location
		if loc, err = p.whereabouts.look(g, client); err != nil {
			return "text/plain; charset=utf-8", []byte(err.Error() + "\n")
		}
		err = snapshot.Explain(&e, netip.PrefixFrom(client, client.BitLen()), loc)
	}
	if err == nil {
		w.fill(&e)
		for _, info := range g.Databases() {
			if info.Attribution != "" {
				w.Source = append(w.Source, info.Attribution)
			}
		}
	}
	if asJSON {
		text, err := json.MarshalIndent(w, "", "  ")
		if err != nil {
			panic("pop: " + err.Error()) // there is nothing in it that cannot be written
		}
		return "application/json", append(text, '\n')
	}
	return "text/plain; charset=utf-8", []byte(w.String())
}

var errManyAsk = errors.New("many ask at the moment: try again in a second")

// look says where an address is, by the databases of a generation.
func (l *whereabouts) look(g *Generation, a netip.Addr) (loc geoip.Location, err error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	now := time.Now()
	if l.next.Before(now) {
		l.next = now
	}
	if l.next.Sub(now) > (whereAtOnce-1)*wherePause {
		return loc, errManyAsk
	}
	l.next = l.next.Add(wherePause)
	if l.databases == nil || l.of != g.maps.Value {
		l.close()
		if l.databases, err = g.Config.GeoIP.Open(); err != nil {
			if l.databases, err = geoip.BuiltIn(); err != nil { // as for the maps
				return loc, nil
			}
		}
		l.of = g.maps.Value
	}
	loc, _, err = l.databases.Lookup(a)
	if err != nil {
		l.close() // the file has been cut short: the next question opens it again
		return geoip.Location{}, nil
	}
	return loc, nil
}

func (l *whereabouts) close() {
	if l.databases != nil {
		l.databases.Close()
	}
	l.databases, l.of = nil, nil
}

func (w *placed) fill(e *zones.Explanation) {
	w.Map, w.POP, w.Location, w.POPs, w.Rule = e.Map, e.POP, e.Location, e.POPs, e.Rule
	given := &e.A
	if w.Address.Is6() && len(e.AAAA.Addresses) > 0 || len(given.Addresses) == 0 {
		given = &e.AAAA
	}
	if !e.ByResolver {
		w.Prefix = &given.For
	} else {
		w.Rule = "reserved"
	}
}

// String is for a terminal, or a browser.
func (w *placed) String() string {
	var b strings.Builder
	line := func(what, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s %s\n", what, fmt.Sprintf(format, args...))
	}
	line("you", "%s", w.Address)
	line("answered by", "%s", w.AnsweredBy)
	if w.Map == "" {
		line(w.Host, "is not given by a map: everybody gets the same addresses")
		return b.String()
	}
	line("the map", "%s gives %s", w.Map, w.POP)
	line("because", "%s", w.because())
	if w.Prefix != nil {
		line("network", "all of %s get that", w.Prefix)
	}
	if l := w.Location; l != nil {
		parts := []string{}
		for _, part := range []string{l.City, l.Region, l.Country, l.Continent} {
			if part != "" {
				parts = append(parts, part)
			}
		}
		line("place", "%s", strings.Join(parts, ", "))
	}
	for _, c := range w.POPs {
		if c.Km != nil {
			line("", "%s: %.0f km", c.POP, *c.Km)
		}
	}
	if w.AnsweredBy != w.POP {
		line("but", "your resolver was told %s: it may have another place than you, or an answer of before", w.AnsweredBy)
	}
	for _, source := range w.Source {
		line("", "%s", source)
	}
	return b.String()
}

func (w *placed) because() string {
	switch w.Rule {
	case "nearest":
		return "it is the nearest"
	case "default":
		return "the place of your address is not known, or no rule fits it"
	case "reserved":
		return "your address is a private one, and says nothing of a place"
	}
	return "of a rule for your " + w.Rule
}
