package main

import (
	"context"

	"tinycdn/cmd/tinycdn/publishing"
	"tinycdn/cmd/tinycdn/session"

	"github.com/spf13/cobra"
)

func diffCommand() *cobra.Command {
	var file string
	var asJSON bool
	c := &cobra.Command{
		Use:   "diff [N]",
		Short: "Show how this folder, or generation N, differs from what is live",
		Long: "Show a line for each file by which this folder, or the earlier generation N, differs from what is live: what publish, or\n" +
			"rollback N, would add (+), change (~) and remove (-). A canary has a number, too: what publish --finish would change.\n" +
			"Of the configuration and of zones it says what is otherwise in them: the first settings and records of each, with --json up to\n" +
			"a thousand.",
		Example: "  tinycdn diff\n  tinycdn diff 41",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			number, err := generationNumber(args)
			if err != nil {
				return err
			}
			return inSession(file, func(ctx context.Context, s *session.Session) error {
				return publishing.Diff(ctx, s, number, asJSON, c.OutOrStdout())
			})
		},
	}
	addConfigFlag(c, &file)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
