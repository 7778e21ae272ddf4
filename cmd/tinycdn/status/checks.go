package status

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/zones/health"
)

// popCheck is what a POP sees of another one.
type popCheck struct {
	Pages string `json:"pages,omitempty"` // "up", "DOWN", or "failing" if it was the last look alone; "": they are not looked at
	DNS   string `json:"dns,omitempty"`   // likewise
	Why   string `json:"why,omitempty"`
}

// checksOf are what the POPs see of one, and who sends nobody to it.
func checksOf(name string, rows map[string]cluster.Row) (checks map[string]popCheck, out map[string]int64) {
	checks, out = map[string]popCheck{}, map[string]int64{}
	for by, row := range rows {
		votes, err := health.ParseVotes(row.Health)
		if len(row.Health) == 0 || err != nil {
			continue
		}
		if since, is := votes.Out[name]; is {
			out[by] = since
		}
		if opinion, looked := votes.Of[name]; looked {
			checks[by] = checkOf(opinion)
		}
	}
	return checks, out
}

// checkOf puts both families together: the worse one is told.
func checkOf(opinion health.Opinion) (c popCheck) {
	worse := func(text *string, v health.Vote) {
		switch {
		case v.Down:
			*text = "DOWN"
		case v.Failing && *text != "DOWN":
			*text = "failing"
		case *text == "":
			*text = "up"
		}
		c.Why = cmp.Or(c.Why, v.Why)
	}
	for _, check := range []health.Check{health.Pages4, health.Pages6, health.DNS4, health.DNS6} {
		vote, looked := opinion[check]
		switch {
		case !looked:
		case check == health.Pages4 || check == health.Pages6:
			worse(&c.Pages, vote)
		default:
			worse(&c.DNS, vote)
		}
	}
	return c
}

// Sight is what a POP sees of another one, in words.
type Sight struct{ Text, Why string }

// Sights are what the POPs see of one, by who sees it.
func Sights(name string, rows map[string]cluster.Row) map[string]Sight {
	sights := map[string]Sight{}
	checks, _ := checksOf(name, rows)
	for by, c := range checks {
		sights[by] = Sight{c.String(), c.Why}
	}
	return sights
}

// String says it in a word or two.
func (c popCheck) String() string {
	switch {
	case c.Pages == "" || c.Pages == c.DNS:
		return cmp.Or(c.DNS, "-")
	case c.DNS == "":
		return c.Pages
	}
	return "pages " + c.Pages + ", DNS " + c.DNS
}

// outSince is when the first POP took this one out of its answers; 0: none has.
func (p *popStatus) outSince() (first int64) {
	for _, since := range p.Out {
		if first == 0 || since < first {
			first = since
		}
	}
	return first
}

// printChecks prints who sees what of whom, if anybody looks.
func printChecks(all []popStatus, w io.Writer) error {
	if !slices.ContainsFunc(all, func(p popStatus) bool { return len(p.Checks) > 0 }) {
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "\nSEEN BY\t")
	for _, by := range all {
		fmt.Fprint(table, by.POP, "\t")
	}
	for _, p := range all {
		fmt.Fprint(table, "\n", p.POP, "\t")
		var whys []string
		for _, by := range all {
			c, looks := p.Checks[by.POP]
			if looks {
				fmt.Fprint(table, c, "\t")
			} else {
				fmt.Fprint(table, "-\t")
			}
			if c.Why != "" && !slices.Contains(whys, c.Why) {
				whys = append(whys, c.Why)
			}
		}
		fmt.Fprint(table, strings.Join(whys, "; "))
	}
	fmt.Fprintln(table)
	return table.Flush()
}
