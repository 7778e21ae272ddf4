// Package commit is how the POPs of a cluster come to serve one generation after another: two-phase commit, with promises that
// lapse. A publisher is the coordinator, each POP a participant. It neither reads files nor speaks to anybody: what it
// decides depends on what it is told, and on the time it is given.
package commit

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// A Commit says that a generation is to be served everywhere. Whoever has it can prove it to others.
type Commit struct {
	ID   manifest.ID
	Time time.Time // by the publisher's clock, in milliseconds
	Key  roster.Key
	Text []byte // as it was signed
}

// kind is the first line of a commit.
const kind = "tinycdn commit 1"

// New signs a commit.
func New(id manifest.ID, now time.Time, key roster.PrivateKey) Commit {
	now = now.UTC().Truncate(time.Millisecond)
	return Commit{ID: id, Time: now, Key: key.Public(), Text: key.Sign(text(id, now))}
}

func text(id manifest.ID, at time.Time) []byte {
	return fmt.Appendf(nil, "%s\ngeneration %v\ntime %s\n", kind, id, at.Format(timeFormat))
}

const timeFormat = "2006-01-02T15:04:05.000Z"

// Open reads a signed commit. That the key may sign it is for the roster to say.
func Open(signed []byte) (c Commit, err error) {
	c, last, said, err := read("commit", kind, 3, signed)
	if err == nil && !bytes.Equal(text(c.ID, c.Time), said) {
		err = fmt.Errorf("the commit is not written as it should be: %.80q", last)
	}
	if err != nil {
		return Commit{}, err
	}
	return c, nil
}

// read reads what is signed of a generation at some time, in so many lines, and gives the last of them and all that was said.
func read(what, kind string, number int, signed []byte) (c Commit, last string, said []byte, err error) {
	said, by, err := roster.Open(kind, signed)
	if err != nil {
		return c, "", nil, fmt.Errorf("the %s: %w", what, err)
	}
	lines := strings.Split(string(said), "\n")
	if len(lines) != number+1 {
		return c, "", nil, fmt.Errorf("the %s has %d lines, not %d", what, len(lines)-1, number)
	}
	id, isID := strings.CutPrefix(lines[1], "generation ")
	at, isTime := strings.CutPrefix(lines[2], "time ")
	if c.ID, err = manifest.ParseID(id); err != nil || !isID || c.ID.Number == 0 {
		return c, "", nil, fmt.Errorf("the %s names no generation: %.80q", what, lines[1])
	}
	if c.Time, err = time.Parse(timeFormat, at); err != nil || !isTime {
		return c, "", nil, fmt.Errorf("the %s has no time: %.80q", what, lines[2])
	}
	c.Key, c.Text = by, signed
	return c, lines[number-1], said, nil
}

// Beats says whether c is to be served rather than other: its number is higher. Two generations of one number can only come of
// a network that was cut in two while each half held the other for dead, or of a commit that was half a minute on its way:
// then the later one is, and of two of one moment that with the higher hash, so that all decide alike.
func (c *Commit) Beats(other *Commit) bool {
	switch {
	case c.ID.Number != other.ID.Number:
		return c.ID.Number > other.ID.Number
	case !c.Time.Equal(other.Time):
		return c.Time.After(other.Time)
	}
	return bytes.Compare(c.ID.Hash[:], other.ID.Hash[:]) > 0
}
