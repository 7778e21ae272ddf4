package pop

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"tinycdn/zones"
	"tinycdn/zones/steer"
)

// Sums say what is answered, so that POPs that differ are seen, and in what. None depends on where files lie.
type Sums struct {
	All       string            // a hash of all that follows
	Databases string            // of which the maps were compiled, with their dates
	Maps      map[string]string // by name: a hash of the rules and POPs, and one of the table that came of them
	Zones     map[string]string // by name in wire form: a hash of all answers
}

// sums is what is said of Sums over DNS, by what stands before .tinycdn.
type sums map[string]string

// told says what is served, by the name in wire form that stands before .tinycdn: generation is the number and hash of a cluster's
// generation, and whether it is a canary, else that of served; what is served, databases, NAME.maps and ZONE.zones say is in Sums.
func (p *POP) told(what []byte) string {
	if p.member != nil && string(what) == labelGeneration {
		s := p.member.State()
		if s.Canary {
			return s.Serving.String() + " canary"
		}
		return s.Serving.String()
	}
	if sums := p.sums.Load(); sums != nil {
		return (*sums)[string(what)]
	}
	return ""
}

const labelGeneration = "\x0ageneration"

// sumUp finds out what is told of what is served from now on, behind everybody's back: of a million records it takes a moment.
func (p *POP) sumUp(g, last *Generation) {
	if last != nil && !g.newZones(last) {
		return
	}
	go func() {
		told := g.Sums().told()
		p.summing.Lock()
		defer p.summing.Unlock()
		if now := p.served.Load(); now == g || !now.newZones(g) { // else the next is on its way
			p.sums.Store(&told)
		}
	}()
}

func (s *Sums) told() sums {
	told := sums{labelGeneration: s.All, "\x06served": s.All, "\x09databases": s.Databases}
	for name, text := range s.Maps {
		told[string(rune(len(name)))+strings.ToLower(name)+"\x04maps"] = text
	}
	for apex, text := range s.Zones {
		told[strings.TrimSuffix(apex, "\x00")+"\x05zones"] = text
	}
	return told
}

// Sums are those of what g answers.
func (g *Generation) Sums() *Sums {
	s := &Sums{Maps: map[string]string{}, Zones: map[string]string{}, Databases: shortened(g.databasesText())}
	all := sha256.New()
	answered := slices.SortedFunc(slices.Values(g.answered), func(a, b *zonePart) int { return bytes.Compare(a.apex, b.apex) })
	for _, z := range answered {
		sum := [sha256.Size]byte{}
		if z.Value != nil {
			sum = z.Value.Sum()
			s.Zones[string(z.apex)] = brief(sum)
		}
		fmt.Fprintf(all, "zone %s %x\n", zones.NameText(z.apex), sum)
	}
	maps := slices.SortedFunc(slices.Values(g.allMaps()), func(a, b *steer.Map) int { return strings.Compare(a.Name, b.Name) })
	for _, m := range maps {
		rules := sha256.Sum256(fmt.Appendf(nil, "%v %v %v", m.POPs, *m.Rules, m.NoIPv6))
		table := m.Table.Sum()
		table = sha256.Sum256(fmt.Appendf(table[:], "%v %d", m.Orders, m.Default))
		s.Maps[m.Name] = brief(rules) + " " + brief(table)
		fmt.Fprintf(all, "map %s %x %x\n", m.Name, rules, table)
	}
	fmt.Fprintf(all, "databases %s\n", g.databasesText())
	s.All = hex.EncodeToString(all.Sum(nil))
	return s
}

// brief is enough of a hash to see that two differ.
func brief(sum [sha256.Size]byte) string { return hex.EncodeToString(sum[:8]) }

// databasesText says which databases these are, wherever they lie.
func (g *Generation) databasesText() string {
	var list []string
	for _, d := range g.Databases() {
		list = append(list, fmt.Sprintf("%s of %s", d.Type, d.Built.UTC().Format(time.DateOnly)))
	}
	return strings.Join(list, ", ")
}

// shortened is a text that fits a string of a TXT record.
func shortened(text string) string {
	const most = 254
	if len(text) > most {
		return text[:most]
	}
	return text
}

// SumsAt are the sums of g if its zones were served already with these serial numbers, by name in wire form: where none is written, that
// one stays. It gives the serial numbers, too.
func (g *Generation) SumsAt(serials map[string]uint32) (*Sums, map[string]uint32) {
	sums, is := g.Sums(), map[string]uint32{}
	for _, z := range g.answered {
		if z.Value == nil {
			continue
		}
		name := string(z.apex)
		is[name] = z.Value.Serial
		served, ok := serials[name]
		if !ok || served == z.Value.Serial {
			continue
		}
		again := z.in.loader(g.signatures).LoadNext(z.file.Path, z.file.Origin, &zones.Zone{Serial: served}, false)
		if again.Value != nil && again.Value.Serial == served {
			is[name], sums.Zones[name] = served, brief(again.Value.Sum())
		}
	}
	return sums, is
}

// ZoneNames are those of all zones that are answered, in wire form.
func (g *Generation) ZoneNames() (list []string) {
	for _, z := range g.answered {
		list = append(list, string(z.apex))
	}
	return list
}
