package main

import (
	"context"

	"tinycdn/cmd/tinycdn/publishing"
	"tinycdn/cmd/tinycdn/session"

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
			return inSession(file, func(ctx context.Context, s *session.Session) error {
				return publishing.History(ctx, s, asJSON, c.OutOrStdout())
			})
		},
	}
	addConfigFlag(c, &file)
	c.Flags().BoolVar(&asJSON, "json", false, "say it as JSON, an object a line")
	return c
}
