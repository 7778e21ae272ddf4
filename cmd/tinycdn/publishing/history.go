package publishing

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/session"
	"tinycdn/cmd/tinycdn/status"
	"tinycdn/cmd/tinycdn/words"
)

// History lists the generations that are kept.
func History(ctx context.Context, s *session.Session, asJSON bool, w io.Writer) error {
	all, err := s.History(ctx)
	if err != nil {
		return exit.With(exit.Unreached, err)
	}
	states, _ := s.Status(ctx)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if !asJSON {
		fmt.Fprintln(table, "GENERATION\tTIME\tBY\tFILES\tSIZE\tLIVE AT\tNOTE")
	}
	for _, p := range all {
		at, live := status.ServedBy(status.Rows(states), p.ID), ""
		if live = strings.Join(at, " "); len(p.Canary) > 0 {
			live += " (canary)"
		}
		if asJSON {
			json.NewEncoder(w).Encode(struct {
				Generation uint64 `json:"generation"` // both as status has them
				Hash       string `json:"hash"`
				cluster.Past
				ID   *struct{} `json:"id,omitempty"` // in place of that of Past
				Live []string  `json:"live"`
			}{p.ID.Number, p.ID.Hash.String(), p, nil, at})
			continue
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%d\t%s\t%s\t%s\n", p.ID.Number, p.Time.Local().Format("2006-01-02 15:04"), p.By, p.Files, words.Size(p.Size),
			live, words.Line(p.Note))
	}
	return table.Flush()
}
