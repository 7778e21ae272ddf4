package commit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// A Canary says that a generation is to be served at some POPs alone, until it is committed to, or taken back: of no POP, it says
// that. It holds the number of its generation meanwhile, and does not lapse. The newest one counts.
type Canary struct {
	ID   manifest.ID
	Time time.Time // by its publisher's clock, in milliseconds; later than that of the one before of the same number
	POPs []string
	Key  roster.Key
	Text []byte // as it was signed
}

const canaryKind = "tinycdn canary 1"

// NewCanary signs a canary that counts rather than the last one that is known, which may be zero.
func NewCanary(id manifest.ID, pops []string, last Canary, now time.Time, key roster.PrivateKey) Canary {
	now = now.UTC().Truncate(time.Millisecond)
	if !now.After(last.Time) {
		now = last.Time.Add(time.Millisecond)
	}
	c := Canary{ID: id, Time: now, POPs: slices.Sorted(slices.Values(pops)), Key: key.Public()}
	c.Text = key.Sign(c.text())
	return c
}

func (c *Canary) text() []byte {
	b := fmt.Appendf(nil, "%s\ngeneration %v\ntime %s\nat", canaryKind, c.ID, c.Time.Format(timeFormat))
	for _, pop := range c.POPs {
		b = fmt.Appendf(b, " %s", pop)
	}
	return append(b, '\n')
}

// OpenCanary reads a signed canary. That the key may sign it is for the roster to say.
func OpenCanary(signed []byte) (c Canary, err error) {
	of, last, said, err := read("canary", canaryKind, 4, signed)
	if err != nil {
		return c, err
	}
	c = Canary{ID: of.ID, Time: of.Time, Key: of.Key, Text: signed}
	if words := strings.Fields(last); len(words) > 1 {
		c.POPs = words[1:]
	}
	if !slices.IsSorted(c.POPs) || !bytes.Equal(c.text(), said) {
		return Canary{}, fmt.Errorf("the canary is not written as it should be: %.80q", last)
	}
	return c, nil
}

// Stands says whether it is served anywhere, as far as c says.
func (c *Canary) Stands() bool { return len(c.POPs) > 0 }

// At says whether a POP is one of those that serve it.
func (c *Canary) At(pop string) bool { return slices.Contains(c.POPs, pop) }

// Beats says whether c counts rather than other.
func (c *Canary) Beats(other *Canary) bool {
	switch {
	case c.ID.Number != other.ID.Number:
		return c.ID.Number > other.ID.Number
	case !c.Time.Equal(other.Time):
		return c.Time.After(other.Time)
	}
	return bytes.Compare(c.Text, other.Text) > 0
}

// Hear hears of a canary, from its publisher or from another POP, and says whether it is news. It is one after what is committed to,
// or it says nothing any more; where nothing is, there would be nothing to go back to. Whoever commits to its generation has told of it
// before: a promise from before that is of no use.
func (p *Participant) Hear(c Canary) bool {
	if c.ID.Number != p.Wanted.ID.Number+1 || c.ID.Number == 1 || !c.Beats(&p.Canary) {
		return false
	}
	if p.Canary.ID != c.ID && p.Promise.ID == c.ID {
		p.Promise = Promise{}
	}
	p.Canary = c
	return true
}

// Forget forgets a canary, as whoever signed it no longer counts.
func (p *Participant) Forget() { p.Canary = Canary{} }

// Shown is what is served here.
func (p *Participant) Shown() manifest.ID {
	if p.Trying != (manifest.ID{}) {
		return p.Trying
	}
	return p.Serving.ID
}

// Target is what should be served here.
func (p *Participant) Target() manifest.ID {
	if p.Canary.At(p.Name) {
		return p.Canary.ID
	}
	return p.Wanted.ID
}
