package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"

	"github.com/spf13/cobra"
)

func rollbackCommand() *cobra.Command {
	var p publishing
	c := &cobra.Command{
		Use:   "rollback [N]",
		Short: "Serve the files of an earlier generation again, at all POPs",
		Long: "Take back the canary, if there is one (publish --only). Else make a new generation of the files of generation N, or of the one before what is live, and bring it to all POPs as publish\n" +
			"does. This folder stays as it is: publish names what would come back by it, and tinycdn pull makes it what is live.\n\n" + statusesText,
		Example: "  tinycdn rollback\n  tinycdn rollback 39 -m \"the new templates were wrong\"",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			number, err := generationNumber(args)
			if err != nil {
				return err
			}
			ctx, stop := untilSignal()
			defer stop()
			return p.rollback(ctx, number, c.OutOrStdout())
		},
	}
	p.addFlags(c)
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
		return 0, &exit{exitUsage, fmt.Errorf("%q is no number of a generation (tinycdn history lists them)", args[0])}
	}
	return n, nil
}

func (p *publishing) rollback(ctx context.Context, number uint64, w io.Writer) error {
	s, err := p.join()
	if err != nil {
		return err
	}
	defer s.Close()
	live, err := s.live(ctx)
	if err != nil {
		return err
	}
	if s.Canary.Stands() {
		return p.takeBack(ctx, s, live, number, newTelling(w, p.json))
	}
	switch {
	case live.ID.Number == 0:
		return fmt.Errorf("nothing has been published yet")
	case number == 0 && live.Parent.Number == 0:
		return fmt.Errorf("generation %d is the first: there is none before it", live.ID.Number)
	case number == 0:
		number = live.Parent.Number
	}
	before, err := s.past(ctx, live, number)
	if err != nil {
		return err
	}
	note := p.note
	if note == "" {
		note = fmt.Sprintf("rollback to %d", number)
	}
	next := manifest.Manifest{
		Number: live.ID.Number + 1, Parent: live.ID, Config: before.Config, By: s.who.Name, Note: note, Time: time.Now(),
		Files: live.Follow(before.Files, time.Now()),
	}
	s.Base = live
	say := newTelling(w, p.json)
	changes := p.between(ctx, s, &live.Manifest, &next)
	say.changed(changes, live.ID.Number)
	if p.dry || len(changes.files) == 0 {
		return nil
	}
	_, err = s.bring(ctx, &next, nil, say)
	return err
}
