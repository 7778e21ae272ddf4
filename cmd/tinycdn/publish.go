package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/pop"
	"tinycdn/cmd/tinycdn/system"

	"github.com/spf13/cobra"
)

// publishing is how somebody publishes.
type publishing struct {
	file    string // of the configuration
	note    string
	dry     bool
	yes     bool
	over    uint64
	without []string
}

func publishCommand() *cobra.Command {
	var p publishing
	c := &cobra.Command{
		Use:   "publish",
		Short: "Bring this folder to all POPs of the cluster, checked by each of them before any serves it",
		Long: "Check this folder, send what has changed to the POPs, have each of them load it beside what it serves, and once a majority\n" +
			"is ready, have all of them serve it.\n\n" +
			"It ends with 0 if all POPs serve it, 1 for mistakes, 3 if a majority serves it and the others will follow, 4 if another\n" +
			"generation is newer than what this folder came from, 5 if fewer than a majority could be reached, and 6 if more than half of the\n" +
			"files would go. With 1, 4, 5 and 6 nothing has changed anywhere.",
		Example: "  tinycdn publish -m \"new trip report\"\n  tinycdn publish -n",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			return p.publish(ctx, c.OutOrStdout())
		},
	}
	addConfigFlag(c, &p.file)
	c.Flags().StringVarP(&p.note, "message", "m", "", "what is new, for the history")
	c.Flags().BoolVarP(&p.dry, "dry-run", "n", false, "show what has changed, and stop")
	c.Flags().BoolVar(&p.yes, "yes", false, "publish also if more than half of the files would go")
	c.Flags().Uint64Var(&p.over, "over", 0, "publish over generation `N` of somebody else, though this folder does not come from it")
	c.Flags().StringSliceVar(&p.without, "without", nil, "do not wait for these `POPS`")
	return c
}

// session is what somebody needs who speaks with a cluster.
type session struct {
	cluster.Folder
	cluster.Publisher
	who roster.Publisher
}

// join finds out who is at work, and with which cluster.
func join(config string) (*session, error) {
	s := &session{Folder: cluster.FolderOf(config)}
	var err error
	if s.Members, _, err = s.Roster(); err != nil {
		return nil, err
	}
	s.Key, s.who, err = cluster.FindKey(s.Members)
	return s, err
}

func (p *publishing) publish(ctx context.Context, w io.Writer) error {
	path, err := config.Path(p.file)
	if err != nil {
		return err
	}
	s, err := join(path)
	if err != nil {
		return err
	}
	defer s.Close()
	s.Without = p.without
	g, err := p.check(path, w)
	if err != nil {
		return err
	}
	parent, err := s.newest(ctx)
	if err != nil {
		return err
	}
	top, names, err := tree(g.Files())
	if err != nil {
		return err
	}
	files, err := manifest.Scan(top, names)
	if err != nil {
		return err
	}
	next := manifest.Manifest{
		Number: parent.ID.Number + 1, Parent: parent.ID, Config: relative(top, path), By: s.who.Name, Note: p.note, Time: time.Now(),
		Files: parent.Follow(files, time.Now()),
	}
	changes := manifest.Changes(&parent.Manifest, &next)
	if len(changes) == 0 {
		fmt.Fprintf(w, "changed     nothing since generation %d\n", parent.ID.Number)
		return nil
	}
	fmt.Fprintf(w, "changed     %s\n", changesText(changes))
	if p.dry {
		return nil
	}
	if err := p.mayGo(s, parent, &next, changes); err != nil {
		return err
	}
	list, err := next.Sign(s.Key)
	if err != nil {
		return err
	}
	if err := s.bring(ctx, list, cluster.FromFiles(paths(top, files)), w); err != nil {
		return err
	}
	return s.KeepLast(list)
}

// check loads the folder as serve would.
func (p *publishing) check(path string, w io.Writer) (*pop.Generation, error) {
	system.LimitMemory()
	g := pop.Load(path, nil, pop.Options{}).TryPages(false)
	err := g.Err()
	if err == nil {
		err = g.Empty()
	}
	if err != nil {
		fmt.Fprintln(w, err)
		return nil, errReported
	}
	fmt.Fprintf(w, "checked     %s, %s, %s: no mistakes\n",
		pop.Count(len(g.Config.Zones), "zone"), pop.Count(len(g.Config.Sites), "site"), pop.Count(len(g.Files()), "file"))
	return g, nil
}

