package main

import (
	"context"
	"fmt"
	"io"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/words"

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
			ctx, stop := untilSignal()
			defer stop()
			return diff(ctx, file, number, asJSON, c.OutOrStdout())
		},
	}
	addConfigFlag(c, &file)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func diff(ctx context.Context, file string, number uint64, asJSON bool, w io.Writer) error {
	s, err := join(file)
	if err != nil {
		return err
	}
	defer s.Close()
	other := version{list: &manifest.Manifest{}}
	if number == 0 {
		g, err := checkFolder(s.path, newTelling(io.Discard, false))
		if err != nil {
			return fmt.Errorf("this folder has mistakes (tinycdn check)")
		}
		other.folder.Config = g.Config
		if other.folder.Top, other.list.Files, err = filesOf(s.Folder, g); err != nil {
			return err
		}
		other.list.Config = relative(other.folder.Top, s.path)
		other.atHand = paths(other.folder.Top, other.list.Files)
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
		other.list = &list.Manifest
	}
	changes := s.compare(ctx, version{list: &live.Manifest}, other)
	if asJSON {
		newTelling(w, true).object("changed", changes.values(live.ID.Number))
		return nil
	}
	for _, line := range changes.words() {
		fmt.Fprintln(w, words.Line(line))
	}
	return nil
}
