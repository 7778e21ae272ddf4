package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/exit"

	"github.com/spf13/cobra"
)

func rollbackCommand() *cobra.Command {
	var p publishing
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
		return 0, exit.With(exit.Usage, fmt.Errorf("%q is no number of a generation (tinycdn history lists them)", args[0]))
	}
	return n, nil
}

func (p *publishing) rollback(ctx context.Context, number uint64, w io.Writer) error {
	s, err := p.join()
	if err != nil {
		return err
	}
	defer s.Close()
	say := newTelling(w, p.json)
	_, err = p.follow(ctx, s, say, following{
		live:   s.askLive(ctx),
		canary: func(live *manifest.Signed) error { return p.takeBack(ctx, s, live, number, say) },
		next:   func(live *manifest.Signed) (*manifest.Manifest, error) { return p.back(ctx, s, live, number) },
		differs: func(live *manifest.Signed, next *manifest.Manifest) *changes {
			return p.between(ctx, s, &live.Manifest, next)
		},
	})
	return err
}

// back is what follows what is live, with the files of an earlier generation; number 0: the one before.
func (p *publishing) back(ctx context.Context, s *session, live *manifest.Signed, number uint64) (*manifest.Manifest, error) {
	switch {
	case live.ID.Number == 0:
		return nil, fmt.Errorf("nothing has been published yet")
	case number == 0 && live.Parent.Number == 0:
		return nil, fmt.Errorf("generation %d is the first: there is none before it", live.ID.Number)
	case number == 0:
		number = live.Parent.Number
	}
	before, err := s.past(ctx, live, number)
	if err != nil {
		return nil, err
	}
	note := p.note
	if note == "" {
		note = fmt.Sprintf("rollback to %d", number)
	}
	return &manifest.Manifest{
		Number: live.ID.Number + 1, Parent: live.ID, Config: before.Config, By: s.who.Name, Note: note, Time: time.Now(),
		Files: live.Follow(before.Files, time.Now()),
	}, nil
}
