package main

import (
	"context"

	"tinycdn/cmd/tinycdn/publishing"
	"tinycdn/cmd/tinycdn/session"

	"github.com/spf13/cobra"
)

func pullCommand() *cobra.Command {
	var file string
	var force bool
	c := &cobra.Command{
		Use:   "pull",
		Short: "Bring what is live into this folder",
		Long: "Write the files of the live generation into this folder, and remove those that it no longer has. Files that were changed here\n" +
			"stay as they are. If one was changed both here and there, it is named, nothing is written, and the exit status is 4; with\n" +
			"--force it becomes what is live. Files that were never published stay.",
		Example: "  tinycdn pull",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return inSession(file, func(ctx context.Context, s *session.Session) error {
				return publishing.Pull(ctx, s, force, c.OutOrStdout())
			})
		},
	}
	addConfigFlag(c, &file)
	c.Flags().BoolVar(&force, "force", false, "overwrite what was changed here")
	return c
}
