package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/roster"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/setup"
	"tinycdn/cmd/tinycdn/words"

	"github.com/spf13/cobra"
)

func inviteCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "invite POP",
		Short: "Have a machine that ssh does not reach become a POP",
		Long: "Print the command with which a machine joins the cluster, and call the POP's address until the machine answers, for an hour at most.\n" +
			"The machine needs nothing but tinycdn; the command may stand in cloud-init. Who has it can become that POP: it is a secret.",
		Example: "  tinycdn invite syd",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			ctx, stop := untilSignal()
			defer stop()
			path, pops, err := popsOf(file, args)
			if err != nil {
				return err
			}
			return invite(ctx, cluster.FolderOf(path), path, pops[0], c.OutOrStdout())
		},
	}
	addConfigFlag(c, &file)
	return c
}

func invite(ctx context.Context, folder cluster.Folder, path string, pop *setup.POP, w io.Writer) error {
	if _, _, err := folder.Roster(); errors.Is(err, cluster.ErrNoCluster) {
		if _, err := makeOwner(&setup.Task{}, folder, path, nil, w); err != nil {
			return err
		}
	}
	o, err := cluster.OpenOwner(ctx, folder, findOwner)
	if err != nil {
		return err
	}
	defer o.Close()
	i := roster.NewInvitation(pop.Name, o.Key.Public(), time.Now())
	fmt.Fprintf(w, "at the machine, as root, within the hour:\n\n  tinycdn join %s%v\n\n", listenFlags(pop), &i)
	ctx, done := context.WithDeadline(ctx, i.Until)
	defer done()
	signed, err := call(ctx, o, &i, pop, w)
	if err != nil {
		return err
	}
	if err := o.KeepRoster(signed); err != nil {
		return err
	}
	begin := time.Now()
	up, done := context.WithTimeout(ctx, setup.UpTime)
	defer done()
	_, deaf := setup.Await(up, o.Key, pop.Member(pop.Key), time.Time{})
	wrong, err := o.Give(ctx, signed)
	switch {
	case deaf != nil:
		return exit.With(exit.Partly, fmt.Errorf("%s has joined, and does not answer yet: %w", pop.Name, deaf))
	case err != nil:
		return err
	}
	fmt.Fprintf(w, "%s  has joined   up in %.1f s   fingerprint %s\n", pop.Name, time.Since(begin).Seconds(), pop.Key.Fingerprint())
	if len(wrong) > 0 {
		return exit.With(exit.Partly, fmt.Errorf("not yet, and then from the others, at %s", words.Wrong(wrong)))
	}
	return nil
}

func listenFlags(pop *setup.POP) (flags string) {
	for _, address := range pop.Listen {
		flags += "--listen " + address + " "
	}
	return flags
}

// call calls a machine until it has joined, and gives the roster with it.
func call(ctx context.Context, o *cluster.Owner, i *roster.Invitation, pop *setup.POP, w io.Writer) (signed []byte, err error) {
	welcome := func(key roster.Key) (channel.Welcome, error) {
		pop.Key = key
		signed, err = o.Next(*setup.Join(o.Members, []*setup.POP{pop}))
		return channel.Welcome{Listen: pop.Listen, Roster: signed}, err
	}
	said := ""
	for {
		for _, address := range pop.Addresses {
			err := channel.Invite(ctx, address.String(), o.Key, i, welcome)
			if err == nil {
				return signed, nil
			}
			if errors.Is(err, channel.ErrUninvited) && said != err.Error() {
				said = err.Error()
				fmt.Fprintf(w, "at %v: %s\n", address, said)
			}
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return nil, fmt.Errorf("nobody has joined as %s within the hour: the invitation holds no longer", i.Name)
			}
			return nil, fmt.Errorf("the invitation holds no longer: nobody calls %s", i.Name)
		}
	}
}
