package main

import (
	"context"
	"fmt"
	"io"

	"tinycdn/cmd/tinycdn/cluster/manifest"

	"github.com/spf13/cobra"
)

func diffCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "diff [N]",
		Short: "Show how this folder, or generation N, differs from what is live",
		Long: "Show a line for each file by which this folder, or the earlier generation N, differs from what is live: what publish, or\n" +
			"rollback N, would add (+), change (~) and remove (-). A canary has a number, too: what publish --finish would change.",
		Example: "  tinycdn diff\n  tinycdn diff 41",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			number, err := generationNumber(args)
			if err != nil {
				return err
			}
			ctx, stop := untilSignal()
			defer stop()
			return diff(ctx, file, number, c.OutOrStdout())
		},
	}
	addConfigFlag(c, &file)
	return c
}

func diff(ctx context.Context, file string, number uint64, w io.Writer) error {
	s, err := join(file)
	if err != nil {
		return err
	}
	defer s.Close()
	other := &manifest.Manifest{}
	if number == 0 {
		g, err := checkFolder(s.path, newTelling(io.Discard, false))
		if err != nil {
			return fmt.Errorf("this folder has mistakes (tinycdn check)")
		}
		if _, other.Files, err = filesOf(s.Folder, g); err != nil {
			return err
		}
	}
	live, err := s.live(ctx)
	if err != nil {
		return err
	}
	if number != 0 {
		list, err := s.past(ctx, live, number)
		if err != nil {
			return err
		}
		other = &list.Manifest
	}
	for _, line := range wordsOf(manifest.Changes(&live.Manifest, other)) {
		fmt.Fprintln(w, oneLine(line))
	}
	return nil
}
