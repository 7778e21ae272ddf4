package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/words"
)

// canaryText says of publish how a canary goes.
const canaryText = "With --only, all POPs load it, and those that are named serve it, as a canary: they go on so after a restart, too, and nobody\n" +
	"publishes anything else (4) until publish --finish, from any folder, has all others serve it, or rollback takes it back.\n\n"

// mayTry says what speaks against a generation after parent: a canary has its number.
func (s *session) mayTry(parent *manifest.Signed) error {
	switch {
	case s.Canary.Stands():
		return exit.With(exit.Stale, fmt.Errorf("%s: tinycdn publish --finish has all POPs serve it, tinycdn rollback takes it back", canaryWords(&s.Canary)))
	case len(s.Only) > 0 && parent.ID.Number == 0:
		return exit.With(exit.Usage, errors.New("--only: nothing has been published yet that the other POPs could serve meanwhile"))
	}
	return nil
}

func canaryWords(c *commit.Canary) string {
	return fmt.Sprintf("generation %d is a canary at %s for %s", c.ID.Number, strings.Join(c.POPs, ", "), words.Span(time.Since(c.Time)))
}

// finishCanary has all POPs serve the canary.
func (p *publishing) finishCanary(ctx context.Context, w io.Writer) error {
	if len(p.only) > 0 || p.note != "" || p.over != 0 {
		return exit.With(exit.Usage, errors.New("--finish publishes the canary as it is: without --only, --message and --over"))
	}
	s, err := p.join()
	if err != nil {
		return err
	}
	defer s.Close()
	live, err := s.live(ctx)
	if err != nil {
		return err
	}
	if !s.Canary.Stands() {
		return exit.With(exit.Usage, errors.New("there is no canary (tinycdn publish --only makes one)"))
	}
	list, err := s.list(ctx, s.Canary.ID)
	if err != nil {
		return err
	}
	say := newTelling(w, p.json)
	say.changed(p.between(ctx, s, &live.Manifest, &list.Manifest), live.ID.Number)
	if p.dry {
		return nil
	}
	s.AnyLoss = true // it was asked for when the canary was made
	_, err = s.deliver(list, say, func() bool { return true }, func() (cluster.Outcome, error) { return s.Finish(ctx, list) })
	return err
}

// takeBack takes the canary back: what is live is served everywhere.
func (p *publishing) takeBack(ctx context.Context, s *session, live *manifest.Signed, number uint64, say *telling) error {
	if number != 0 && number != live.ID.Number {
		return exit.With(exit.Stale, fmt.Errorf("%s: tinycdn rollback, without a number, takes it back first", canaryWords(&s.Canary)))
	}
	list, err := s.list(ctx, s.Canary.ID)
	if err != nil {
		return err
	}
	say.changed(p.between(ctx, s, &list.Manifest, &live.Manifest), list.ID.Number)
	if p.dry {
		return nil
	}
	at, wrong := s.TakeBack(ctx)
	if len(at) == 0 {
		return exit.With(exit.Unreached, fmt.Errorf("no POP takes the canary back: %s", words.Wrong(wrong)))
	}
	if say.json {
		say.object("done", map[string]any{"generation": live.ID.Number, "hash": live.ID.Hash.String(), "live": at, "canary": false, "back": list.ID.Number,
			"not_yet": errorTexts(wrong), "seconds": time.Since(say.begin).Seconds()})
	} else {
		fmt.Fprintf(say.w, "back        generation %d is live at %s; %d was a canary\n", live.ID.Number, strings.Join(at, ", "), list.ID.Number)
		say.notYet(wrong)
	}
	if len(wrong) > 0 {
		return exit.With(exit.Partly, nil)
	}
	return nil
}

// notYet says which POPs are late.
func (t *telling) notYet(wrong map[string]error) {
	for _, name := range slices.Sorted(maps.Keys(wrong)) {
		fmt.Fprintf(t.w, "not yet     %s: %v\n", name, wrong[name])
	}
}

func errorTexts(wrong map[string]error) map[string]string {
	texts := map[string]string{}
	for name, err := range wrong {
		texts[name] = err.Error()
	}
	return texts
}
