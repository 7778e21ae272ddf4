package status

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"tinycdn/cmd/tinycdn/words"
)

// printStatus prints how the POPs are, one a line, and then what is not as it should be.
func printStatus(all []popStatus, w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "POP\tGENERATION\tHEARS\tCERTIFICATE\tLOAD\tDISK\tFREE\tROSTER\tVERSION")
	newest := slices.MaxFunc(all, func(a, b popStatus) int { return cmp.Compare(a.Roster, b.Roster) })
	for _, p := range all {
		load, disk, free, members := fmt.Sprintf("%.1f q/s", p.Load), words.Size(p.Used)+" of "+words.Size(p.Disk), words.Size(p.Free), fmt.Sprint(p.Roster)
		if !p.Known {
			load, disk, free, members = "-", "-", "-", "-"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", p.POP, p.generationText(), p.hearsText(), p.certificateText(time.Now()),
			load, disk, free, members, p.Version)
	}
	space := "\n" // what is not as it should be stands below: a terminal is as wide as the table
	for _, p := range all {
		for _, note := range p.notes(newest.Roster) {
			fmt.Fprintf(table, "%s%s\t%s\n", space, p.POP, note)
			space = ""
		}
	}
	if !slices.ContainsFunc(all, func(p popStatus) bool { return p.outSince() == 0 }) {
		fmt.Fprintln(table, "all POPs are OUT, which is as if none were: is what they look at right? (health.page)")
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return printChecks(all, w)
}

func (p *popStatus) generationText() string {
	switch {
	case !p.Known:
		return "-"
	case p.Behind != "":
		return fmt.Sprint(p.Generation, " BEHIND ", p.Behind)
	case p.Canary:
		return fmt.Sprintf("%d CANARY (%s)", p.Generation, words.Span(time.Since(p.Since)))
	case !p.Since.IsZero():
		return fmt.Sprint(p.Generation, " (", words.Span(time.Since(p.Since)), ")")
	}
	return fmt.Sprint(p.Generation)
}

func (p *popStatus) hearsText() string {
	var hears []string
	for _, name := range slices.Sorted(maps.Keys(p.RTT)) {
		hears = append(hears, fmt.Sprintf("%s %d ms", name, p.RTT[name]))
	}
	for _, name := range p.NotHeard {
		hears = append(hears, name+" NOT")
	}
	return strings.Join(hears, ", ")
}

func (p *popStatus) certificateText(now time.Time) string {
	switch left := p.Until.Sub(now); {
	case p.Certificate == "":
		return "-"
	case left <= 0:
		return "EXPIRED"
	default:
		return fmt.Sprint(int(left/(24*time.Hour)), " days")
	}
}

// notes are what is not as it should be. Newest is the roster that should hold.
func (p *popStatus) notes(newest uint64) (notes []string) {
	switch {
	case !p.Heard && p.HeardAgo == "":
		notes = append(notes, "NOT HEARD: "+p.Unreachable)
	case !p.Heard:
		notes = append(notes, "NOT HEARD for "+p.HeardAgo+": "+p.Unreachable)
	case !p.Reached:
		notes = append(notes, "not reached from here: "+p.Unreachable)
	}
	if p.Known && p.Roster < newest {
		notes = append(notes, "an old roster")
	}
	if p.Drained != nil {
		notes = append(notes, strings.Replace(DrainText(p.Drained), "drained", "DRAINED", 1))
	}
	if since := p.outSince(); since > 0 {
		notes = append(notes, fmt.Sprintf("OUT of the answers of %s since %s", strings.Join(slices.Sorted(maps.Keys(p.Out)), ", "), time.Unix(since, 0).Format(time.TimeOnly)))
	}
	switch {
	case p.Ordering != "":
		notes = append(notes, "orders the certificate "+p.Ordering+" just now")
	case p.Orders:
		notes = append(notes, "orders certificates")
	}
	if p.Failing != "" {
		notes = append(notes, "NO NEW CERTIFICATE "+p.Failing)
	}
	if p.Trouble != "" {
		notes = append(notes, p.Trouble)
	}
	return notes
}
