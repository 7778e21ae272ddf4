package publishing

import (
	"context"
	"fmt"
	"io"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/compare"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/session"
	"tinycdn/cmd/tinycdn/words"
)

// Publish brings this folder to the POPs, and says how it goes.
func Publish(ctx context.Context, s *session.Session, o *Options, w io.Writer) error {
	p := begin(s, o, w)
	asking, stop := context.WithCancel(ctx)
	defer stop()
	live := p.AskLive(asking) // three round trips, in which the folder is checked
	folder, files, err := p.readFolder()
	if err != nil {
		stop() // nobody waits for a POP that is silent
		live()
		return err
	}
	source, changed := paths(folder.Top, files), (*changes)(nil)
	list, err := p.follow(ctx, following{
		live:   live,
		source: cluster.FromFiles(source),
		next: func(parent *manifest.Signed) (*manifest.Manifest, error) {
			next := &manifest.Manifest{
				Number: parent.ID.Number + 1, Parent: parent.ID, Config: relative(folder.Top, p.File), By: p.Who.Name, Note: p.Note, Time: time.Now(),
				Files: parent.Follow(files, time.Now()),
			}
			return next, p.mayGo(ctx, parent, next)
		},
		differs: func(parent *manifest.Signed, next *manifest.Manifest) *changes {
			changed = p.compare(ctx, version{list: &parent.Manifest}, version{list: next, folder: folder, atHand: source})
			return changed
		},
	})
	if list == nil {
		return err
	}
	if changed.inside != nil {
		p.lay(ctx, &version{list: &list.Manifest}, source, "before/was") // else it is fetched when something is compared with it
	}
	keep := p.KeepLast
	if len(p.Only) > 0 {
		keep = p.KeepTried // it may be taken back
	}
	if kept := keep(list); kept != nil {
		return kept
	}
	return err
}

// readFolder checks the folder, and gives its files.
func (p *publication) readFolder() (folder compare.Folder, files []manifest.File, err error) {
	g, err := checkFolder(p.File, p.say)
	if err != nil {
		return folder, nil, err
	}
	folder.Config = g.Config
	folder.Top, files, err = filesOf(p.Folder.Scan, g)
	return folder, files, err
}

// mayGo says what speaks against publishing.
func (p *publication) mayGo(ctx context.Context, parent *manifest.Signed, next *manifest.Manifest) error {
	if p.Over != parent.ID.Number {
		lost, err := p.undoes(ctx, parent, next)
		if err != nil {
			return err
		}
		if len(lost) > 0 {
			return exit.With(exit.Stale, fmt.Errorf("generation %d by %s changed what is otherwise here: %s (tinycdn pull brings it, --over %[1]d goes over it)",
				parent.ID.Number, parent.By, words.Few(lost)))
		}
	}
	for _, c := range manifest.Changes(&parent.Manifest, next) {
		if !p.Who.Touches(c.Path) {
			return fmt.Errorf("%s may not change %s", p.Who.Name, c.Path)
		}
	}
	return nil
}

// undoes are the files of which next would undo what somebody has changed since this folder was as what is live: by what the folder says of
// itself, or, in a fresh checkout, by what the POPs remember.
func (p *publication) undoes(ctx context.Context, parent *manifest.Signed, next *manifest.Manifest) ([]string, error) {
	last, err := p.Last()
	switch {
	case err != nil:
		return nil, err
	case p.Tried(parent.ID):
		return nil, nil
	case last.ID != (manifest.ID{}):
		return undone(last, parent, next), nil
	case parent.ID.Number <= 1:
		return nil, nil // there is none before
	}
	list, err := next.Sign(p.Key)
	if err != nil {
		return nil, err
	}
	p.Base = parent
	stale, err := p.Stale(ctx, list)
	return stale.Files, err
}
