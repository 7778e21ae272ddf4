package main

import (
	"context"
	"fmt"
	"strconv"

	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/publishing"
	"tinycdn/cmd/tinycdn/session"

	"github.com/spf13/cobra"
)

func rollbackCommand() *cobra.Command {
	var file string
	var o publishing.Options
	c := &cobra.Command{
		Use:   "rollback [N]",
		Short: "Serve the files of an earlier generation again, at all POPs",
		Long: "Take back the canary, if there is one (publish --only). Else make a new generation of the files of generation N, or of the one\n" +
			"before what is live, and bring it to all POPs as publish does. This folder stays as it is: publish names what\n" +
			"would come back by it, and tinycdn pull makes it what is live.\n\n" + statusesText,
		Example: "  tinycdn rollback\n  tinycdn rollback 39 -m \"the new templates were wrong\"",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			number, err := generationNumber(args)
			if err != nil {
				return err
			}
			return inSession(file, func(ctx context.Context, s *session.Session) error {
				return publishing.Rollback(ctx, s, &o, number, c.OutOrStdout())
			})
		},
	}
	addPublishingFlags(c, &file, &o)
	c.Flags().MarkHidden("over") // there is nothing to go over: no file of this folder is published
	return c
}

// generationNumber reads the number of a generation, the only argument; 0: there is none.
func generationNumber(args []string) (uint64, error) {
	if len(args) == 0 {
		return 0, nil
	}
	n, err := strconv.ParseUint(args[0], 10, 63)
	if err != nil || n == 0 {
		return 0, exit.With(exit.Usage, fmt.Errorf("%q is no number of a generation (tinycdn history lists them)", args[0]))
	}
	return n, nil
}
