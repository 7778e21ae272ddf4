package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster/drains"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/session"
	"tinycdn/cmd/tinycdn/setup"

	"github.com/spf13/cobra"
)

func upgradeCommand() *cobra.Command {
	var file string
	var wait time.Duration
	c := &cobra.Command{
		Use:   "upgrade [POP...]",
		Short: "Bring this program to the POPs, one after the other",
		Long: "Bring this program to the POPs over ssh, one after the other: drain the POP, replace its program, have it become that without a moment of\n" +
			"silence (an old tinycdn, which cannot, is started anew once its visitors had the time to leave), wait until it answers, runs\n" +
			"steadily, and serves what it served before, and have its visitors come back. At the first POP that is not well it stops, and the\n" +
			"old program is put back there. The program before stays beside the new one, as tinycdn.old.",
		Example: "  tinycdn upgrade\n  tinycdn upgrade syd",
		RunE: func(c *cobra.Command, names []string) error {
			ctx, stop := untilSignal()
			defer stop()
			return upgrade(ctx, file, names, wait, c.OutOrStdout())
		},
	}
	addConfigFlag(c, &file)
	c.Flags().DurationVar(&wait, "wait", time.Minute, "the `TIME` that visitors have to leave a POP that cannot restart in silence: the TTL of the geo names")
	return c
}

func upgrade(ctx context.Context, file string, names []string, wait time.Duration, w io.Writer) error {
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
	leaving := &leaving{Session: s, wait: wait, w: w}
	t := &setup.Task{Owner: s.Key, Program: program, Leave: leaving.leave}
	for i, p := range pops {
		member, _ := s.Members.POP(p.Name)
		u, err := t.Upgrade(ctx, p, member)
		if err == nil || errors.Is(err, setup.ErrWentBack) || errors.Is(err, setup.ErrGoesOn) {
			leaving.comeBack(ctx)
		}
		if err != nil {
			fmt.Fprintf(w, "%s  NOT WELL: %v\n", p.Name, err)
			if rest := pops[i+1:]; len(rest) > 0 {
				fmt.Fprintf(w, "as they were: %s\n", strings.Join(namesOf(rest), ", "))
			}
			return exit.ErrReported
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

// leaving is who has been sent away from a POP while it is upgraded.
type leaving struct {
	*session.Session
	wait time.Duration
	w    io.Writer
	from string // the POP; "": nobody has been
}

// drainedAtMost is how long a POP is drained for an upgrade that is never heard of again.
const drainedAtMost = 15 * time.Minute

// leave has visitors leave a POP, unless somebody has seen to that before, who will also say when it is over, or nobody is left to
// send them to. An upgrade does not fail for want of it.
func (l *leaving) leave(ctx context.Context, pop string, silent bool) error {
	d, err := l.Drain(ctx, "", false, 0)
	if err == nil {
		if len(d.Drains) >= len(d.POPs)-1 || slices.ContainsFunc(d.Drains, func(d drains.Drain) bool { return d.POP == pop }) {
			return nil
		}
		_, err = l.Drain(ctx, pop, true, drainedAtMost)
	}
	if err != nil {
		fmt.Fprintf(l.w, "%s  not drained: %v\n", pop, err)
		return nil
	}
	if l.from = pop; silent || l.wait <= 0 {
		return nil
	}
	fmt.Fprintf(l.w, "%s  drained; its visitors have %v to leave\n", pop, l.wait)
	select {
	case <-time.After(l.wait):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// comeBack has them come back.
func (l *leaving) comeBack(ctx context.Context) {
	if l.from == "" {
		return
	}
	if _, err := l.Drain(context.WithoutCancel(ctx), l.from, false, 0); err != nil { // whoever interrupts an upgrade wants it undone
		fmt.Fprintf(l.w, "%s  stays drained for %v at most: %v (tinycdn undrain %[1]s)\n", l.from, drainedAtMost, err)
	}
	l.from = ""
}

func namesOf(pops []*setup.POP) (names []string) {
	for _, p := range pops {
		names = append(names, p.Name)
	}
	return names
}
