package golden

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"tinycdn/cmd/tinycdn/words"
)

// mostTold is how many failures are told in words: where one POP serves another generation, all may differ.
const mostTold = 50

// joined is a list of things in a line, without what a terminal would obey.
func joined(list []string) string { return words.Line(strings.Join(list, "; ")) }

// write says in words what failed: for each test a table of the places where it did.
func (r *Report) write(w io.Writer) {
	rows := mergeNetworks(r.Failed())
	for first := 0; first < len(rows) && first < mostTold; {
		next := first
		fmt.Fprintln(w, rows[first].title())
		table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
		for ; next < len(rows) && next < mostTold && rows[next].title() == rows[first].title(); next++ {
			c := rows[next]
			fmt.Fprintf(table, "  %s %s\twant %s\tgot %s\t%s\n", c.Place, c.Network, c.Want, c.Got, c.Repeat)
		}
		table.Flush()
		first = next
	}
	if n := len(rows) - mostTold; n > 0 {
		fmt.Fprintf(w, "and %d more: --json has them\n", n)
	}
	for _, d := range r.Down {
		fmt.Fprintln(w, d)
	}
	for _, line := range r.Away {
		fmt.Fprintln(w, line)
	}
	for _, note := range r.Notes {
		fmt.Fprintln(w, words.Line(note))
	}
	for _, f := range r.Findings {
		fmt.Fprintln(w, words.Line(f.About+": "+f.Text))
	}
	r.writeSum(w)
}

func (c *Check) title() string {
	if c.File == "" {
		return c.Test
	}
	return fmt.Sprintf("%s:%d: %s", c.File, c.Line, c.Test)
}

// String says it once: "syd 192.0.2.3 (tcp, udp): no answer: 24 tests are not made there".
func (d Down) String() string {
	text := fmt.Sprintf("%s %s: %s", d.Place, strings.Join(d.Networks, ", "), words.Line(d.Why))
	if strings.Contains(d.Why, "network is unreachable") {
		text += " (-4 asks over IPv4 alone, -6 over IPv6)"
	}
	if d.NotMade > 0 {
		text += fmt.Sprintf("; %s not made there", plural(d.NotMade, "test"))
	}
	return text
}

// mergeNetworks makes one of failures that are the same over several networks.
func mergeNetworks(checks []Check) (rows []Check) {
	for _, c := range checks {
		if n := len(rows); n > 0 {
			last := &rows[n-1]
			if last.title() == c.title() && last.Place == c.Place && last.Want == c.Want && last.Got == c.Got {
				last.Network += " " + c.Network
				continue
			}
		}
		rows = append(rows, c)
	}
	return rows
}

func (r *Report) writeSum(w io.Writer) {
	var names []string
	known := map[string]bool{}
	for _, p := range r.Places {
		name := p.POP
		if name == "" {
			name = p.Address.String()
		}
		if !known[name] {
			known[name] = true
			names = append(names, name)
		}
	}
	where := fmt.Sprintf("at %s (%s)", strings.Join(names, ", "), plural(len(r.Places), "address"))
	where = strings.Replace(where, "addresss)", "addresses)", 1)
	failed := len(r.Failed())
	switch {
	case r.Made() == 0 && r.Right():
		fmt.Fprintf(w, "all right: %s\n", plural(len(r.Notes), "zone"))
	case r.Made() == 0 && len(r.Down) == 0:
		fmt.Fprintf(w, "%s of %s\n", plural(len(r.Findings), "problem"), plural(len(r.Notes), "zone"))
	case r.Right():
		fmt.Fprintf(w, "all right: %s %s\n", plural(r.Made(), "test"), where)
	case failed == 0:
		fmt.Fprintf(w, "%s right %s, but not all is well\n", plural(r.Made(), "test"), where)
	default:
		fmt.Fprintf(w, "%d of %s failed %s\n", failed, plural(r.Made(), "test"), where)
	}
}

// writeJSON writes it as one object.
func (r *Report) writeJSON(w io.Writer) error {
	out := struct {
		Right    bool      `json:"right"`
		Made     int       `json:"made"`
		Places   []Place   `json:"places"`
		Failures []Check   `json:"failures"`
		Down     []Down    `json:"down"`
		Findings []Finding `json:"findings"`
		Away     []string  `json:"away,omitempty"`
	}{r.Right(), r.Made(), r.Places, r.Failed(), r.Down, r.Findings, r.Away}
	if out.Failures == nil {
		out.Failures = []Check{}
	}
	if out.Down == nil {
		out.Down = []Down{}
	}
	if out.Findings == nil {
		out.Findings = []Finding{}
	}
	return words.WriteJSON(w, out, "  ")
}
