package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/roster"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/setup"

	"github.com/spf13/cobra"
)

// settingUp is how POPs are put in place.
type settingUp struct {
	file     string // of the configuration
	dry      bool
	replace  bool
	newOwner bool
}

func setupCommand() *cobra.Command {
	var s settingUp
	c := &cobra.Command{
		Use:   "setup [POP...]",
		Short: "Put tinycdn in place on the POPs' machines, over ssh, and make them a cluster",
		Long: "In the folder with tinycdn.toml: bring this program to the machines of the POPs (of all, or of those that are named) with the ssh that\n" +
			"you have, as root or by sudo or doas that ask nothing; make the user, the service and the POP's key; start it; and sign, with your own\n" +
			"key, who belongs together. pops.NAME.ssh says where a machine is, if not at root@ the POP's first address. What is right already is\n" +
			"left alone, so that it can be run again: to add a POP, to mend one, after a disk was replaced.\n\n" +
			"It ends with 0 if all POPs are up, 1 for mistakes, and 3 if some are up and others are not.",
		Example: "  tinycdn setup\n  tinycdn setup --dry-run\n  tinycdn setup syd",
		RunE: func(c *cobra.Command, names []string) error {
			ctx, stop := untilSignal()
			defer stop()
			return s.setUp(ctx, names, c.OutOrStdout())
		},
	}
	addConfigFlag(c, &s.file)
	c.Flags().BoolVar(&s.dry, "dry-run", false, "look at the machines, print the shell that would run there, and change nothing")
	c.Flags().BoolVar(&s.replace, "replace", false, "also where tinycdn runs with files of its own; then nothing is served there until tinycdn publish")
	c.Flags().BoolVar(&s.newOwner, "new-owner", false, "make a new key for the owner, whose key is lost, and take all POPs over with it")
	return c
}

