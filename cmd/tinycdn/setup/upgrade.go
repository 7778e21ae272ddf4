package setup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// Upgraded is what came of an upgrade.
type Upgraded struct {
	From, To string        // versions
	Took     time.Duration // from the restart until it was well
	Silent   bool          // it answered all the time
	Had      bool          // the program was there already
	Unit     bool          // the service has another form now, which setup brings
}

// ErrWentBack is that a POP was not well with the new program, and runs the old one again; ErrGoesOn, that it never left that.
var ErrWentBack, ErrGoesOn = errors.New("the old one runs there again"), errors.New("it goes on with the old program")

// replace puts what comes in in place of the program, and keeps the one before beside it.
const replace = `cat >"$bin.new"
chmod 755 "$bin.new"
ln -f "$bin" "$bin.old"
mv -f "$bin.new" "$bin"
`

// putBack puts the one before in place again.
const putBack = `mv -f "$bin.old" "$bin"
`

// waitActive has the init say whether it is content with what runs, for as long as UpTime.
const waitActive = `n=0
while ! active; do
	n=$((n+1))
	if [ $n -gt 20 ]; then say inactive; exit 0; fi
	sleep 1
done
say active yes`

// Upgrade gives a POP this program, and waits until it is well with it. If it is not, it gets the old one back.
func (t *Task) Upgrade(ctx context.Context, p *POP, member roster.POP) (u Upgraded, err error) {
	binary, err := FindBinary(t.Program, &p.Facts)
	if err != nil {
		return u, err
	}
	unit, err := Unit(p.Facts.Init)
	if err != nil {
		return u, err
	}
	before, err := Ask(ctx, t.Owner, member)
	if err != nil {
		return u, fmt.Errorf("it was not well before: %w", err)
	}
	u = Upgraded{From: before.Version, To: before.Version, Had: p.Facts.Binary == binary.Sum, Unit: p.Facts.Unit != sumOf(unit)}
	if u.Had {
		return u, nil
	}
	u.Silent = before.Silent
	if t.Leave != nil && before.Serving.Number > 0 {
		if err := t.Leave(ctx, p.Name, u.Silent); err != nil {
			return u, fmt.Errorf("%w: %w", ErrGoesOn, err)
		}
	}
	script := "set -eu\numask 022\n" + where + replace
	if !u.Silent {
		script += restart
	}
	if _, err := p.Machine.Do(ctx, Plan{Script: script, Binary: binary.Path}, &p.Facts); err != nil {
		return u, err
	}
	begin := time.Now()
	if u.Silent {
		if err := restartSilently(ctx, t.Owner, member); err != nil {
			_, back := p.Machine.Run(context.WithoutCancel(ctx), "set -eu\n"+where+putBack, nil, false)
			return u, errors.Join(fmt.Errorf("%w: %w", ErrGoesOn, err), back)
		}
	}
	after, err := t.well(ctx, p, member, &before)
	if err == nil {
		u.To, u.Took = after.Version, time.Since(begin)
		return u, nil
	}
	return u, t.goBack(context.WithoutCancel(ctx), p, member, &after, err) // whoever interrupts an upgrade wants it undone
}

// restartSilently has a POP become the program on its disk. It fails if the POP goes on as it was.
func restartSilently(ctx context.Context, owner roster.PrivateKey, member roster.POP) error {
	client := channel.NewClient(owner, member)
	defer client.Close()
	err := client.Call(ctx, "/v1/restart", struct{}{}, nil)
	if refused := (*channel.Refused)(nil); errors.As(err, &refused) || ctx.Err() != nil {
		return err
	}
	return nil // whatever else came between, whether it is well is to be seen
}

// goBack gives a POP that is not well the old program back.
func (t *Task) goBack(ctx context.Context, p *POP, member roster.POP, after *cluster.Row, err error) error {
	if _, back := p.Machine.Run(ctx, "set -eu\n"+where+putBack+restart, nil, false); back != nil {
		return fmt.Errorf("%w; and the old one could not be brought back: %w", err, back)
	}
	limited, done := context.WithTimeout(ctx, UpTime)
	defer done()
	if _, back := Await(limited, t.Owner, member, after.Started); back != nil {
		return fmt.Errorf("%w; the old one is there again, and does not answer: %w", err, back)
	}
	return fmt.Errorf("%w; %w", err, ErrWentBack)
}

// well waits until a POP that was restarted is what it was before.
func (t *Task) well(ctx context.Context, p *POP, member roster.POP, before *cluster.Row) (after cluster.Row, err error) {
	limited, done := context.WithTimeout(ctx, UpTime)
	defer done()
	if after, err = Await(limited, t.Owner, member, before.Started); err != nil {
		return after, fmt.Errorf("it does not answer: %w", err)
	}
	lines, err := p.Machine.Run(ctx, where+waitActive, nil, false)
	if err != nil {
		return after, err
	}
	if f, err := parseFacts(lines); err != nil || !f.Active {
		return after, errors.New("its init says that it does not run")
	}
	now, err := Ask(ctx, t.Owner, member)
	switch {
	case err != nil:
		return after, fmt.Errorf("it does not answer any more: %w", err)
	case !now.Started.Equal(after.Started):
		return now, errors.New("it ends, and is started again")
	case now.Trouble != "" && before.Trouble == "":
		return now, errors.New(now.Trouble)
	case now.Serving.Number < before.Serving.Number:
		return now, fmt.Errorf("it serves generation %d, where it was %d", now.Serving.Number, before.Serving.Number)
	}
	return now, nil
}

// Versions is what an upgrade has changed, in a few words.
func (u *Upgraded) Versions() string {
	if u.From == u.To {
		return cmp.Or(u.To, "the version")
	}
	return cmp.Or(u.From, "an older one") + " -> " + u.To
}
