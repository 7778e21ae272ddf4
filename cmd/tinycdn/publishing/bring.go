package publishing

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/words"
)

// bring publishes what follows a generation, and says how it goes, once it is sure that it does. The list is nil if nothing has changed.
func (p *publication) bring(ctx context.Context, parent *manifest.Signed, next *manifest.Manifest, f following) (*manifest.Signed, error) {
	list, err := next.Sign(p.Key)
	if err != nil {
		return nil, err
	}
	differs := sync.OnceValue(func() *changes { return f.differs(parent, next) })
	go differs() // while it is sent
	defer differs()
	sure := sync.OnceValue(func() bool {
		sure := p.Sure == nil || p.Sure() == nil
		if sure {
			p.say.changed(differs(), parent.ID.Number)
		}
		return sure
	})
	p.Base = parent
	live, err := p.deliver(list, sure, func() (cluster.Outcome, error) { return p.Publish(ctx, list, f.source) })
	if !live {
		list = nil
	}
	return list, err
}

// deliver has a generation published, and says how it goes, once it is sure that it goes at all. Not live, nothing has changed.
func (p *publication) deliver(list *manifest.Signed, sure func() bool, publish func() (cluster.Outcome, error)) (live bool, err error) {
	p.say.begin = time.Now()
	p.Tell = func(e cluster.Event) {
		if sure() {
			p.say.event(e)
		}
	}
	out, err := publish()
	if !sure() {
		return false, err
	}
	p.say.clear()
	if len(p.say.ready) > 0 {
		fmt.Fprintf(p.say.w, "ready       %s\n", strings.Join(p.say.ready, "   "))
	}
	if err != nil {
		return false, p.failed(err, &out)
	}
	p.Remember(list) // else it is asked for when it is wanted
	return true, p.done(&out)
}

// failed is the error of a publication that came to nothing.
func (p *publication) failed(err error, out *cluster.Outcome) error {
	var mistakes *cluster.Mistakes
	var losses *cluster.ErrLosses
	switch {
	case errors.As(err, &mistakes):
		p.say.mistakes(errors.New(strings.Join(append(mistakes.Lines, p.OtherPrograms(mistakes)...), "\n")))
		return exit.ErrReported
	case errors.As(err, &losses):
		return exit.With(exit.Brake, fmt.Errorf("%s: --yes if that is meant", strings.Join(losses.Lines, "; ")))
	case errors.Is(err, cluster.ErrUnknown):
		return exit.With(exit.Partly, fmt.Errorf("%w: %s", err, words.Wrong(out.Wrong)))
	case errors.Is(err, cluster.ErrNoCanary):
		return exit.With(exit.Unreached, fmt.Errorf("%w: %s", err, words.Wrong(out.Wrong)))
	case !errors.Is(err, cluster.ErrNoMajority):
		return err
	}
	for _, one := range out.Wrong {
		if refused := (*channel.Refused)(nil); errors.As(one, &refused) && refused.Status == http.StatusConflict {
			return exit.With(exit.Stale, fmt.Errorf("somebody else was faster, and nothing was changed: %s", words.Wrong(out.Wrong)))
		}
	}
	return exit.With(exit.Unreached, fmt.Errorf("%w: %s", err, words.Wrong(out.Wrong)))
}

// done says where a generation is live.
func (p *publication) done(out *cluster.Outcome) error {
	took, late := time.Since(p.say.begin).Seconds(), false
	for name, err := range out.Wrong {
		if late = late || !p.Down[name]; p.Down[name] {
			out.Wrong[name] = fmt.Errorf("it is down, as the others say, and catches up before visitors are sent to it: %w", err)
		}
	}
	if p.say.json {
		p.say.object("done", map[string]any{
			"generation": out.ID.Number, "hash": out.ID.Hash.String(), "live": out.Live, "canary": len(p.Only) > 0,
			"ready": append([]string{}, out.Ready...), "not_yet": errorTexts(out.Wrong), "without": append([]string{}, p.Without...), "seconds": took,
		})
	} else {
		next := "back: tinycdn rollback"
		if len(p.Only) > 0 {
			next = "a canary; everywhere: tinycdn publish --finish, back: tinycdn rollback"
		}
		fmt.Fprintf(p.say.w, "live        generation %d at %s (%.1f s); %s\n", out.ID.Number, strings.Join(out.Live, ", "), took, next)
		p.say.notYet(out.Wrong)
	}
	if late {
		return exit.With(exit.Partly, nil)
	}
	return nil
}
