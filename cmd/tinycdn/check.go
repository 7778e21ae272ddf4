package main

import (
	"fmt"
	"io"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/pop"
	"tinycdn/cmd/tinycdn/system"

	"github.com/spf13/cobra"
)

func checkCommand() *cobra.Command {
	var file string
	var deep bool
	c := &cobra.Command{
		Use:   "check",
		Short: "Load everything as serve would, and print every mistake",
		Long: "Load everything as serve would, and print every mistake in a line of its own: file, line, what is wrong and often what was\n" +
			"meant. Without any it ends with status 0, and tells what there is.\n\n" +
			"With --deep, every name of every zone is asked for, too, and the answers are held against the records of the files.",
		Example: "  tinycdn check\n  tinycdn check --config new/tinycdn.toml && rsync -a new/ nyc:/etc/tinycdn/",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			path, err := config.Path(file)
			if err != nil {
				return err
			}
			if !check(path, deep, c.OutOrStdout()) {
				return errReported
			}
			return nil
		},
	}
	addConfigFlag(c, &file)
	c.Flags().BoolVar(&deep, "deep", false, "ask the zones for every name, and hold the answers against the records")
	return c
}

// check loads everything as serve would, and prints every mistake in a line of its own; with deep, every wrong answer of the
// zones too. It says whether there is none.
func check(path string, deep bool, w io.Writer) bool {
	system.LimitMemory()
	system.TuneForLoading()
	g := pop.Load(path, nil, pop.Options{}).TryPages()
	err := g.Err()
	if err == nil {
		err = g.CheckZones(deep)
	}
	if err != nil {
		fmt.Fprintln(w, err)
		return false
	}
	for _, f := range g.Findings() {
		fmt.Fprintf(w, "%s (not a mistake, but is it meant?)\n", f.Text)
		if f.More > 0 {
			fmt.Fprintln(w, f.AndMore())
		}
	}
	c := g.Config
	fmt.Fprintf(w, "%s: fine: %d POPs, %d maps, %d zones with %d records\n", path, len(c.POPs), len(c.Maps), len(c.Zones), g.Records())
	for name, pages := range g.Sites {
		fmt.Fprintf(w, "site %s: %s\n", name, pages)
	}
	for _, info := range g.Databases() {
		fmt.Fprintf(w, "%s: %s of %s\n", info.Path, info.Type, dateOf(&info))
	}
	return true
}
