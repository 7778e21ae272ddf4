package publishing

import (
	"cmp"
	"context"
	"errors"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// errElse is that something else is live than what was seen here last, or that there is a canary.
var errElse = errors.New("another generation is live")

// following is what follows what is live.
type following struct {
	live    func() (*manifest.Signed, error)                                // what that is, once it is known
	canary  func(live *manifest.Signed) error                               // done instead, where there is a canary; nil: nothing is
	next    func(parent *manifest.Signed) (*manifest.Manifest, error)       // makes it, and says what speaks against it
	source  cluster.Source                                                  // of its contents
	differs func(parent *manifest.Signed, next *manifest.Manifest) *changes // is told
}

// follow brings the POPs what follows what is live, once that is known, and says what changes. The list is nil if nothing has changed.
func (p *publication) follow(ctx context.Context, f following) (*manifest.Signed, error) {
	list, sure, err := p.followGuess(ctx, f)
	if sure {
		return list, err
	}
	parent, err := f.live()
	if err != nil {
		return nil, err
	}
	if f.canary != nil && p.Canary.Stands() {
		return nil, f.canary(parent)
	}
	n, wrong := f.next(parent)
	if n == nil {
		return nil, wrong
	}
	wrong = cmp.Or(p.mayTry(parent), wrong)
	same := len(manifest.Changes(&parent.Manifest, n)) == 0
	if p.Dry || same || wrong != nil {
		p.say.changed(f.differs(parent, n), parent.ID.Number)
	}
	if p.Dry || same {
		return nil, nil
	}
	if wrong != nil {
		return nil, wrong
	}
	return p.bring(ctx, parent, n, f)
}

// followGuess begins before it is known what is live: mostly that is what was seen here last. So the POPs begin with what follows that,
// which saves a round trip; nothing is committed, or told, before it is sure. If it was no good guess, nothing has happened.
func (p *publication) followGuess(ctx context.Context, f following) (list *manifest.Signed, sure bool, err error) {
	guess, err := p.Newest()
	if err != nil || guess.ID.Number == 0 || p.Dry || len(p.Options.Only) > 0 {
		return nil, false, nil
	}
	n, err := f.next(guess)
	if err != nil || len(manifest.Changes(&guess.Manifest, n)) == 0 {
		return nil, false, nil
	}
	p.Sure = func() error {
		parent, err := f.live()
		if err == nil && (parent.ID != guess.ID || p.Canary.Stands()) {
			err = errElse
		}
		return err
	}
	list, err = p.bring(ctx, guess, n, f)
	if p.Sure() == nil {
		return list, true, err
	}
	p.Sure = nil
	return nil, false, nil
}
