package main

import (
	"fmt"
	"io"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/zones"
	"tinycdn/zones/diag"

	"github.com/spf13/cobra"
)

func checkCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "check",
		Short: "Load everything as serve would, and print every mistake",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			path, err := config.Path(file)
			if err != nil {
				return err
			}
			if !check(path, c.OutOrStdout()) {
				return errTold
			}
			return nil
		},
	}
	addConfigFlag(c, &file)
	return c
}

// check loads everything as serve would, and prints every mistake in a line of its own. It says whether there is none.
func check(path string, w io.Writer) bool {
	l := &loader{path: path}
	next := l.read(false)
	problems := next.problems()
	if len(problems) == 0 {
		// Only now is it known that all of it fits together.
		if err := l.adopt(next, zones.NewStore()); err != nil {
			problems = append(problems, diag.Problem{File: path, Text: err.Error()})
		}
	}
	var sites *webState
	if len(next.wrong) == 0 {
		sites = new(webLoader).read(next.config, false, true)
		problems = append(append(problems, sites.problems()...), sites.tryPages()...)
	}
	for _, p := range problems {
		fmt.Fprintln(w, p)
	}
	if len(problems) > 0 {
		return false
	}
	for _, n := range append(next.config.Notes, sites.notes()...) {
		fmt.Fprintf(w, "%s (not a mistake, but is it meant?)\n", n)
	}
	records := 0
	for _, z := range next.zones {
		records += z.Value.Records
	}
	fmt.Fprintf(w, "%s: fine: %d POPs, %d maps, %d zones with %d records\n", path, len(next.config.POPs), len(next.config.Maps), len(next.zones), records)
	for i := range next.config.Sites {
		site := sites.sites[next.config.Sites[i].Name]
		fmt.Fprintf(w, "site %s: %s\n", site.config.Name, site.pages())
	}
	for i := range next.geo.infos {
		fmt.Fprintf(w, "%s: %s of %s\n", next.geo.infos[i].Path, next.geo.infos[i].Type, dateOf(&next.geo.infos[i]))
	}
	return true
}
