package live

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"tinycdn/cmd/tinycdn/pop"
	"tinycdn/cmd/tinycdn/words"
)

// Report is what came of asking.
type Report struct {
	Places      []Place      `json:"places"`
	Differences []Difference `json:"differences"`

	Refusals   []pop.Refusal `json:"refusals,omitempty"`   // certificates that an authority would not give
	Conditions []pop.Refusal `json:"conditions,omitempty"` // under which it would
}

// Alike says whether all places answer, and the same, and no certificate is refused.
func (r *Report) Alike() bool {
	for _, p := range r.Places {
		if p.Error != "" {
			return false
		}
	}
	return len(r.Differences) == 0 && len(r.Refusals) == 0
}

// WriteJSON writes it as one object.
func (r *Report) WriteJSON(w io.Writer) error { return json.NewEncoder(w).Encode(r) }

// mostTold is how many differences are told in words: if one file is missing at a POP, thousands of zones may differ.
const mostTold = 20

// Write says it in words: a line for each place, and one for each difference.
func (r *Report) Write(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	pops := map[string]bool{}
	for _, p := range r.Places {
		pops[p.POP] = true
		fmt.Fprintf(table, "%s\t%s\t%s\n", p.POP, p.Address.Addr(), p.summary())
	}
	table.Flush()
	for i, d := range r.Differences {
		if i == mostTold {
			fmt.Fprintf(w, "and %d more differences: --json has them\n", len(r.Differences)-i)
			break
		}
		fmt.Fprintln(w, d)
	}
	for _, one := range slices.Concat(r.Refusals, r.Conditions) {
		fmt.Fprintln(w, words.ASCII(one.String()))
	}
	if r.Alike() {
		fmt.Fprintf(w, "all alike: %d POPs at %d addresses\n", len(pops), len(r.Places))
	}
}

// summary says what a place serves.
func (p *Place) summary() string {
	if p.Error != "" {
		return words.ASCII(p.Error)
	}
	parts := []string{orNotTold(p.Version)}
	if number, hash, ok := strings.Cut(p.number(), " "); ok {
		parts = append(parts, "generation "+words.ASCII(number)+" "+shortHash(hash))
	} else if p.All != "" {
		parts = append(parts, "serves "+shortHash(p.All))
	}
	if p.Databases != "" {
		parts = append(parts, words.ASCII(p.Databases))
	}
	return strings.Join(parts, ", ")
}

func orNotTold(version string) string {
	if version == "" {
		return "its version is not told"
	}
	return words.ASCII(version)
}

// String says a difference in words: "zone example.org: serial: 7 at fra, nyc; 6 at syd".
func (d Difference) String() string {
	var parts []string
	for _, v := range d.Values {
		parts = append(parts, shortHash(v.Value)+" at "+strings.Join(v.At, ", "))
	}
	return d.What + ": " + strings.Join(parts, "; ")
}

// shortHash is what a line has room for of a text: of a word that looks like a hash the beginning.
func shortHash(text string) string {
	const short, most = 12, 100
	parts := strings.Split(text, " ")
	for i, word := range parts {
		if len(word) > 2*short && strings.Trim(word, "0123456789abcdef") == "" {
			parts[i] = word[:short]
		}
	}
	text = strings.Join(parts, " ")
	return words.ASCII(text[:min(len(text), most)])
}
