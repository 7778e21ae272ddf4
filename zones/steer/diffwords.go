package steer

import (
	"fmt"
	"strings"
)

// Moves says whether anything does.
func (d *Difference) Moves() bool { return d.IPv4.moves() || d.IPv6.moves() }

func (m *Moved) moves() bool { return m.Share > 0 || m.Unknown > 0 }

// few is how many of a kind a line names.
const few = 4

// String says it in a line: "map site: of IPv4 3.1 % get another POP (fra -> nyc 2.2 %, nyc -> syd 0.9 %)".
func (d *Difference) String() string {
	var parts []string
	d.families(func(name string, m *Moved) {
		switch {
		case m.Share > 0:
			text := fmt.Sprintf("of %s %s get another POP (%s)", name, Percent(m.Share), wayText(m.Flows))
			if a := m.Audience; a != nil {
				text += fmt.Sprintf(" and %s of the %s", a.share(), a.What)
			}
			parts = append(parts, text)
		case m.Unknown > 0:
			parts = append(parts, fmt.Sprintf("of %s what no database knows gets another POP (%s)", name, wayText(m.UnknownFlows)))
		}
	})
	return "map " + d.Map + ": " + strings.Join(parts, ", ")
}

// Lines say it at length.
func (d *Difference) Lines() []string {
	lines := []string{"map " + d.Map + ": nobody gets another POP"}
	if d.Moves() {
		lines[0] = fmt.Sprintf("map %s: %s of IPv4 and %s of IPv6 get another POP", d.Map, Percent(d.IPv4.Share), Percent(d.IPv6.Share))
	}
	d.families(func(name string, m *Moved) {
		line := func(what, text string) {
			if text != "" {
				lines = append(lines, fmt.Sprintf("  %-5s %-9s %s", name, what, text))
				name = ""
			}
		}
		line("from, to", wayText(m.Flows))
		line("countries", partText(m.Countries))
		line("networks", partText(m.ASNs))
		if a := m.Audience; a != nil && m.Share > 0 {
			text := a.share()
			if a.Share > 0 {
				text += fmt.Sprintf(": %s; from %s", wayText(a.Flows), partText(a.Countries))
			}
			line(a.What, text)
		}
		var prefixes []string
		for _, p := range m.Prefixes[:min(len(m.Prefixes), few)] {
			prefixes = append(prefixes, fmt.Sprintf("%s %s -> %s", p.Prefix, p.From, p.To))
		}
		line("prefixes", strings.Join(prefixes, ", "))
		if m.Unknown > 0 {
			line("unknown", fmt.Sprintf("%s of the space that no database knows: %s", Percent(m.Unknown), wayText(m.UnknownFlows)))
		}
	})
	return lines
}

// families names both.
func (d *Difference) families(say func(name string, m *Moved)) {
	say("IPv4", &d.IPv4)
	say("IPv6", &d.IPv6)
}

func wayText(flows []Flow) string {
	var parts []string
	for _, f := range flows[:min(len(flows), few)] {
		parts = append(parts, fmt.Sprintf("%s -> %s %s", f.From, f.To, Percent(f.Share)))
	}
	if more := len(flows) - few; more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, ", ")
}

// share is how many move.
func (a *MovedAudience) share() string {
	if a.Share == 0 {
		return "none"
	}
	return Percent(a.Share)
}

// partText names countries or ASes, each with how much of it moves.
func partText(list []Part) string {
	var parts []string
	for _, p := range list[:min(len(list), few)] {
		text := fmt.Sprintf("%s %s", p.Name, Percent(p.Share))
		if p.Of > 1-1e-9 {
			text += " (all of it)"
		} else {
			text += fmt.Sprintf(" (%s of it)", Percent(p.Of))
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// Percent writes a share with two digits that count: more would claim to know how many visitors an address stands for.
func Percent(share float64) string {
	switch p := 100 * share; {
	case p == 0:
		return "nothing"
	case p < 0.001:
		return "less than 0.001 %"
	case p >= 10:
		return fmt.Sprintf("%.0f %%", p)
	default:
		return strings.TrimSuffix(fmt.Sprintf("%.2g", p), ".0") + " %"
	}
}
