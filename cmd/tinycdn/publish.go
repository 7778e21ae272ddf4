package main

import (
	"context"
	"errors"

	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/publishing"
	"tinycdn/cmd/tinycdn/session"

	"github.com/spf13/cobra"
)

// statusesText says of what publish and rollback end with.
const statusesText = "It ends with 0 if all POPs serve it that are not known to be down, 1 for mistakes, 2 for wrong usage, 3 if a majority serves it and\n" +
	"the others will follow, 4 if another generation is newer than what this folder came from, 5 if fewer than a majority could be\n" +
	"reached, and 6 if more than half of a site's files or of a zone's records would go. With 1, 4, 5 and 6 nothing has changed anywhere."

func publishCommand() *cobra.Command {
	var file string
	var o publishing.Options
	var finish bool
	c := &cobra.Command{
		Use:   "publish",
		Short: "Bring this folder to all POPs of the cluster, checked by each of them before any serves it",
		Long: "Check this folder, send what has changed to the POPs, have each of them load it beside what it serves, and once a majority\n" +
			"is ready, have all of them serve it.\n\n" +
			"With --only, all POPs load it, and those that are named serve it, as a canary: they go on so after a restart, too, and nobody\n" +
			"publishes anything else (4) until publish --finish, from any folder, has all others serve it, or rollback takes it back.\n\n" + statusesText,
		Example: "  tinycdn publish -m \"new trip report\"\n  tinycdn publish -n\n  tinycdn publish --only fra && tinycdn publish --finish",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			do := publishing.Publish
			if finish {
				do = publishing.Finish
			}
			if finish && (len(o.Only) > 0 || o.Note != "" || o.Over != 0) {
				return exit.With(exit.Usage, errors.New("--finish publishes the canary as it is: without --only, --message and --over"))
			}
			return inSession(file, func(ctx context.Context, s *session.Session) error { return do(ctx, s, &o, c.OutOrStdout()) })
		},
	}
	addPublishingFlags(c, &file, &o)
	c.Flags().StringSliceVar(&o.Only, "only", nil, "have these `POPS` alone serve it, as a canary; all others load it, too")
	c.Flags().BoolVar(&finish, "finish", false, "have the canary served everywhere")
	return c
}

func addPublishingFlags(c *cobra.Command, file *string, o *publishing.Options) {
	addConfigFlag(c, file)
	c.Flags().StringVarP(&o.Note, "message", "m", "", "a `NOTE` for the history: what is new")
	c.Flags().BoolVarP(&o.Dry, "dry-run", "n", false, "show what would change, and stop")
	c.Flags().BoolVar(&o.Yes, "yes", false, "go on also if much would be gone")
	c.Flags().BoolVar(&o.JSON, "json", false, "say it as JSON, an object a line")
	c.Flags().Uint64Var(&o.Over, "over", 0, "go over generation `N` of somebody else, though this folder does not come from it")
	c.Flags().StringSliceVar(&o.Without, "without", nil, "do not wait for these `POPS`")
}
