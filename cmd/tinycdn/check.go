package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/live"
	"tinycdn/cmd/tinycdn/pop"
	"tinycdn/cmd/tinycdn/system"

	"github.com/spf13/cobra"
)

func checkCommand() *cobra.Command {
	var file string
	var how strictness
	var asked liveness
	c := &cobra.Command{
		Use:   "check",
		Short: "Load everything as serve would, and print every mistake",
		Long: "Load everything as serve would, and print every mistake in a line of its own: file, line, what is wrong and often what was\n" +
			"meant. Without any it ends with status 0, and tells what there is. What is odd, but no mistake, is told in any case: links\n" +
			"within a site that lead nowhere, among others.\n\n" +
			"It lists the zones, with their records and serials: the first 20, with --zones all.\n\n" +
			"With --links, links within a site that lead nowhere are mistakes.\n\n" +
			"With --deep, every name of every zone is asked for, too, and the answers are held against the records of the files.\n\n" +
			"With --live, if there is no mistake, each POP is asked over UDP, at all of its addresses, what it serves: version, generation,\n" +
			"databases, maps, and serial and records of every zone. What differs among them, or from this folder, is named, and so is who\n" +
			"does not answer, or nonsense. The CAA records of all names that certificates are ordered for are looked up as an authority does,\n" +
			"and where it would give none, the record to add is told. It ends with 0 if all is alike, 1 if not, and 2 for wrong usage.",
		Example: "  tinycdn check\n  tinycdn check --live\n  tinycdn check --config new/tinycdn.toml && rsync -a new/ nyc:/etc/tinycdn/",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			path, err := config.Path(file)
			if err != nil {
				return err
			}
			ctx, stop := untilSignal()
			defer stop()
			return check(ctx, path, how, asked, c.OutOrStdout())
		},
	}
	addConfigFlag(c, &file)
	c.Flags().BoolVar(&how.deep, "deep", false, "ask the zones for every name, and hold the answers against the records")
	c.Flags().BoolVar(&how.links, "links", false, "take links within a site that lead nowhere for mistakes")
	c.Flags().BoolVar(&how.all, "zones", false, "list all zones, and not only the first 20")
	c.Flags().BoolVar(&asked.live, "live", false, "ask all POPs what they serve, and compare")
	c.Flags().Uint16Var(&asked.port, "port", 0, "with --live, ask at port `N` (default where they listen)")
	c.Flags().StringVar(&asked.resolver, "resolver", "", "with --live, look up at the resolver at `ADDRESS` (default those of /etc/resolv.conf)")
	c.Flags().BoolVar(&asked.json, "json", false, "with --live, print JSON")
	return c
}

// strictness is what check is asked for beyond the usual.
type strictness struct {
	deep  bool // every wrong answer of the zones is a mistake
	links bool // so is every link within a site that leads nowhere
	all   bool // all zones are listed
}

// liveness is how the POPs are asked.
type liveness struct {
	live bool   // they are
	port uint16 // 0: where they listen
	json bool

	resolver string // that is asked what the world has; "": this machine's
}

// check loads everything as serve would, and prints what is wrong and what is odd, and then what there is; or with live how the POPs
// differ.
func check(ctx context.Context, path string, how strictness, asked liveness, w io.Writer) error {
	if !asked.live && (asked.json || asked.port != 0 || asked.resolver != "") {
		return exit.With(exit.Usage, errors.New("--json, --port and --resolver go with --live"))
	}
	world, err := live.World(asked.resolver)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	g, fine := checkFiles(path, how, asked.live, w)
	switch {
	case !fine:
		return exit.ErrReported
	case !asked.live:
		printAll(w, g, path, how.all)
		return nil
	}
	alike, err := live.Check(ctx, g, asked.port, world, asked.json, w)
	if err == nil && !alike {
		err = exit.ErrReported
	}
	return err
}

// checkFiles loads everything, and prints every mistake in a line of its own, and then, unless mistakesAlone, what is odd. It says whether
// there is no mistake.
func checkFiles(path string, how strictness, mistakesAlone bool, w io.Writer) (g *pop.Generation, fine bool) {
	system.LimitMemory()
	system.TuneForLoading()
	g = pop.Load(path, nil, pop.Options{}).TryPages(how.links)
	err := g.Err()
	if err == nil {
		err = g.Empty()
	}
	if err == nil {
		err = g.CheckZones(how.deep)
	}
	if err != nil {
		fmt.Fprintln(w, err)
	}
	for _, f := range g.Findings() {
		if f.Level == slog.LevelError || mistakesAlone {
			continue
		}
		fmt.Fprintf(w, "%s (not a mistake, but is it meant?)\n", f.Text)
		if f.More > 0 {
			fmt.Fprintln(w, f.AndMore())
		}
	}
	return g, err == nil
}

// printAll says what there is.
func printAll(w io.Writer, g *pop.Generation, path string, allZones bool) {
	c := g.Config
	fmt.Fprintf(w, "%s: fine: %s, %s, %s with %s\n", path,
		pop.Count(len(c.POPs), "POP"), pop.Count(len(c.Maps), "map"), pop.Count(len(c.Zones), "zone"), pop.Count(g.Records(), "record"))
	printZones(w, g, allZones)
	for name, pages := range g.Sites {
		fmt.Fprintf(w, "site %s: %s\n", name, pages)
	}
	for _, info := range g.Databases() {
		fmt.Fprintf(w, "%s: %s of %s\n", info.Path, info.Type, info.Built.Format(time.DateOnly))
	}
}

// printZones lists the zones: all, or as many as one can read.
func printZones(w io.Writer, g *pop.Generation, all bool) {
	const most = 20
	listed := 0
	for name, text := range g.Zones {
		if listed++; all || listed <= most {
			fmt.Fprintf(w, "zone %s: %s\n", name, text)
		}
	}
	if listed > most && !all {
		fmt.Fprintf(w, "and %d more: --zones lists all\n", listed-most)
	}
}
