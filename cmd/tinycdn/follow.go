package main

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

// follow brings the POPs what follows what is live. Mostly it is what was seen here last that is live. So the POPs begin with what
// follows that before it is known, which saves a round trip; nothing is committed, or told, before it is. The list is nil if nothing
// has changed.
func (p *publishing) follow(ctx context.Context, s *session, say *telling, f following) (*manifest.Signed, error) {
	if guess, err := s.Newest(); err == nil && guess.ID.Number > 0 && !p.dry && len(p.only) == 0 {
		s.Sure = func() error {
			parent, err := f.live()
			if err == nil && (parent.ID != guess.ID || s.Canary.Stands()) {
				err = errElse
			}
			return err
		}
		if n, err := f.next(guess); err == nil && len(manifest.Changes(&guess.Manifest, n)) > 0 {
			list, err := s.bring(ctx, guess, n, f, say)
			if s.Sure() == nil {
				return list, err
			}
		}
		s.Sure = nil
	}
	parent, err := f.live()
	if err != nil {
		return nil, err
	}
	if f.canary != nil && s.Canary.Stands() {
		return nil, f.canary(parent)
	}
	n, wrong := f.next(parent)
	if n == nil {
		return nil, wrong
	}
	wrong = cmp.Or(s.mayTry(parent), wrong)
	same := len(manifest.Changes(&parent.Manifest, n)) == 0
	if p.dry || same || wrong != nil {
		say.changed(f.differs(parent, n), parent.ID.Number)
	}
	if p.dry || same {
		return nil, nil
	}
	if wrong != nil {
		return nil, wrong
	}
	return s.bring(ctx, parent, n, f, say)
}
