// Package tallies adds up what the POPs have counted of visitors, for people and for other programs.
package tallies

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"tinycdn/cmd/tinycdn/words"
	"tinycdn/webserver/visits"
)

// How is how they are written.
type How struct {
	JSON, CSV bool   // a row a line; neither: tables
	Top       int    // of a table
	Site      string // "": all
}

// Write writes rows as a POP tells them, a line each.
func (how How) Write(rows io.Reader, w io.Writer) error {
	table, out := sums{}, csv.NewWriter(w)
	if how.CSV {
		out.Write([]string{"day", "site", "by", "name", "views", "visitors"})
	}
	for r, err := range read(rows) {
		switch {
		case errors.Is(err, errNoRow):
			return errors.New("the POP's answer makes no sense: is its tinycdn newer than this one?")
		case err != nil:
			return fmt.Errorf("the POP has told only a part: %w", err)
		}
		if how.Site != "" && r.Site != how.Site && r.By != visits.BySource {
			continue
		}
		switch {
		case how.JSON:
			words.WriteJSON(w, r, "")
		case !how.CSV:
			table.add(r)
		case r.By != visits.BySource:
			out.Write([]string{r.Day, cell(r.Site), r.By, cell(r.Name), strconv.FormatUint(r.Views, 10), strconv.FormatUint(r.Visitors, 10)})
		}
	}
	out.Flush()
	if how.JSON || how.CSV {
		return out.Error()
	}
	return table.print(w, how.Top)
}

// cell is a text that no spreadsheet takes for a formula, and no terminal for an order: anybody can ask for a path, and be a referrer.
func cell(text string) string {
	text = words.Line(text)
	if text != "" && strings.ContainsRune("=+-@", rune(text[0])) {
		return "'" + text
	}
	return text
}

// sum is of several days.
type sum struct{ views, visitors uint64 }

// sums are by site, by what is counted by, and by name; of sites, the days are names too.
type sums map[string]map[string]map[string]sum

const byDay = "day"

func (s sums) add(r visits.Row) {
	by, name := r.By, r.Name
	if by == visits.ByAll {
		by, name = byDay, r.Day
	}
	if s[r.Site] == nil {
		s[r.Site] = map[string]map[string]sum{}
	}
	if s[r.Site][by] == nil {
		s[r.Site][by] = map[string]sum{}
	}
	have := s[r.Site][by][name]
	s[r.Site][by][name] = sum{have.views + r.Views, have.visitors + r.Visitors}
}

// print writes tables: for each site its days, and the first so many of each kind.
func (s sums) print(w io.Writer, top int) error {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	sites := slices.Sorted(maps.Keys(s))
	sites = slices.DeleteFunc(sites, func(name string) bool { return name == "" })
	for _, site := range sites {
		fmt.Fprintf(table, "%s\tviews\tvisitors\n", words.Line(site))
		days, all := s[site][byDay], sum{}
		for _, day := range slices.Sorted(maps.Keys(days)) {
			fmt.Fprintf(table, "  %s\t%d\t%d\n", words.Line(day), days[day].views, days[day].visitors)
			all.views, all.visitors = all.views+days[day].views, all.visitors+days[day].visitors
		}
		if len(days) > 1 {
			fmt.Fprintf(table, "  together\t%d\t%d\n", all.views, all.visitors)
		}
		for _, by := range []string{visits.ByPage, visits.ByCountry, visits.ByReferrer, visits.ByPOP} {
			printTop(table, by, s[site][by], top, true)
		}
		if n := s[site][visits.ByPrivate][""].views; n > 0 {
			fmt.Fprintf(table, "  of visitors who want no tracking\t%d\t\n", n)
		}
		fmt.Fprintln(table)
	}
	queries := s[""][visits.ByZone]
	if len(queries) > 0 {
		fmt.Fprintf(table, "DNS\tqueries\t\n")
		printTop(table, visits.ByZone, queries, top, false)
		printTop(table, "country, by one in 16", s[""][visits.ByQueryCountry], top, false)
		printTop(table, "name, by one in 16", s[""][visits.ByQueryName], top, false)
		fmt.Fprintln(table)
	}
	table.Flush()
	if len(sites) == 0 && len(queries) == 0 {
		fmt.Fprintln(w, "nothing was counted")
	}
	for pop, dropped := range s[""][visits.ByDropped] {
		fmt.Fprintf(w, "warning: %s could not count %d views: there were too many at a time\n", words.Line(pop), dropped.views)
	}
	for _, source := range slices.Sorted(maps.Keys(s[""][visits.BySource])) {
		fmt.Fprintf(w, "countries: %s\n", words.Line(source))
	}
	return nil
}

// printTop writes the most seen of a kind, and how many there are of the rest.
func printTop(w io.Writer, by string, of map[string]sum, top int, visitors bool) {
	names := slices.Collect(maps.Keys(of))
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(of[b].views, of[a].views), cmp.Compare(a, b))
	})
	if len(names) > 0 {
		fmt.Fprintf(w, " by %s\t\t\n", by)
	}
	for _, name := range names[:min(top, len(names))] {
		visited := ""
		if visitors {
			visited = strconv.FormatUint(of[name].visitors, 10)
		}
		fmt.Fprintf(w, "  %s\t%d\t%s\n", words.Line(name), of[name].views, visited)
	}
	if rest := len(names) - top; rest > 0 {
		views := uint64(0)
		for _, name := range names[top:] {
			views += of[name].views
		}
		fmt.Fprintf(w, "  and %d more\t%d\t\n", rest, views)
	}
}
