package main

import (
	"context"
	"errors"
	"io"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/tallies"

	"github.com/spf13/cobra"
)

// mostOfEach is how many of each kind a POP is asked for, by the day: as many as it keeps.
const mostOfEach = 1000

func statsCommand() *cobra.Command {
	var file, socket string
	days, how := 7, tallies.How{}
	c := &cobra.Command{
		Use:   "stats",
		Short: "Say how many visitors and DNS queries came, and from where",
		Long: "Say how many page views and visitors there were, by the day, page, country, referrer and POP, of all POPs together, and how many\n" +
			"DNS queries, by the zone, country and name, where the configuration has a section [stats]. A day is one of UTC, and a visitor counts once a\n" +
			"day and site, at however many POPs. Of a POP that does not answer there is what it had up to an hour before. With --json or --csv\n" +
			"there is a row for each day.\n\n" +
			"In the folder that a cluster is published from, its POPs are asked; else the POP that runs on this machine, by its socket\n" +
			"(web.admin_socket).",
		Example: "  tinycdn stats\n  tinycdn stats --days 30 --csv",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			switch o := (cluster.StatsOrder{Days: days, Top: mostOfEach}); {
			case o.Check() != nil || how.Top < 1:
				return exit.With(exit.Usage, errors.New("--days and --top: want at least 1 (of days at most 3660)"))
			case how.JSON && how.CSV:
				return exit.With(exit.Usage, errors.New("want --json or --csv, and not both"))
			default:
				ctx, stop := untilSignal()
				defer stop()
				return stats(ctx, file, socket, o, func(rows io.Reader) error { return how.Write(rows, c.OutOrStdout()) })
			}
		},
	}
	addConfigFlag(c, &file)
	c.Flags().StringVar(&socket, "socket", "", "the `PATH` of the POP's socket (else web.admin_socket in the configuration)")
	c.Flags().IntVar(&days, "days", days, "so many `DAYS`, today included")
	c.Flags().IntVar(&how.Top, "top", 10, "the first `NUMBER` of pages, countries and so on in the tables")
	c.Flags().StringVar(&how.Site, "site", "", "the site of that `NAME` alone")
	c.Flags().BoolVar(&how.JSON, "json", false, "say it as JSON, an object a line")
	c.Flags().BoolVar(&how.CSV, "csv", false, "say it as CSV")
	return c
}

// stats asks the cluster that is published from the folder of the configuration, or the POP behind a socket.
func stats(ctx context.Context, file, socket string, o cluster.StatsOrder, read func(io.Reader) error) error {
	s, client, err := asked(file, socket)
	switch {
	case err != nil:
		return err
	case s != nil:
		defer s.Close()
		return s.Stats(ctx, o, read)
	}
	defer client.Close()
	return client.Stats(o.Days, o.Top, read)
}
