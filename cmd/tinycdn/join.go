package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/roster"
	"tinycdn/cmd/tinycdn/setup"
	"tinycdn/webserver/conns"

	"github.com/spf13/cobra"
)

// usualState is where a POP's files are.
const usualState = "/var/lib/tinycdn"

func joinCommand() *cobra.Command {
	var listen, state string
	c := &cobra.Command{
		Use:   "join INVITATION",
		Short: "Make this machine the POP that it was invited to be",
		Long: "Wait, for as long as the invitation holds, for the call of whoever runs tinycdn invite; take from him who belongs to the cluster; and\n" +
			"make the user and the service here, and start it. With --state only the POP's files are made, in that folder.",
		Example: "  tinycdn join syd-7f3k...",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			ctx, stop := untilSignal()
			defer stop()
			return joinCluster(ctx, args[0], listen, state, c.OutOrStdout())
		},
	}
	c.Flags().StringVar(&listen, "listen", ":443", "the `ADDRESS` at which the call comes")
	c.Flags().StringVar(&state, "state", "", "the `FOLDER` for the POP's files, to be served with: tinycdn serve --state FOLDER")
	return c
}

func joinCluster(ctx context.Context, text, listen, state string, w io.Writer) error {
	i, err := roster.ParseInvitation(text)
	if err != nil {
		return err
	}
	if !time.Now().Before(i.Until) {
		return fmt.Errorf("the invitation of %s has held until %s (or is this machine's clock wrong?): ask for another", i.Name, i.Until.Format(time.DateTime))
	}
	install := state == ""
	var facts setup.Facts
	if install {
		state = usualState
		if os.Geteuid() != 0 {
			return errors.New("it makes a service, and needs root: or name a folder for its files with --state")
		}
		if facts, err = (setup.Machine{}).Probe(ctx); err == nil {
			_, err = setup.Unit(facts.Init)
		}
		if err != nil {
			return err
		}
	}
	seat, err := cluster.OpenSeat(state)
	if err != nil {
		return err
	}
	if seat.Owner != (roster.Key{}) && !i.IsOf(seat.Owner) {
		return fmt.Errorf("%s is that of a POP of another cluster: move it away first", state)
	}
	if err := takeSeat(ctx, &i, &seat, listen, w); err != nil {
		return err
	}
	fmt.Fprintf(w, "this is %s now   fingerprint %s\n", i.Name, seat.Key.Public().Fingerprint())
	if !install {
		fmt.Fprintf(w, "next: tinycdn serve --state %s\n", state)
		return nil
	}
	return startService(ctx, w)
}

// mostCallers are how many may call at a time a machine that waits for its owner. One more pushes out who has said least.
const mostCallers = 500

// takeSeat waits for the owner's call.
func takeSeat(ctx context.Context, i *roster.Invitation, seat *cluster.Seat, listen string, w io.Writer) error {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("nobody can call here: %w", err)
	}
	fmt.Fprintf(w, "waiting at %s for the call of whoever has invited this machine, until %s\n", l.Addr(), i.Until.Format(time.TimeOnly))
	ctx, done := context.WithDeadline(ctx, i.Until)
	defer done()
	table := conns.New(conns.Config{Clients: mostCallers, PerAddress: mostCallers / 20, Log: slog.New(slog.DiscardHandler)})
	err = channel.Join(ctx, table.Listener(l), seat.Key, i, table.Release, func(owner roster.Key, welcome channel.Welcome) error {
		return seat.Take(i.Name, owner, welcome.Listen, welcome.Roster)
	})
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("nobody has called as the one who invited this machine: the invitation of %s holds no longer", i.Name)
	}
	return err
}

// startService makes the service on this machine, whose files are there, and starts it.
func startService(ctx context.Context, w io.Writer) error {
	here := setup.Machine{}
	facts, err := here.Probe(ctx)
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	plan, err := setup.PlanJoined(program, &facts)
	if err != nil {
		return err
	}
	if _, err := here.Do(ctx, plan, &facts); err != nil {
		return err
	}
	fmt.Fprintln(w, setup.Did(plan.Does))
	return nil
}
