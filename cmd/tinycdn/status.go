package main

import (
	"context"

	"tinycdn/cmd/tinycdn/session"
	"tinycdn/cmd/tinycdn/status"

	"github.com/spf13/cobra"
)

func statusCommand() *cobra.Command {
	var file string
	var asJSON bool
	c := &cobra.Command{
		Use:   "status",
		Short: "Say how the POPs of the cluster are",
		Long: "Ask every POP what it serves and whom it hears. A POP that cannot be reached from here is told of by the others. The exit\n" +
			"status is 0 if all are well, 3 if one is behind or nobody hears it, and 5 if no POP answers.",
		Example: "  tinycdn status",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return inSession(file, func(ctx context.Context, s *session.Session) error {
				return status.Write(ctx, &s.Publisher, asJSON, c.OutOrStdout())
			})
		},
	}
	addConfigFlag(c, &file)
	c.Flags().BoolVar(&asJSON, "json", false, "say it as JSON, an object a line")
	return c
}