// newest is the list of the generation that is served; of number 0 if there is none yet.
func (s *session) newest(ctx context.Context) (*manifest.Signed, error) {
	all, wrong := s.Status(ctx)
	if len(all) < s.Members.Majority() {
		return nil, &exit{exitUnreached, fmt.Errorf("%d of %d POPs answer, and nothing was changed: %s", len(all), len(s.Members.POPs), wrongText(wrong))}
	}
	best := cluster.Newest(all)
	if best.ID == (manifest.ID{}) {
		return &manifest.Signed{}, nil
	}
	if last, err := s.Last(); err == nil && last.ID == best.ID {
		return last, nil
	}
	return s.Manifest(ctx, best.ID)
}

// mayGo says what speaks against publishing.
func (p *publishing) mayGo(s *session, parent *manifest.Signed, next *manifest.Manifest, changes []manifest.Change) error {
	last, err := s.Last()
	if err != nil {
		return err
	}
	if last.ID != (manifest.ID{}) && last.ID != parent.ID && p.over != parent.ID.Number {
		if back := goBack(last, parent, next); len(back) > 0 {
			return &exit{exitStale, fmt.Errorf("generation %d by %s changed what is as before here: %s (tinycdn pull brings it, --over %[1]d goes over it)",
				parent.ID.Number, parent.By, few(back))}
		}
	}
	removed := 0
	for _, c := range changes {
		if c.Kind == manifest.Removed {
			removed++
		}
	}
	if !p.yes && 2*removed > len(parent.Files) {
		return &exit{exitBrake, fmt.Errorf("%d of %d files would go: --yes if that is meant", removed, len(parent.Files))}
	}
	return nil
}

// goBack are the files that were changed from last to parent, and that next has as they were in last.
func goBack(last, parent *manifest.Signed, next *manifest.Manifest) (list []string) {
	for _, c := range manifest.Changes(&last.Manifest, &parent.Manifest) {
		was, had := last.Find(c.Path)
		is, has := next.Find(c.Path)
		if had == has && was.Hash == is.Hash {
			list = append(list, c.Path)
		}
	}
	return list
}

// bring publishes a generation, and says how it goes.
func (s *session) bring(ctx context.Context, list *manifest.Signed, source cluster.Source, w io.Writer) error {
	var mu sync.Mutex
	said := map[string][]string{}
	begin := time.Now()
	s.Tell = func(e cluster.Event) {
		mu.Lock()
		defer mu.Unlock()
		said[e.Step] = append(said[e.Step], fmt.Sprintf("%s %.1f s", e.POP, e.After.Seconds()))
	}
	out, err := s.Publish(ctx, list, source)
	if ready := said["ready"]; len(ready) > 0 {
		fmt.Fprintf(w, "ready       %s\n", strings.Join(ready, "   "))
	}
	var mistakes *cluster.Mistakes
	switch {
	case errors.As(err, &mistakes):
		for _, line := range mistakes.Lines {
			fmt.Fprintln(w, line)
		}
		return errReported
	case errors.Is(err, cluster.ErrNoMajority):
		return &exit{exitUnreached, fmt.Errorf("%w: %s", err, wrongText(out.Wrong))}
	case err != nil:
		return err
	}
	fmt.Fprintf(w, "live        generation %d at %s (%.1f s); back: tinycdn rollback\n", list.ID.Number, strings.Join(out.Live, ", "), time.Since(begin).Seconds())
	if len(out.Wrong) > 0 {
		fmt.Fprintf(w, "not yet     %s\n", wrongText(out.Wrong))
		if err := s.KeepLast(list); err != nil {
			return err
		}
		return &exit{exitPartly, nil}
	}
	return nil
}

func wrongText(wrong map[string]error) string {
	var list []string
	for name, err := range wrong {
		list = append(list, fmt.Sprintf("%s: %v", name, err))
	}
	slices.Sort(list)
	return strings.Join(list, "; ")
}

func changesText(changes []manifest.Change) string {
	var list []string
	for _, c := range changes {
		list = append(list, fmt.Sprintf("%c %s", c.Kind, c.Path))
	}
	return few(list)
}

// few is a list of which only the beginning is told.
func few(list []string) string {
	const most = 10
	if len(list) > most {
		return fmt.Sprintf("%s   and %d more", strings.Join(list[:most], "   "), len(list)-most)
	}
	return strings.Join(list, "   ")
}