func (s *settingUp) setUp(ctx context.Context, names []string, w io.Writer) error {
	path, pops, err := popsOf(s.file, names)
	if err != nil {
		return err
	}
	if s.newOwner && len(names) > 0 {
		return errors.New("--new-owner is for all POPs: name none")
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	setup.Look(ctx, pops)
	folder := cluster.FolderOf(path)
	members, err := s.roster(folder, pops)
	if err != nil {
		return err
	}
	t := &setup.Task{Program: program, NewOwner: s.newOwner, Replace: s.replace}
	if s.dry {
		if members != nil {
			t.Owner, err = findOwner(members.Owner)
		} else {
			t.Owner = roster.NewKey() // which nobody will see again
		}
		if err != nil {
			return err
		}
		return dryRun(t, pops, w)
	}
	tell := tellPOPs(w, pops)
	if members == nil || s.newOwner {
		if !slices.ContainsFunc(pops, func(p *setup.POP) bool { return p.Err == nil }) {
			for _, p := range pops {
				tell(p)
			}
			return exit.ErrReported
		}
		if members, err = makeOwner(t, folder, path, members, w); err != nil {
			return err
		}
	} else if t.Owner, err = findOwner(members.Owner); err != nil {
		return err
	}
	t.PutAll(ctx, pops, tell)
	return s.unite(ctx, t, folder, members, pops, w)
}

// popsOf are the POPs of a configuration.
func popsOf(file string, names []string) (path string, pops []*setup.POP, err error) {
	if path, err = config.Path(file); err != nil {
		return "", nil, err
	}
	c := config.Load(path)
	for _, m := range c.Mistakes {
		err = errors.Join(err, m.Problem)
	}
	if err != nil {
		return "", nil, err
	}
	pops, err = setup.POPs(c, names, isTerminal(os.Stdin))
	return path, pops, err
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && f.Name() != os.DevNull
}

// roster is who belongs to the cluster so far; nil: there is none.
func (s *settingUp) roster(folder cluster.Folder, pops []*setup.POP) (*roster.Roster, error) {
	here, _, err := folder.Roster()
	if err != nil && !errors.Is(err, cluster.ErrNoCluster) {
		return nil, err
	}
	return setup.NewestRoster(here, pops, cluster.HasOwner), nil
}

// makeOwner makes the key of a cluster's owner, and the roster that it begins with, before anything else can go wrong.
func makeOwner(t *setup.Task, folder cluster.Folder, config string, last *roster.Roster, w io.Writer) (*roster.Roster, error) {
	absolute, err := filepath.Abs(config)
	if err != nil {
		return nil, err
	}
	key, path, err := cluster.MakeOwner(filepath.Base(filepath.Dir(absolute)))
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(w, "made your key       %s      keep a copy: it alone may add and remove POPs\n", path)
	t.Owner = key
	next := &roster.Roster{Version: 1, Owner: key.Public()}
	if last != nil {
		next.Version, next.Publishers, next.Retired = last.Version+1, last.Publishers, last.Retired
	}
	return next, folder.KeepRoster(next.Marshal(key))
}

// tellPOPs gives what tells of a POP, in a line of a table.
func tellPOPs(w io.Writer, pops []*setup.POP) func(*setup.POP) {
	var name, host, system int
	for _, p := range pops {
		name, host, system = max(name, len(p.Name)), max(host, len(p.Machine.Host)), max(system, len(systemOf(p)))
	}
	return func(p *setup.POP) {
		about := fmt.Sprintf("%-*s  %-*s  %-*s  ", name, p.Name, host, p.Machine.Host, system, systemOf(p))
		switch {
		case p.Err != nil:
			fmt.Fprintf(w, "%sNOT DONE: %v\n", about, strings.TrimPrefix(p.Err.Error(), p.Machine.Host+": "))
		case p.Deaf != nil:
			fmt.Fprintf(w, "%s%s   DOES NOT ANSWER: %v   fingerprint %s\n", about, setup.Did(p.Did), p.Deaf, p.Key.Fingerprint())
		default:
			fmt.Fprintf(w, "%s%s   up in %.1f s   fingerprint %s\n", about, setup.Did(p.Did), p.Up.Seconds(), p.Key.Fingerprint())
		}
	}
}

func systemOf(p *setup.POP) string {
	if p.Facts.OS == "" {
		return "-"
	}
	system, init := p.Facts.System, p.Facts.Init
	if system == "" {
		system = p.Facts.OS
	}
	if init == "" {
		init = "no init that is known"
	}
	return system + ", " + init
}

// unite makes the POPs that are in place a cluster.
func (s *settingUp) unite(ctx context.Context, t *setup.Task, folder cluster.Folder, members *roster.Roster, pops []*setup.POP, w io.Writer) error {
	members = setup.Join(members, pops)
	signed := members.Marshal(t.Owner)
	if err := folder.KeepRoster(signed); err != nil {
		return err
	}
	wrong := t.Hand(ctx, members, signed, pops)
	var left []string
	for _, p := range pops {
		if p.Err != nil || p.Deaf != nil {
			left = append(left, p.Name)
		}
	}
	for name, err := range wrong {
		if !slices.Contains(left, name) {
			fmt.Fprintf(w, "%s has not got roster %d: %v\n", name, members.Version, err)
			left = append(left, name)
		}
	}
	if len(members.POPs) > 1 {
		known, unknown := t.Links(ctx, members, left)
		if len(known) > 0 {
			fmt.Fprintf(w, "they know each other: %s\n", strings.Join(known, ", "))
		}
		for _, line := range unknown {
			fmt.Fprintf(w, "but %s\n", line)
		}
	}
	slices.Sort(left)
	switch {
	case len(left) >= len(pops) && len(members.POPs) == 0:
		return exit.ErrReported
	case len(left) > 0:
		return exit.With(exit.Partly, fmt.Errorf("the others are done; when it is mended: tinycdn setup %s", strings.Join(left, " ")))
	}
	if last, err := folder.Last(); err == nil && last.ID.Number == 0 {
		fmt.Fprintln(w, "next: tinycdn publish")
	}
	return nil
}

// dryRun prints what would run.
func dryRun(t *setup.Task, pops []*setup.POP, w io.Writer) error {
	failed := false
	for _, p := range pops {
		var plan setup.Plan
		err := p.Err
		if err == nil {
			plan, err = t.Plan(p)
		}
		switch {
		case err != nil:
			failed = true
			fmt.Fprintf(w, "# %s: %v\n", p.Name, err)
		case plan.Script == "":
			fmt.Fprintf(w, "# %s, %s, %s: nothing has to change\n", p.Name, p.Machine.Host, systemOf(p))
		case plan.Binary != "":
			fmt.Fprintf(w, "# %s, %s, %s: as root, with %s at its standard input\n%s\n", p.Name, p.Machine.Host, systemOf(p), plan.Binary, plan.Script)
		default:
			fmt.Fprintf(w, "# %s, %s, %s: as root\n%s\n", p.Name, p.Machine.Host, systemOf(p), plan.Script)
		}
	}
	if failed {
		return exit.ErrReported
	}
	return nil
}
