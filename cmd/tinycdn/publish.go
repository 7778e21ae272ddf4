package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/compare"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/pop"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/cmd/tinycdn/words"

	"github.com/spf13/cobra"
)

// publishing is how somebody publishes.
type publishing struct {
	file    string // of the configuration
	note    string
	dry     bool
	yes     bool
	json    bool
	over    uint64
	without []string
	only    []string
	finish  bool
}

// statusesText says of what publish and rollback end with.
const statusesText = "It ends with 0 if all POPs serve it that are not known to be down, 1 for mistakes, 2 for wrong usage, 3 if a majority serves it and\n" +
	"the others will follow, 4 if another generation is newer than what this folder came from, 5 if fewer than a majority could be\n" +
	"reached, and 6 if more than half of a site's files or of a zone's records would go. With 1, 4, 5 and 6 nothing has changed anywhere."

func publishCommand() *cobra.Command {
	var p publishing
	c := &cobra.Command{
		Use:   "publish",
		Short: "Bring this folder to all POPs of the cluster, checked by each of them before any serves it",
		Long: "Check this folder, send what has changed to the POPs, have each of them load it beside what it serves, and once a majority\n" +
			"is ready, have all of them serve it.\n\n" + canaryText + statusesText,
		Example: "  tinycdn publish -m \"new trip report\"\n  tinycdn publish -n\n  tinycdn publish --only fra && tinycdn publish --finish",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := untilSignal()
			defer stop()
			if p.finish {
				return p.finishCanary(ctx, c.OutOrStdout())
			}
			return p.publish(ctx, c.OutOrStdout())
		},
	}
	p.addFlags(c)
	c.Flags().StringSliceVar(&p.only, "only", nil, "have these `POPS` alone serve it, as a canary; all others load it, too")
	c.Flags().BoolVar(&p.finish, "finish", false, "have the canary served everywhere")
	return c
}

func (p *publishing) addFlags(c *cobra.Command) {
	addConfigFlag(c, &p.file)
	c.Flags().StringVarP(&p.note, "message", "m", "", "a `NOTE` for the history: what is new")
	c.Flags().BoolVarP(&p.dry, "dry-run", "n", false, "show what would change, and stop")
	c.Flags().BoolVar(&p.yes, "yes", false, "go on also if much would be gone")
	c.Flags().BoolVar(&p.json, "json", false, "say it as JSON, an object a line")
	c.Flags().Uint64Var(&p.over, "over", 0, "go over generation `N` of somebody else, though this folder does not come from it")
	c.Flags().StringSliceVar(&p.without, "without", nil, "do not wait for these `POPS`")
}

// join is that of somebody who publishes.
func (p *publishing) join() (*session, error) {
	s, err := join(p.file)
	if err == nil {
		s.Without, s.Only, s.AnyLoss, s.publishes = p.without, p.only, p.yes, true
	}
	return s, err
}

func (p *publishing) publish(ctx context.Context, w io.Writer) error {
	s, err := p.join()
	if err != nil {
		return err
	}
	defer s.Close()
	say := newTelling(w, p.json)
	asking, stop := context.WithCancel(ctx)
	defer stop()
	live := s.askLive(asking) // three round trips, in which the folder is checked
	folder, files, err := p.readFolder(s, say)
	if err != nil {
		stop() // nobody waits for a POP that is silent
		live()
		return err
	}
	source, changed := paths(folder.Top, files), (*changes)(nil)
	list, err := p.follow(ctx, s, say, following{
		live:   live,
		source: cluster.FromFiles(source),
		next: func(parent *manifest.Signed) (*manifest.Manifest, error) {
			next := &manifest.Manifest{
				Number: parent.ID.Number + 1, Parent: parent.ID, Config: relative(folder.Top, s.path), By: s.who.Name, Note: p.note, Time: time.Now(),
				Files: parent.Follow(files, time.Now()),
			}
			return next, p.mayGo(ctx, s, parent, next)
		},
		differs: func(parent *manifest.Signed, next *manifest.Manifest) *changes {
			changed = p.words(ctx, s, parent, version{next, folder, source})
			return changed
		},
	})
	if list == nil {
		return err
	}
	if changed.inside != nil {
		s.lay(ctx, &version{list: &list.Manifest}, source, "before/was") // else it is fetched when something is compared with it
	}
	keep := s.KeepLast
	if len(p.only) > 0 {
		keep = s.KeepTried // it may be taken back
	}
	if kept := keep(list); kept != nil {
		return kept
	}
	return err
}

// words are what changes. Who publishes does not wait long for them.
func (p *publishing) words(ctx context.Context, s *session, parent *manifest.Signed, becomes version) *changes {
	if !p.dry {
		var done context.CancelFunc
		ctx, done = context.WithTimeout(ctx, wordsTime)
		defer done()
	}
	return s.compare(ctx, version{list: &parent.Manifest}, becomes)
}

// readFolder checks the folder, and gives its files.
func (p *publishing) readFolder(s *session, say *telling) (folder compare.Folder, files []manifest.File, err error) {
	g, err := checkFolder(s.path, say)
	if err != nil {
		return folder, nil, err
	}
	folder.Config = g.Config
	folder.Top, files, err = filesOf(s.Folder, g)
	return folder, files, err
}

// checkFolder loads the folder as serve would.
func checkFolder(path string, say *telling) (*pop.Generation, error) {
	system.LimitMemory()
	g := pop.Load(path, nil, pop.Options{}).TryPages(false)
	err := g.Err()
	if err == nil {
		err = g.Empty()
	}
	if err != nil {
		say.mistakes(err)
		return nil, exit.ErrReported
	}
	say.checked(g)
	return g, nil
}

// mayGo says what speaks against publishing.
func (p *publishing) mayGo(ctx context.Context, s *session, parent *manifest.Signed, next *manifest.Manifest) error {
	if p.over != parent.ID.Number {
		lost, err := s.undoes(ctx, parent, next)
		if err != nil {
			return err
		}
		if len(lost) > 0 {
			return exit.With(exit.Stale, fmt.Errorf("generation %d by %s changed what is otherwise here: %s (tinycdn pull brings it, --over %[1]d goes over it)",
				parent.ID.Number, parent.By, words.Few(lost)))
		}
	}
	for _, c := range manifest.Changes(&parent.Manifest, next) {
		if !s.who.Touches(c.Path) {
			return fmt.Errorf("%s may not change %s", s.who.Name, c.Path)
		}
	}
	return nil
}

// undoes are the files of which next would undo what somebody has changed since this folder was as what is live: by what the folder says of
// itself, or, in a fresh checkout, by what the POPs remember.
func (s *session) undoes(ctx context.Context, parent *manifest.Signed, next *manifest.Manifest) ([]string, error) {
	last, err := s.Last()
	switch {
	case err != nil:
		return nil, err
	case s.Tried(parent.ID):
		return nil, nil
	case last.ID != (manifest.ID{}):
		return undone(last, parent, next), nil
	case parent.ID.Number <= 1:
		return nil, nil // there is none before
	}
	list, err := next.Sign(s.Key)
	if err != nil {
		return nil, err
	}
	s.Base = parent
	stale, err := s.Stale(ctx, list)
	return stale.Files, err
}
