package publishing

import (
	"context"
	"fmt"
	"io"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/session"
	"tinycdn/cmd/tinycdn/words"
)

// Diff shows how a generation that was live, or this folder if number is 0, differs from what is live.
func Diff(ctx context.Context, s *session.Session, number uint64, asJSON bool, w io.Writer) error {
	p := publication{Session: s, say: newTelling(w, asJSON)}
	other := version{list: &manifest.Manifest{}}
	if number == 0 {
		g, err := checkFolder(s.File, newTelling(io.Discard, false))
		if err != nil {
			return fmt.Errorf("this folder has mistakes (tinycdn check)")
		}
		other.folder.Config = g.Config
		if other.folder.Top, other.list.Files, err = filesOf(s.Folder, g); err != nil {
			return err
		}
		other.list.Config = relative(other.folder.Top, s.File)
		other.atHand = paths(other.folder.Top, other.list.Files)
	}
	live, err := s.Live(ctx)
	if err != nil {
		return err
	}
	if number != 0 {
		list, err := s.Past(ctx, live, number)
		if err != nil {
			return err
		}
		other.list = &list.Manifest
	}
	changes := p.compare(ctx, version{list: &live.Manifest}, other)
	if asJSON {
		p.say.object("changed", changes.values(live.ID.Number))
		return nil
	}
	for _, line := range changes.words() {
		fmt.Fprintln(w, words.Line(line))
	}
	return nil
}
