package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/drains"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/session"
	"tinycdn/cmd/tinycdn/status"
	"tinycdn/cmd/tinycdn/words"
	"tinycdn/zones/diag"

	"github.com/spf13/cobra"
)

// drainFlags are how both commands are asked.
type drainFlags struct {
	file, socket string
	during       time.Duration
	list, asJSON bool
}

func drainCommand() *cobra.Command {
	var f drainFlags
	c := &cobra.Command{
		Use:   "drain [POP]",
		Short: "Send visitors to the other POPs, until it is said otherwise",
		Long: "Have every POP of the cluster answer with other POPs than this one, before somebody works on it: visitors leave it as the\n" +
			"TTLs of their answers run out. One that is drained is the last resort: it is in answers if there is no other, and whoever still\n" +
			"comes to it is served. It holds over restarts, until tinycdn undrain, or for as long as --for says. A POP that was away hears of\n" +
			"it when it comes back. The exit status is 3 if a POP does not know of it yet.\n\n" +
			"In the folder that a cluster is published from, its POPs are asked, by a key that may drain; else the POP that runs on this\n" +
			"machine, by its socket (web.admin_socket). One that belongs to no cluster answers so itself, and nobody else.",
		Example: "  tinycdn drain syd --for 2h\n  tinycdn drain --list",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if f.list == (len(args) > 0) {
				return errors.New("say which POP, or --list")
			}
			if f.list && c.Flags().Changed("for") {
				return errors.New("--for is for a POP that is to be drained")
			}
			if c.Flags().Changed("for") && (f.during < time.Second || f.during > drains.Longest) {
				return fmt.Errorf("--for %v: want at least 1s, and at most %.0fh", f.during, drains.Longest.Hours())
			}
			return f.run(c.OutOrStdout(), strings.Join(args, ""), true)
		},
	}
	f.add(c)
	c.Flags().DurationVar(&f.during, "for", 0, "drain it for no longer than a `TIME` such as 30m or 2h")
	c.Flags().BoolVar(&f.list, "list", false, "say which POPs are drained")
	return c
}

func undrainCommand() *cobra.Command {
	var f drainFlags
	c := &cobra.Command{
		Use:   "undrain POP",
		Short: "Have a POP that was drained get its visitors again",
		Long: "Have every POP of the cluster answer with a POP again that was drained. Who may do that, and where, is as with tinycdn drain. The\n" +
			"exit status is 3 if a POP does not know of it yet.",
		Example: "  tinycdn undrain syd",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return f.run(c.OutOrStdout(), args[0], false) },
	}
	f.add(c)
	return c
}

func (f *drainFlags) add(c *cobra.Command) {
	addConfigFlag(c, &f.file)
	c.Flags().StringVar(&f.socket, "socket", "", "the `PATH` of the POP's socket (else web.admin_socket in the configuration)")
	c.Flags().BoolVar(&f.asJSON, "json", false, "say it as JSON")
}

// run asks for it, and says what came of it. With no POP it says which are drained.
func (f *drainFlags) run(w io.Writer, pop string, drained bool) error {
	ctx, stop := untilSignal()
	defer stop()
	d, err := f.ask(ctx, cluster.DrainOrder{POP: pop, Drained: drained, For: f.during})
	if err != nil {
		return err
	}
	switch {
	case f.asJSON:
		json.NewEncoder(w).Encode(d)
	case pop == "":
		listDrains(&d, w)
	default:
		tellDrain(&d, pop, drained, w)
	}
	if len(d.Silent) > 0 {
		return exit.With(exit.Partly, nil)
	}
	return nil
}

// ask asks the cluster that is published from the folder of the configuration, or the POP behind a socket.
func (f *drainFlags) ask(ctx context.Context, o cluster.DrainOrder) (d cluster.Drainage, err error) {
	s, client, err := asked(f.file, f.socket)
	switch {
	case err != nil:
		return d, err
	case s != nil:
		defer s.Close()
		return drainByCluster(ctx, s, o)
	}
	defer client.Close()
	return d, client.Drain(ctx, o, &d)
}

func drainByCluster(ctx context.Context, s *session.Session, o cluster.DrainOrder) (d cluster.Drainage, err error) {
	var names []string
	for _, p := range s.Members.POPs {
		names = append(names, p.Name)
	}
	if o.POP != "" && !slices.Contains(names, o.POP) {
		return d, fmt.Errorf("there is no POP %q%s", o.POP, diag.DidYouMean(o.POP, names))
	}
	return s.Drain(ctx, o.POP, o.Drained, o.For)
}

func listDrains(d *cluster.Drainage, w io.Writer) {
	for _, one := range d.Drains {
		fmt.Fprintf(w, "%s  %s\n", words.Line(one.POP), status.DrainText(&one))
	}
	if len(d.Drains) == 0 {
		fmt.Fprintln(w, "no POP is drained")
	}
}

// tellDrain says what is so now, and what is to be known about it.
func tellDrain(d *cluster.Drainage, pop string, drained bool, w io.Writer) {
	var known []string
	for _, name := range d.POPs {
		if !slices.Contains(d.Silent, name) {
			known = append(known, name)
		}
	}
	text := pop + " is drained no longer"
	for _, one := range d.Drains {
		if one.POP == pop && drained {
			text = pop + " is " + status.DrainText(&one)
		}
	}
	switch {
	case d.Alone:
		text += "; this holds at this POP alone: say it to the others, too"
	case len(d.Silent) == 0:
		text += "; " + strings.Join(known, ", ") + " know"
	default:
		text += "; " + strings.Join(known, ", ") + " know, " + strings.Join(d.Silent, ", ") + " not yet"
	}
	fmt.Fprintln(w, text)
	if drained && d.All() {
		fmt.Fprintln(w, "warning: all POPs are drained now, which is as if none were")
	}
	if d.Lost {
		fmt.Fprintln(w, "warning: this POP has no state folder, and forgets it at a restart (serve --state names one)")
	}
}
