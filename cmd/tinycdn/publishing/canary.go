package publishing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/session"
	"tinycdn/cmd/tinycdn/status"
	"tinycdn/cmd/tinycdn/words"
)

// mayTry says what speaks against a generation after parent: a canary has its number.
func (p *publication) mayTry(parent *manifest.Signed) error {
	switch {
	case p.Canary.Stands():
		return exit.With(exit.Stale, fmt.Errorf("%s: tinycdn publish --finish has all POPs serve it, tinycdn rollback takes it back", status.CanaryText(&p.Canary)))
	case len(p.Only) > 0 && parent.ID.Number == 0:
		return exit.With(exit.Usage, errors.New("--only: nothing has been published yet that the other POPs could serve meanwhile"))
	}
	return nil
}

// Finish has all POPs serve the canary.
func Finish(ctx context.Context, s *session.Session, o *Options, w io.Writer) error {
	p := begin(s, o, w)
	live, err := p.Live(ctx)
	if err != nil {
		return err
	}
	if !p.Canary.Stands() {
		return exit.With(exit.Usage, errors.New("there is no canary (tinycdn publish --only makes one)"))
	}
	list, err := p.List(ctx, p.Canary.ID)
	if err != nil {
		return err
	}
	p.say.changed(p.between(ctx, &live.Manifest, &list.Manifest), live.ID.Number)
	if p.Dry {
		return nil
	}
	p.AnyLoss = true // it was asked for when the canary was made
	_, err = p.deliver(list, func() bool { return true }, func() (cluster.Outcome, error) { return p.Finish(ctx, list) })
	return err
}

// takeBack takes the canary back: what is live is served everywhere.
func (p *publication) takeBack(ctx context.Context, live *manifest.Signed, number uint64) error {
	if number != 0 && number != live.ID.Number {
		return exit.With(exit.Stale, fmt.Errorf("%s: tinycdn rollback, without a number, takes it back first", status.CanaryText(&p.Canary)))
	}
	list, err := p.List(ctx, p.Canary.ID)
	if err != nil {
		return err
	}
	p.say.changed(p.between(ctx, &list.Manifest, &live.Manifest), list.ID.Number)
	if p.Dry {
		return nil
	}
	at, wrong := p.TakeBack(ctx)
	if len(at) == 0 {
		return exit.With(exit.Unreached, fmt.Errorf("no POP takes the canary back: %s", words.Wrong(wrong)))
	}
	if p.say.json {
		p.say.object("done", map[string]any{"generation": live.ID.Number, "hash": live.ID.Hash.String(), "live": at, "canary": false, "back": list.ID.Number,
			"not_yet": errorTexts(wrong), "seconds": time.Since(p.say.begin).Seconds()})
	} else {
		fmt.Fprintf(p.say.w, "back        generation %d is live at %s; %d was a canary\n", live.ID.Number, strings.Join(at, ", "), list.ID.Number)
		p.say.notYet(wrong)
	}
	if len(wrong) > 0 {
		return exit.With(exit.Partly, nil)
	}
	return nil
}
