package main

import (
	"context"
	"errors"
	"os"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/golden"
	"tinycdn/zones"

	"github.com/spf13/cobra"
)

func testCommand() *cobra.Command {
	var o golden.Options
	c := &cobra.Command{
		Use:   "test [FILE]",
		Short: "Test every POP from outside: who is sent where, and what is served",
		Long: "Make the tests in FILE, tests.toml beside the configuration if none is named, at every address of every POP: questions over\n" +
			"UDP and TCP, and pages. What something else comes of is listed, with what was wanted, what came, and the line of dig or curl\n" +
			"that does it again. A POP that does not answer is told once.\n\n" +
			"With --boundaries, --record or --delegation, tests.toml is left alone, unless it is named.\n\n" +
			"It ends with 0 if all is as it must be, 1 if not, and 2 for wrong usage or a mistake in FILE.",
		Example: "  tinycdn test\n  tinycdn test --at 192.0.2.1 --junit report.xml tests.toml\n  tinycdn test --boundaries 10000\n  tinycdn test --delegation",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.File = args[0]
			}
			ctx, stop := untilSignal()
			defer stop()
			if isTerminal(os.Stderr) {
				o.Watched = os.Stderr
			}
			if path, err := config.Path(o.Config); err == nil {
				if _, _, err := cluster.FolderOf(path).Roster(); !errors.Is(err, cluster.ErrNoCluster) {
					o.Away = func(ctx context.Context) ([]zones.Down, error) { return away(ctx, o.Config) }
				}
			}
			return golden.Run(ctx, &o, c.OutOrStdout())
		},
	}
	addConfigFlag(c, &o.Config)
	c.Flags().StringArrayVar(&o.At, "at", nil, "ask at `ADDRESS[:PORT]` only; may be given several times (default every address of every POP)")
	c.Flags().BoolVarP(&o.Only4, "ipv4", "4", false, "ask over IPv4 only")
	c.Flags().BoolVarP(&o.Only6, "ipv6", "6", false, "ask over IPv6 only")
	c.Flags().IntVar(&o.Boundaries, "boundaries", 0, "ask every POP on both sides of `N` borders between answers, and hold what comes against the maps here")
	c.Flags().StringVar(&o.Record, "record", "", "write `FILE`: what all POPs answer to some networks for every POP, for every geo name")
	c.Flags().BoolVar(&o.Delegation, "delegation", false, "hold what the world is told of the zones' nameservers against what is here, and ask each of them")
	c.Flags().StringArrayVar(&o.Resolvers, "resolver", nil, "with --delegation, ask the world at `ADDRESS[:PORT]` (default those of /etc/resolv.conf)")
	c.Flags().Uint16Var(&o.Port, "port", 0, "with --delegation, ask nameservers at port `N` (default 53)")
	c.Flags().BoolVar(&o.JSON, "json", false, "print JSON")
	c.Flags().StringVar(&o.JUnit, "junit", "", "write JUnit's XML to `FILE`, too, for a CI")
	return c
}

// away are the POPs that the cluster of a configuration sends visitors away from.
func away(ctx context.Context, file string) ([]zones.Down, error) {
	s, err := join(file)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return s.Away(ctx)
}
