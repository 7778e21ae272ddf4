package publishing

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
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
		return
	case len(list) == 0:
		fmt.Fprintf(t.w, "changed     nothing since generation %d\n", since)
	default:
		fmt.Fprintf(t.w, "changed     %s\n", words.Line(words.Few(list)))
	}
	for _, line := range c.moving(false) {
		fmt.Fprintf(t.w, "moves       %s\n", words.Line(line))
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
