package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"tinycdn/cmd/tinycdn/setup"

	"github.com/spf13/cobra"
)

func upgradeCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "upgrade [POP...]",
		Short: "Bring this program to the POPs, one after the other",
		Long: "Bring this program to the POPs over ssh, one after the other: replace it, have the POP become it without a moment of silence (an old\n" +
			"tinycdn, which cannot, is started anew), and wait until it answers, runs steadily, and serves what it served before. At the first\n" +
			"POP that is not well it stops, and the old program is put back there. The program before stays beside the new one, as tinycdn.old.",
		Example: "  tinycdn upgrade\n  tinycdn upgrade syd",
		RunE: func(c *cobra.Command, names []string) error {
			ctx, stop := untilSignal()
			defer stop()
			return upgrade(ctx, file, names, c.OutOrStdout())
		},
	}
	addConfigFlag(c, &file)
	return c
}

func upgrade(ctx context.Context, file string, names []string, w io.Writer) error {
	path, pops, err := popsOf(file, names)
	if err != nil {
		return err
	}
	s, err := join(path)
	if err != nil {
		return err
	}
	defer s.Close()
	program, err := os.Executable()
	if err != nil {
		return err
	}
	setup.Look(ctx, pops)
	for _, p := range pops {
		if p.Err == nil {
			_, known := s.Members.POP(p.Name)
			if !known {
				p.Err = fmt.Errorf("it is not in the roster: tinycdn setup %s", p.Name)
			}
		}
		if p.Err != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", p.Name, p.Err))
		}
	}
	if err != nil {
		return fmt.Errorf("%w\nnothing was changed (tinycdn upgrade POP... leaves the others out)", err)
	}
	t := &setup.Task{Owner: s.Key, Program: program}
	for i, p := range pops {
		member, _ := s.Members.POP(p.Name)
		u, err := t.Upgrade(ctx, p, member)
		if err != nil {
			fmt.Fprintf(w, "%s  NOT WELL: %v\n", p.Name, err)
			if rest := pops[i+1:]; len(rest) > 0 {
				fmt.Fprintf(w, "as they were: %s\n", strings.Join(namesOf(rest), ", "))
			}
			return errReported
		}
		if u.Had {
			fmt.Fprintf(w, "%s  nothing changed, %s\n", p.Name, u.Versions())
		} else {
			silently := ""
			if u.Silent {
				silently = ", without a moment of silence"
			}
			fmt.Fprintf(w, "%s  %s   well after %.1f s%s\n", p.Name, u.Versions(), u.Took.Seconds(), silently)
		}
		if u.Unit {
			fmt.Fprintf(w, "%s  its service has another form by now: tinycdn setup %[1]s\n", p.Name)
		}
	}
	return nil
}

func namesOf(pops []*setup.POP) (names []string) {
	for _, p := range pops {
		names = append(names, p.Name)
	}
	return names
}
