package dashboard

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"tinycdn/cmd/tinycdn/words"
)

// Text is what the page shows, but for the map, as lines for a terminal.
func Text(s *State, m *Moves) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s  %s", words.Line(s.POP), words.Line(s.Version))
	if !s.Started.IsZero() {
		fmt.Fprintf(&out, ", up for %s", words.Span(m.At.Sub(s.Started)))
	}
	if g := s.Generation; g != nil {
		fmt.Fprintf(&out, ", generation %d", g.Served)
		if g.Served != g.Live {
			fmt.Fprintf(&out, " BEHIND %d", g.Live)
		}
		if g.Canary {
			out.WriteString(" CANARY")
		}
	}
	fmt.Fprintf(&out, "\n%s questions/s   %s pages/s   %s from the cache   %d connections\n", perSecond(m.Questions), perSecond(m.Pages), percent(m.Hits), m.Open)
	writePOPs(&out, s)
	for _, c := range m.Countries {
		if c == m.Countries[0] {
			out.WriteString("\ncountries")
		}
		fmt.Fprintf(&out, "  %s %d", words.Line(c.Code), c.Questions)
	}
	if len(m.Countries) > 0 {
		out.WriteString("\n")
	}
	for i, c := range s.Certificates {
		if i == 0 {
			out.WriteString("\n")
		}
		days := fmt.Sprintf("%d days", c.Days)
		if c.Until.IsZero() {
			days = "none yet"
		}
		fmt.Fprintf(&out, "certificate %s: %s%s\n", words.Line(c.Name), days, because(c.Why))
	}
	for i, w := range s.Wrong {
		if i == 0 {
			out.WriteString("\n")
		}
		fmt.Fprintf(&out, "WRONG %s%s\n", words.Line(w.What), because(w.Why))
	}
	for i, r := range s.Reloads[:min(len(s.Reloads), 5)] {
		if i == 0 {
			out.WriteString("\n")
		}
		fmt.Fprintf(&out, "%s reloaded %s in %v%s\n", r.At.Local().Format(time.TimeOnly), words.Line(r.What), time.Duration(r.Took*float64(time.Second)).Round(time.Millisecond), because(strings.Join(r.Errors, "; ")))
	}
	return out.String()
}

func writePOPs(out *strings.Builder, s *State) {
	if len(s.POPs) == 0 {
		return
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "\nPOP\tSTATE\tGENERATION\tQ/S\tFROM HERE\tSEEN BY\n")
	for _, p := range s.POPs {
		state, generation, seen := strings.ToUpper(p.State), "-", []string{}
		if p.State == "up" {
			state = p.State
		}
		if p.Drained != "" {
			state = cmp.Or(p.Drained, state)
		}
		if p.Generation > 0 {
			generation = fmt.Sprint(p.Generation)
		}
		for _, by := range slices.Sorted(maps.Keys(p.Seen)) {
			seen = append(seen, words.Line(by+" "+p.Seen[by].Text))
		}
		rtt := "-"
		if p.RTT != nil {
			rtt = fmt.Sprintf("%.0f ms", *p.RTT)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s%s\n", words.Line(p.Name), words.Line(state), generation, perSecond(p.Load), rtt, cmp.Or(strings.Join(seen, ", "), "-"), because(p.Why))
	}
	table.Flush()
}

func perSecond(n *float64) string {
	switch {
	case n == nil:
		return "-"
	case *n < 10:
		return fmt.Sprintf("%.1f", *n)
	}
	return fmt.Sprintf("%.0f", *n)
}

func percent(part *float64) string {
	if part == nil {
		return "-"
	}
	return fmt.Sprintf("%.0f %%", 100**part)
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + words.Line(why)
}
