package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/pop"
	"tinycdn/cmd/tinycdn/words"
)

// telling says how publishing goes: in words, or as JSON.
type telling struct {
	w    io.Writer
	json bool

	mu       sync.Mutex
	ready    []string
	begin    time.Time
	terminal *os.File // for what moves; nil: nobody looks
	shown    time.Time
}

func newTelling(w io.Writer, asJSON bool) *telling {
	t := &telling{w: w, json: asJSON, begin: time.Now()}
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 && !asJSON {
		t.terminal = os.Stderr
	}
	return t
}

// object writes an object in a line.
func (t *telling) object(step string, values map[string]any) {
	values["step"] = step
	text, _ := json.Marshal(values)
	fmt.Fprintf(t.w, "%s\n", text)
}

func (t *telling) mistakes(err error) {
	if t.json {
		t.object("mistakes", map[string]any{"mistakes": strings.Split(err.Error(), "\n")})
		return
	}
	fmt.Fprintln(t.w, err)
}

func (t *telling) checked(g *pop.Generation) {
	zones, sites, files := len(g.Config.Zones), len(g.Config.Sites), len(g.Files())
	if t.json {
		t.object("checked", map[string]any{"zones": zones, "sites": sites, "files": files})
		return
	}
	fmt.Fprintf(t.w, "checked     %s, %s, %s: no mistakes\n", pop.Count(zones, "zone"), pop.Count(sites, "site"), pop.Count(files, "file"))
}

func (t *telling) changed(c *changes, since uint64) {
	switch list := c.words(); {
	case t.json:
		t.object("changed", c.values(since))
	case len(list) == 0:
		fmt.Fprintf(t.w, "changed     nothing since generation %d\n", since)
	default:
		fmt.Fprintf(t.w, "changed     %s\n", words.Line(words.Few(list)))
	}
}

// event is told of steps of POPs.
func (t *telling) event(e cluster.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case e.Step == "sending":
		t.sending(e)
	case e.Step == "sent":
		t.clear()
		t.sent(e.Outcome)
	case t.json && e.Step == "failed":
		t.object("failed", map[string]any{"pop": e.POP, "error": e.Err.Error()})
	case t.json && e.Step != "listed":
		t.object(e.Step, map[string]any{"pop": e.POP, "seconds": e.After.Seconds()})
	case e.Step == "ready":
		t.ready = append(t.ready, fmt.Sprintf("%s %.1f s", e.POP, e.After.Seconds()))
		t.show("ready       " + strings.Join(t.ready, "   "))
	}
}

// showAfter is how long something takes before what moves is shown, and how often it moves.
const showAfter, showEvery = 300 * time.Millisecond, 100 * time.Millisecond

func (t *telling) sending(e cluster.Event) {
	t.show(fmt.Sprintf("sending     %s of %s to %s", words.Size(e.Sent), words.Size(e.Of), e.POP))
}

// show shows a line that is gone again later.
func (t *telling) show(line string) {
	if now := time.Now(); t.terminal != nil && now.Sub(t.begin) > showAfter && now.Sub(t.shown) > showEvery {
		t.shown = now
		fmt.Fprintf(t.terminal, "\r\x1b[K%s", line)
	}
}

func (t *telling) clear() {
	if t.terminal != nil && !t.shown.IsZero() {
		fmt.Fprint(t.terminal, "\r\x1b[K")
	}
}

func (t *telling) sent(out *cluster.Outcome) {
	slices.Sort(out.To)
	slices.Sort(out.Got)
	switch {
	case t.json:
		t.object("sent", map[string]any{"files": out.Contents, "octets": out.Sent, "to": append([]string{}, out.To...), "got": append([]string{}, out.Got...)})
	case len(out.To) > 0 && len(out.Got) > 0:
		fmt.Fprintf(t.w, "sent        %s, %s, to %s; %s got them from there\n", pop.Count(out.Contents, "file"), words.Size(out.Sent), strings.Join(out.To, ", "), strings.Join(out.Got, ", "))
	case len(out.To) > 0:
		fmt.Fprintf(t.w, "sent        %s, %s, to %s\n", pop.Count(out.Contents, "file"), words.Size(out.Sent), strings.Join(out.To, ", "))
	}
}

// bring publishes what follows a generation, and says how it goes, once it is sure that it does. The list is nil if nothing has changed.
func (s *session) bring(ctx context.Context, parent *manifest.Signed, next *manifest.Manifest, f following, say *telling) (*manifest.Signed, error) {
	list, err := next.Sign(s.Key)
	if err != nil {
		return nil, err
	}
	differs := sync.OnceValue(func() *changes { return f.differs(parent, next) })
	go differs() // while it is sent
	defer differs()
	sure := sync.OnceValue(func() bool {
		sure := s.Sure == nil || s.Sure() == nil
		if sure {
			say.changed(differs(), parent.ID.Number)
		}
		return sure
	})
	s.Base = parent
	live, err := s.deliver(list, say, sure, func() (cluster.Outcome, error) { return s.Publish(ctx, list, f.source) })
	if !live {
		list = nil
	}
	return list, err
}

// deliver has a generation published, and says how it goes, once it is sure that it goes at all. Not live, nothing has changed.
func (s *session) deliver(list *manifest.Signed, say *telling, sure func() bool, publish func() (cluster.Outcome, error)) (live bool, err error) {
	say.begin = time.Now()
	s.Tell = func(e cluster.Event) {
		if sure() {
			say.event(e)
		}
	}
	out, err := publish()
	if !sure() {
		return false, err
	}
	say.clear()
	if len(say.ready) > 0 {
		fmt.Fprintf(say.w, "ready       %s\n", strings.Join(say.ready, "   "))
	}
	if err != nil {
		return false, s.failed(err, &out, say)
	}
	s.Remember(list) // else it is asked for when it is wanted
	return true, s.done(&out, say)
}

// failed is the error of a publication that came to nothing.
func (s *session) failed(err error, out *cluster.Outcome, say *telling) error {
	var mistakes *cluster.Mistakes
	var losses *cluster.ErrLosses
	switch {
	case errors.As(err, &mistakes):
		say.mistakes(errors.New(strings.Join(append(mistakes.Lines, s.otherPrograms(mistakes)...), "\n")))
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
func (s *session) done(out *cluster.Outcome, say *telling) error {
	took, late := time.Since(say.begin).Seconds(), false
	for name, err := range out.Wrong {
		if late = late || !s.down[name]; s.down[name] {
			out.Wrong[name] = fmt.Errorf("it is down, as the others say, and catches up before visitors are sent to it: %w", err)
		}
	}
	if say.json {
		say.object("done", map[string]any{
			"generation": out.ID.Number, "hash": out.ID.Hash.String(), "live": out.Live, "canary": len(s.Only) > 0,
			"ready": append([]string{}, out.Ready...), "not_yet": errorTexts(out.Wrong), "without": append([]string{}, s.Without...), "seconds": took,
		})
	} else {
		next := "back: tinycdn rollback"
		if len(s.Only) > 0 {
			next = "a canary; everywhere: tinycdn publish --finish, back: tinycdn rollback"
		}
		fmt.Fprintf(say.w, "live        generation %d at %s (%.1f s); %s\n", out.ID.Number, strings.Join(out.Live, ", "), took, next)
		say.notYet(out.Wrong)
	}
	if late {
		return exit.With(exit.Partly, nil)
	}
	return nil
}
