package main

import (
	"context"
	"io"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/publishing"
	"tinycdn/cmd/tinycdn/session"
	"tinycdn/cmd/tinycdn/system"

	"github.com/spf13/cobra"
)

// versionsText says of diff and map what OLD and NEW may be.
const versionsText = "OLD and NEW are folders (or configurations in them), generations of the cluster by number or hash (a canary has a number, too), live, or\n" +
	"last: the copies that the POP on this machine keeps of what was last right. Or they are databases (.mmdb): in the place of those of this\n" +
	"folder that know no more than they do, under its maps."

func diffCommand() *cobra.Command {
	var what publishing.Comparison
	c := &cobra.Command{
		Use:   "diff [OLD [NEW]]",
		Short: "Show what changes from OLD to NEW, and who is sent elsewhere by it",
		Long: "Show a line for each file that NEW adds (+), changes (~) and removes (-). Of the configuration and of zones it says what is\n" +
			"otherwise in them: the first settings and records of each, with --json up to a thousand. Then, for each map, what share of the\n" +
			"address space goes from which POP to which, and where that is: the countries, networks (AS) and prefixes with most of it. IPv4 is counted\n" +
			"by addresses and IPv6 by the /48, as far as a database knows them. Where there is [stats], it says also what share of the visitors of\n" +
			"the last 7 days moves: as tinycdn stats has them, by their countries, in each of which they count as spread over its addresses.\n\n" + versionsText + " Left out, NEW is\n" +
			"this folder, and OLD what is live.",
		Example: "  tinycdn diff\n  tinycdn diff 41\n  tinycdn diff live 41\n  tinycdn diff ../before .\n  tinycdn diff GeoLite2-City.mmdb new/GeoLite2-City.mmdb",
		Args:    cobra.MaximumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			ctx, stop := untilSignal()
			defer stop()
			system.TuneForComparing()
			for i, into := range []*string{&what.Old, &what.New} {
				if i < len(args) {
					*into = args[i]
				}
			}
			what.Join = func() (*session.Session, error) { return join(what.File) }
			what.Stats = func(ctx context.Context, o cluster.StatsOrder, read func(io.Reader) error) error {
				return stats(ctx, what.File, "", o, read)
			}
			return publishing.Diff(ctx, what, c.OutOrStdout())
		},
	}
	addConfigFlag(c, &what.File)
	c.Flags().StringVar(&what.StatsFile, "stats", "", "take visitors from `FILE`, which tinycdn stats --json has written, and ask no POP")
	c.Flags().BoolVar(&what.JSON, "json", false, "print JSON")
	return c
}
