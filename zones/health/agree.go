package health

import (
	"maps"
	"time"
)

// A minority must wait before it may think that it is right.
const (
	// halfTime is how long half of the electorate must say so, with nobody against it: of two POPs one cannot be outvoted.
	halfTime = 30 * time.Second
	// aloneTime is how long fewer must, who hear the world: most who could vote are dead, or cut off, and will not be back soon.
	aloneTime = 5 * time.Minute
)

// Member is a POP, as the others judge it.
type Member struct {
	Name    string
	Checks  Checks // what there is to be checked of it
	Drained bool   // its owner has taken it out
	Votes   bool   // the others go by what it sees, too
}

// Ballot is what is known at a moment.
type Ballot struct {
	Self    string
	Members []Member          // all, Self too
	Heard   map[string]*Votes // by POP: of Self, and of those that were heard lately
}

// Target is a check of a POP.
type Target struct {
	POP   string
	Check Check
}

// Verdict is what is agreed of a Target.
type Verdict struct {
	Down  bool
	Since time.Time // zero: since the beginning
	Seen  []Witness // who saw it, that it came to this
}

// Witness is who has voted for a verdict, and why.
type Witness struct {
	POP string `json:"pop"`
	Why string `json:"why,omitempty"` // "": it is up
}

// Change is a verdict that was another before.
type Change struct {
	Target
	Verdict
}

// State is what is agreed. It never changes.
type State struct {
	verdicts map[Target]Verdict
	doubts   map[Target]bool
	waits    map[Target]wait
}

// wait is since when there is enough for a change but for its time; zero: there is not.
type wait struct{ half, alone time.Time }

// Of is what is agreed of a target.
func (s *State) Of(t Target) Verdict { return s.verdicts[t] }

// Doubts says whether a target is up, but somebody sees it down, or this POP's last look at it failed.
func (s *State) Doubts(t Target) bool { return s.doubts[t] }

// Agree is what is agreed from now on, and what of it is new. Of a check of a POP, the electorate are the POPs that are not drained, and
// not down themselves unless they are heard all the same. A verdict changes if
//
//   - more than half of the electorate say so, or
//   - half of it do, and nobody who is heard says otherwise, for halfTime, or
//   - fewer do, and nobody who is heard says otherwise, for aloneTime; and for a fall, each of them hears the world.
//
// Otherwise what was agreed stays. What a POP says of itself counts for one vote that it is up, and not as somebody who says otherwise.
func (s *State) Agree(now time.Time, b *Ballot) (*State, []Change) {
	next := &State{map[Target]Verdict{}, map[Target]bool{}, map[Target]wait{}}
	var changes []Change
	for check := range checks {
		for _, m := range b.Members {
			t := Target{m.Name, check}
			if v, ok := s.verdicts[t]; ok && m.Checks[check] {
				next.verdicts[t] = v
			}
		}
		changes = append(changes, next.judge(now, b, check, s.waits)...)
		for _, m := range b.Members {
			t := Target{m.Name, check}
			if m.Checks[check] && !next.verdicts[t].Down && b.doubts(t) {
				next.doubts[t] = true
			}
		}
	}
	return next, changes
}

// judge judges a check of all POPs, and again as long as a verdict changes who is in the electorate. Each verdict changes once at most.
func (s *State) judge(now time.Time, b *Ballot, check Check, before map[Target]wait) (changes []Change) {
	changed := map[Target]bool{}
	for {
		var new []Change
		for i := range b.Members {
			m := &b.Members[i]
			t := Target{m.Name, check}
			if !m.Checks[check] || changed[t] {
				continue
			}
			count := s.count(b, m, check)
			was := s.verdicts[t]
			w, is := count.result(was.Down, now, before[t])
			s.waits[t] = w
			if is {
				delete(s.waits, t)
				new = append(new, Change{t, Verdict{!was.Down, now, count.seen(!was.Down)}})
			}
		}
		if len(new) == 0 {
			return changes
		}
		for _, c := range new { // together: who falls at the same moment has voted, too
			changed[c.Target], s.verdicts[c.Target] = true, c.Verdict
		}
		changes = append(changes, new...)
	}
}

// tally is what the POPs say of a target.
type tally struct {
	electorate    int
	downs, ups    int // of the electorate
	anyDown, anUp bool
	hear          bool // all who say that it is down hear the world
	saw, well     []Witness
}

// count counts the votes on a check of q.
func (s *State) count(b *Ballot, q *Member, check Check) *tally {
	t := &tally{hear: true}
	for i := range b.Members {
		m := &b.Members[i]
		if !m.Votes || !m.Checks[check] {
			continue
		}
		said, heard := b.Heard[m.Name]
		elector := m == q || m.Name == b.Self || !m.Drained && (heard || !s.verdicts[Target{m.Name, check}].Down)
		if elector {
			t.electorate++
		}
		if !heard {
			continue
		}
		vote, ok := said.Of[q.Name][check]
		switch {
		case m == q:
			t.ups++
		case !ok:
		case vote.Down:
			t.add(&t.downs, elector)
			t.anyDown, t.hear = true, t.hear && said.Usual
			t.saw = append(t.saw, Witness{m.Name, vote.Why})
		default:
			t.add(&t.ups, elector)
			t.anUp = true
			t.well = append(t.well, Witness{POP: m.Name})
		}
	}
	return t
}

func (t *tally) add(votes *int, elector bool) {
	if elector {
		*votes++
	}
}

// seen are those who have voted for a verdict.
func (t *tally) seen(down bool) []Witness {
	if down {
		return t.saw
	}
	return t.well
}

// result says whether a verdict changes now, or else since when that waits.
func (t *tally) result(down bool, now time.Time, since wait) (w wait, changes bool) {
	votes, somebody, against, hear := t.downs, t.downs > 0, t.anUp, t.hear
	if down {
		votes, somebody, against, hear = t.ups, t.anUp, t.anyDown, true
	}
	if 2*votes > t.electorate {
		return w, true
	}
	if !somebody || against {
		return w, false
	}
	if 2*votes >= t.electorate {
		w.half = earlier(since.half, now)
	}
	if hear {
		w.alone = earlier(since.alone, now)
	}
	return w, held(w.half, halfTime, now) || held(w.alone, aloneTime, now)
}

// earlier is when it began: then, unless that is zero.
func earlier(then, now time.Time) time.Time {
	if then.IsZero() {
		return now
	}
	return then
}

func held(since time.Time, long time.Duration, now time.Time) bool {
	return !since.IsZero() && now.Sub(since) >= long
}

// doubts says whether anybody sees a target down, or Self's last look at it failed.
func (b *Ballot) doubts(t Target) bool {
	for _, m := range b.Members {
		said, heard := b.Heard[m.Name]
		if !heard || !m.Votes || m.Name == t.POP {
			continue
		}
		if vote := said.Of[t.POP][t.Check]; vote.Down || vote.Failing && m.Name == b.Self {
			return true
		}
	}
	return false
}

// Down are the targets that are down.
func (s *State) Down() map[Target]Verdict {
	down := maps.Clone(s.verdicts)
	maps.DeleteFunc(down, func(_ Target, v Verdict) bool { return !v.Down })
	return down
}
