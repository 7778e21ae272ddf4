package commit

import (
	"fmt"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// PromiseTime is how long a POP keeps a number for a publisher of whom it hears nothing more.
const PromiseTime = 60 * time.Second

// Participant is what a POP has promised and what it serves. All of it outlives a restart. Zero, it serves nothing yet.
type Participant struct {
	Serving Commit // what is served, of what was committed to
	Wanted  Commit // the best commit that is known: Serving, or one whose files are not all here yet
	Promise Promise

	Canary Canary      // the newest that is known of the number after Wanted; zero: none
	Trying manifest.ID // what is served instead of Serving; zero: nothing is

	Name string `json:"-"` // of the POP, by which canaries name it
}

// Promise is that no other generation of the number is prepared until then. Zero, nothing is promised.
type Promise struct {
	ID    manifest.ID
	To    roster.Key
	Until time.Time
}

// Behind says whether there is a generation that should be served and is not yet.
func (p *Participant) Behind() bool { return p.Target() != p.Shown() }

// Refusal is why a participant does not do what a coordinator asks of it.
type Refusal struct {
	Why     Reason
	Serving manifest.ID   // what the participant serves
	Wanted  Commit        // what stands in the way
	Promise Promise       // or this
	Canary  Canary        // or this
	Left    time.Duration // for which the promise still holds
}

// Reason is a kind of Refusal.
type Reason string

const (
	Behind   Reason = "behind"   // it does not serve what the generation was made from
	Outdated Reason = "outdated" // it wants one of that number already
	Promised Reason = "promised" // the number is somebody else's for now
	Lapsed   Reason = "lapsed"   // there is no such promise, or no longer
	Tried    Reason = "tried"    // a canary has the number
)

func (r *Refusal) Error() string {
	switch r.Why {
	case Behind:
		return fmt.Sprintf("it serves generation %d, and has to catch up first", r.Serving.Number)
	case Outdated:
		return fmt.Sprintf("generation %d of %s is live since %s", r.Wanted.ID.Number, r.Wanted.Key.Fingerprint(), r.Wanted.Time.Format("2006-01-02 15:04:05 UTC"))
	case Promised:
		return fmt.Sprintf("generation %d is promised to %s, for %d s more", r.Promise.ID.Number, r.Promise.To.Fingerprint(), (r.Left+time.Second-1)/time.Second)
	case Tried:
		return fmt.Sprintf("generation %d is a canary at %s", r.Canary.ID.Number, strings.Join(r.Canary.POPs, ", "))
	}
	return "its promise has lapsed"
}

// Prepare promises a number to whoever is going to commit to a generation, or renews that promise. What is promised has been loaded
// as a whole, and can be served from one moment to the next.
func (p *Participant) Prepare(m *manifest.Signed, to roster.Key, now time.Time) *Refusal {
	held := p.Promise.Until.After(now) && p.Promise.ID.Number >= m.ID.Number
	switch {
	case p.Wanted.ID.Number >= m.ID.Number:
		return p.refuse(Outdated)
	case p.Canary.Stands() && p.Canary.ID != m.ID:
		return p.refuse(Tried)
	case p.Serving.ID != m.Parent && p.Trying != m.ID:
		return p.refuse(Behind)
	case held && (p.Promise.To != to || p.Promise.ID != m.ID):
		refusal := p.refuse(Promised)
		refusal.Left = p.Promise.Until.Sub(now)
		return refusal
	}
	p.Promise = Promise{m.ID, to, now.Add(PromiseTime)}
	return nil
}

// Withdraw takes a promise back, for the publisher to whom it was made.
func (p *Participant) Withdraw(id manifest.ID, by roster.Key) {
	if p.Promise.ID == id && p.Promise.To == by {
		p.Promise = Promise{}
	}
}

// Commit takes a coordinator at its word, as long as nobody else has been promised the number since, or it was withdrawn. The
// caller then serves what is wanted, and says so by Served.
func (p *Participant) Commit(c Commit) *Refusal {
	switch {
	case p.Wanted.ID == c.ID:
		return nil // it was said before
	case p.Promise.ID != c.ID || p.Promise.To != c.Key:
		return p.refuse(Lapsed)
	}
	p.want(c)
	return nil
}

// Learn hears of a commit from another POP, and says whether it is news.
func (p *Participant) Learn(c Commit) bool {
	if c.ID == p.Wanted.ID || !c.Beats(&p.Wanted) {
		return false
	}
	p.want(c)
	return true
}

// want makes c what is to be served. A promise or a canary of its number, or of one before, has no meaning any more.
func (p *Participant) want(c Commit) {
	p.Wanted = c
	if p.Canary.ID.Number <= c.ID.Number {
		p.Canary = Canary{}
	}
	if p.Trying == c.ID {
		p.Served(c.ID)
	}
	if p.Promise.ID.Number <= c.ID.Number {
		p.Promise = Promise{}
	}
}

// Served says that what was to be served is served now, all of it. Meanwhile something else may be.
func (p *Participant) Served(id manifest.ID) {
	switch id {
	case p.Wanted.ID:
		p.Serving, p.Trying = p.Wanted, manifest.ID{}
	case p.Target():
		p.Trying = id
	}
}

func (p *Participant) refuse(why Reason) *Refusal {
	return &Refusal{Why: why, Serving: p.Serving.ID, Wanted: p.Wanted, Promise: p.Promise, Canary: p.Canary}
}
