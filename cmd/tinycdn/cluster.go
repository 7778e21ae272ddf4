package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/roster"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/words"

	"github.com/spf13/cobra"
)

func clusterCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "cluster",
		Short: "Say who belongs to the cluster, and who may publish",
		Long: "Say who belongs to the cluster, and who may publish. All of that stands in the roster, which the owner's key signs and every POP\n" +
			"has. What adds POPs is tinycdn setup, or invite.",
		Example: "  tinycdn cluster key add ci\n  tinycdn cluster remove syd",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	key := &cobra.Command{
		Use:     "key",
		Short:   "Say who may publish",
		Example: "  tinycdn cluster key add ci",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	key.AddCommand(keyAddCommand(), keyRemoveCommand(), keyListCommand(), keyPassphraseCommand())
	c.AddCommand(key, removeCommand(), identityCommand())
	return c
}

func keyAddCommand() *cobra.Command {
	var file string
	var may, paths []string
	c := &cobra.Command{
		Use:   "add NAME",
		Short: "Make a key for somebody, or for a CI, and print it",
		Long: "Make a key for somebody, or for a CI, sign who he is and what he may do, and print the key. It is kept nowhere else: who has it in\n" +
			"$TINYCDN_KEY, or in a file NAME.key in his ~/.config/tinycdn, is that publisher.",
		Example: "  tinycdn cluster key add ci --may publish --paths 'public/**'",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			p := roster.Publisher{Name: args[0], Paths: paths}
			for _, right := range may {
				if !slices.Contains(roster.Rights, roster.Right(right)) {
					return fmt.Errorf("--may %s: there is no such right (%s are)", right, rightsText())
				}
				p.May = append(p.May, roster.Right(right))
			}
			if p.Can(roster.Publish) && !p.Can(roster.Status) {
				p.May = append(p.May, roster.Status) // who publishes has to see what there is
			}
			if len(p.May) == 0 {
				return fmt.Errorf("--may is empty (%s are rights)", rightsText())
			}
			key := roster.NewKey()
			p.Key = key.Public()
			err := change(file, c.ErrOrStderr(), func(o *cluster.Owner) (*roster.Roster, error) { return o.Members.With(p) })
			if holds(err) {
				c.OutOrStdout().Write(key.Marshal("tinycdn: the key of " + p.Name + ", " + p.Key.Fingerprint()))
			}
			return err
		},
	}
	addConfigFlag(c, &file)
	c.Flags().StringSliceVar(&may, "may", []string{"publish"}, "his `RIGHTS`: publish, purge, drain, status")
	c.Flags().StringSliceVar(&paths, "paths", nil, "the `PATTERNS` of the files that he may change, such as 'public/**' (else all)")
	return c
}

func rightsText() string {
	return strings.Trim(fmt.Sprint(roster.Rights), "[]")
}

func keyRemoveCommand() *cobra.Command {
	var file string
	var stolen uint64
	c := &cobra.Command{
		Use:     "remove NAME",
		Short:   "Have a publisher's key count no longer",
		Example: "  tinycdn cluster key remove ci\n  tinycdn cluster key remove ci --stolen-since 41",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return change(file, c.OutOrStdout(), func(o *cluster.Owner) (*roster.Roster, error) {
				from := o.Newest + 1
				if c.Flags().Changed("stolen-since") {
					if stolen == 0 || stolen > from {
						return nil, fmt.Errorf("--stolen-since %d: the newest generation is %d", stolen, o.Newest)
					}
					from = stolen
				}
				if from <= o.Newest {
					fmt.Fprintf(c.OutOrStdout(), "what %s has signed from generation %d on does not count any more; what is served stays until: tinycdn rollback %d\n",
						args[0], from, from-1)
				}
				return o.Members.WithoutPublisher(args[0], from)
			})
		},
	}
	addConfigFlag(c, &file)
	c.Flags().Uint64Var(&stolen, "stolen-since", 0, "nor does it for generation `N` and those after it, which somebody else may have signed")
	return c
}

func keyListCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:     "list",
		Short:   "List who may publish",
		Example: "  tinycdn cluster key list",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			path, err := config.Path(file)
			if err != nil {
				return err
			}
			members, _, err := cluster.FolderOf(path).Roster()
			if err != nil {
				return err
			}
			listKeys(members, c.OutOrStdout())
			return nil
		},
	}
	addConfigFlag(c, &file)
	return c
}

func listKeys(r *roster.Roster, w io.Writer) {
	fmt.Fprintf(w, "%-12s  %s  everything\n", "owner", r.Owner.Fingerprint())
	for _, p := range r.Publishers {
		paths := "all files"
		if len(p.Paths) > 0 {
			paths = strings.Join(p.Paths, ", ")
		}
		fmt.Fprintf(w, "%-12s  %s  %s; %s\n", p.Name, p.Key.Fingerprint(), strings.Trim(fmt.Sprint(p.May), "[]"), paths)
	}
	for _, old := range r.Retired {
		fmt.Fprintf(w, "%-12s  %s  does not count from generation %d on\n", "(removed)", old.Key.Fingerprint(), old.From)
	}
}

func removeCommand() *cobra.Command {
	var file string
	var compromised bool
	c := &cobra.Command{
		Use:     "remove POP",
		Short:   "Take a POP out of the cluster",
		Example: "  tinycdn cluster remove syd",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			err := change(file, c.OutOrStdout(), func(o *cluster.Owner) (*roster.Roster, error) { return o.Members.WithoutPOP(args[0]) })
			if holds(err) {
				fmt.Fprintf(c.OutOrStdout(), "the others do not listen to %s any more. It goes on serving what it has until it is stopped there. Next: take [pops.%[1]s] and its\n"+
					"nameserver out of the files, tinycdn publish, and its address out of the delegation.\n", args[0])
				if compromised {
					fmt.Fprintf(c.OutOrStdout(), "Whoever has taken %s over has the private keys of the certificates that it served with: tinycdn does not renew certificates yet, so\n"+
						"have them revoked and made anew, with new keys. What is secret in its files (cookie_secret_file) is secret no longer.\n", args[0])
				}
			}
			return err
		},
	}
	addConfigFlag(c, &file)
	c.Flags().BoolVar(&compromised, "compromised", false, "somebody else has taken it over: say what else that means")
	return c
}

// holds says whether a roster was signed, though not all POPs may have it.
func holds(err error) bool {
	status, _ := exit.Of(err)
	return err == nil || status == exit.Partly
}

// change makes another roster of the one that holds, and says who has it.
func change(file string, w io.Writer, make func(*cluster.Owner) (*roster.Roster, error)) error {
	ctx, stop := untilSignal()
	defer stop()
	path, err := config.Path(file)
	if err != nil {
		return err
	}
	o, err := cluster.OpenOwner(ctx, cluster.FolderOf(path), findOwner)
	if err != nil {
		return err
	}
	defer o.Close()
	next, err := make(o)
	if err != nil {
		return err
	}
	return give(ctx, o, next, w)
}

// give signs another roster, gives it to the POPs, and says who has it.
func give(ctx context.Context, o *cluster.Owner, next *roster.Roster, w io.Writer) error {
	wrong, err := o.Sign(ctx, *next)
	if errors.Is(err, cluster.ErrUnheard) {
		return exit.With(exit.Unreached, err)
	}
	if err != nil {
		return err
	}
	var have []string
	for _, p := range o.Members.POPs {
		if wrong[p.Name] == nil {
			have = append(have, p.Name)
		}
	}
	fmt.Fprintf(w, "roster %d holds at %s\n", o.Members.Version, strings.Join(have, ", "))
	if len(wrong) > 0 {
		return exit.With(exit.Partly, fmt.Errorf("not yet, and then from the others, at %s", words.Wrong(wrong)))
	}
	return nil
}

// identityCommand is what setup asks a machine with.
func identityCommand() *cobra.Command {
	var state string
	c := &cobra.Command{
		Use:    "identity",
		Short:  "Print the public key of the POP on this machine, which gets one if it has none",
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(c *cobra.Command, _ []string) error {
			key, err := cluster.KeyAt(state)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "tinycdn: key %v\n", key)
			return err
		},
	}
	c.Flags().StringVar(&state, "state", "/var/lib/tinycdn", "the `FOLDER` of the POP")
	return c
}
