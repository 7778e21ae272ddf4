package publishing

import (
	"context"
	"fmt"
	"io"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/session"
)

// Rollback takes the canary back if there is one, and else brings the POPs the files of an earlier generation; number 0: of the one before.
func Rollback(ctx context.Context, s *session.Session, o *Options, number uint64, w io.Writer) error {
	p := begin(s, o, w)
	live := p.AskLive(ctx)
	_, err := p.follow(ctx, following{
		live: func() (*manifest.Signed, error) {
			list, err := live()
			if err == nil && o.Seen != 0 && list.ID.Number != o.Seen {
				err = exit.With(exit.Stale, fmt.Errorf("generation %d is live by now, and no longer %d: look once more at what would change", list.ID.Number, o.Seen))
			}
			return list, err
		},
		canary: func(live *manifest.Signed) error { return p.takeBack(ctx, live, number) },
		next:   func(live *manifest.Signed) (*manifest.Manifest, error) { return p.back(ctx, live, number) },
		differs: func(live *manifest.Signed, next *manifest.Manifest) *changes {
			return p.between(ctx, &live.Manifest, next)
		},
	})
	return err
}

// back is what follows what is live, with the files of an earlier generation; number 0: the one before.
func (p *publication) back(ctx context.Context, live *manifest.Signed, number uint64) (*manifest.Manifest, error) {
	switch {
	case live.ID.Number == 0:
		return nil, fmt.Errorf("nothing has been published yet")
	case number == 0 && live.Parent.Number == 0:
		return nil, fmt.Errorf("generation %d is the first: there is none before it", live.ID.Number)
	case number == 0:
		number = live.Parent.Number
	}
	before, err := p.Past(ctx, live, number)
	if err != nil {
		return nil, err
	}
	note := p.Note
	if note == "" {
		note = fmt.Sprintf("rollback to %d", number)
	}
	return &manifest.Manifest{
		Number: live.ID.Number + 1, Parent: live.ID, Config: before.Config, By: p.Who.Name, Note: note, Time: time.Now(),
		Files: live.Follow(before.Files, time.Now()),
	}, nil
}
