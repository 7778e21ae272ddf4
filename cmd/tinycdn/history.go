package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/words"

	"github.com/spf13/cobra"
)

func historyCommand() *cobra.Command {
	var file string
	var asJSON bool
	c := &cobra.Command{
		Use:     "history",
		Short:   "List the generations that were published, and where each is live",
		Long:    "List the generations that were published and are kept, the newest first: number, time, by whom, files, size, where it is live,\nand its note. A canary comes first.",
		Example: "  tinycdn history",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := untilSignal()
			defer stop()
			return history(ctx, file, asJSON, c.OutOrStdout())
		},
	}
	addConfigFlag(c, &file)
	c.Flags().BoolVar(&asJSON, "json", false, "say it as JSON, an object a line")
	return c
}

func history(ctx context.Context, file string, asJSON bool, w io.Writer) error {
	s, err := join(file)
	if err != nil {
		return err
	}
	defer s.Close()
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
		at, live := []string{}, ""
		for name, row := range rowsOf(states) {
			if row.Serving == p.ID {
				at = append(at, name)
			}
		}
		slices.Sort(at)
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

// rowsOf are the newest rows of all POPs: what one that answers says of itself, and of the others what anybody tells. A POP that has just
// started counts from nothing.
func rowsOf(states map[string]cluster.Status) map[string]cluster.Row {
	rows := map[string]cluster.Row{}
	for _, s := range states {
		for name, row := range s.Rows {
			if old, is := rows[name]; !is || row.Counter > old.Counter {
				rows[name] = row
			}
		}
	}
	for name, s := range states {
		rows[name] = s.Rows[name]
	}
	return rows
}
