// Package drains is which POPs are drained: visitors are sent to them only if there is no other.
package drains

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
)

// Drain is the last word on a POP, as POPs tell it each other. How long it still holds is told as a span, so that no two clocks have to
// agree: who hears of it counts from then on.
type Drain struct {
	POP     string
	Number  uint64        // when it was said, in milliseconds since 1970: of two words on a POP the one with the higher number counts
	Drained bool          // else it was, once
	For     time.Duration // as it was asked for, in whole seconds; 0: until somebody says otherwise
	Left    time.Duration // of that; none, if it has run out
	By      string        // who asked for it
}

// Since is when it was said, by the clock of the POP that was asked.
func (d *Drain) Since() time.Time { return time.UnixMilli(int64(d.Number)).UTC() }

// Longest is the longest time that somebody may ask for.
const Longest = 365 * 24 * time.Hour

// lastNumber leaves room for those that follow.
const lastNumber = 1 << 62

// Holds says whether the POP is drained by now.
func (d *Drain) Holds() bool { return d.Drained && (d.For == 0 || d.Left > 0) }

// maxBy is the most octets of who asked: names of members are shorter. All rows have it.
const maxBy = 64

// sane says whether a word that was told can be meant.
func (d *Drain) sane() bool {
	by := len(d.By) <= maxBy && !strings.ContainsFunc(d.By, func(r rune) bool { return !unicode.IsPrint(r) })
	return d.Number > 0 && d.Number < lastNumber && d.For >= 0 && d.For <= Longest && d.Left >= 0 && d.Left <= d.For && by
}

// isAhead says whether it is said to be of a time that no clock has. The next word on the POP has to have a higher number.
func (d *Drain) isAhead(now time.Time) bool {
	return d.Number > uint64(max(now.Add(Longest).UnixMilli(), 1))
}

// order is that in which words of the same number count, which two POPs may have given at the same time.
func (d *Drain) order(other *Drain) int {
	boolean := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(d.Number, other.Number), cmp.Compare(boolean(d.Drained), boolean(other.Drained)), cmp.Compare(d.For, other.For), cmp.Compare(d.By, other.By))
}

// Set is the last word on each POP, in a file.
type Set struct {
	path string // "": it is kept nowhere
	log  *slog.Logger

	mu    sync.Mutex
	last  map[string]*word // by POP
	told  []Drain          // what was drained when somebody asked for news last
	asked bool             // somebody has

	heard      int // how often other POPs had something new to say, in the newsTime that began then
	heardSince time.Time
}

// So often other POPs are heard in such a time, since what they say moves visitors. What is not heard comes again with the next row.
const (
	newsAtOnce = 20
	newsTime   = 10 * time.Second
)

// word is a Drain as it is counted here.
type word struct {
	Drain
	ends time.Time // by the clock of this process, which nobody sets; only if there is a For
	read bool      // it is from the file: how much of it is left is better known to whoever has counted meanwhile
}

func (w *word) now() Drain {
	d := w.Drain
	if d.For > 0 {
		d.Left = min(max(0, time.Until(w.ends)), d.For)
	}
	return d
}

// Say is the word of somebody on a POP, from now on. Nothing is changed if it cannot be written down.
func (s *Set) Say(pop string, drained bool, during time.Duration, by string) (Drain, error) {
	if during != 0 && during < time.Second || during > Longest {
		return Drain{}, fmt.Errorf("a POP is drained for a second at least, and %v at most", Longest)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	during = during.Round(time.Second)
	d := Drain{POP: pop, Number: uint64(max(time.Now().UnixMilli(), 1)), Drained: drained, For: during, Left: during, By: by}
	before := s.last[pop]
	if before != nil {
		d.Number = max(d.Number, before.Number+1)
	}
	s.last[pop] = &word{Drain: d, ends: time.Now().Add(during)}
	err := s.keep()
	if err != nil {
		if s.last[pop] = before; before == nil {
			delete(s.last, pop)
		}
	}
	return d, err
}

// Hear takes the words of another POP, of POPs that are known.
func (s *Set) Hear(told []Drain, known func(pop string) bool) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.heardSince) >= newsTime {
		s.heard, s.heardSince = 0, now
	}
	if s.heard >= newsAtOnce {
		return
	}
	changed := false
	for _, d := range told {
		if !d.sane() || d.isAhead(now) || !known(d.POP) {
			continue
		}
		have := s.last[d.POP]
		newer := 1
		if have != nil {
			newer = d.order(&have.Drain)
		}
		if newer > 0 || newer == 0 && have.read {
			s.last[d.POP] = &word{Drain: d, ends: now.Add(d.Left)}
			changed = true
		}
	}
	if changed {
		s.heard++
		if err := s.keep(); err != nil {
			s.log.Warn("which POPs are drained cannot be written down", "error", err, "effect", "it holds until a restart")
		}
	}
}

// Forget forgets all POPs that are not known any more.
func (s *Set) Forget(known func(pop string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.last, func(pop string, _ *word) bool { return !known(pop) })
}

// All are the last words on all POPs, by name.
func (s *Set) All() (list []Drain) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, pop := range slices.Sorted(maps.Keys(s.last)) {
		list = append(list, s.last[pop].now())
	}
	return list
}

// Drained are the POPs that are drained by now, by name.
func (s *Set) Drained() []Drain {
	return slices.DeleteFunc(s.All(), func(d Drain) bool { return !d.Holds() })
}

// Next is how long it takes until a POP is drained no longer, by itself.
func (s *Set) Next() (left time.Duration, ok bool) {
	for _, d := range s.Drained() {
		if d.For > 0 && (!ok || d.Left < left) {
			left, ok = d.Left, true
		}
	}
	return left, ok
}

// News is which POPs are drained, and which no longer, since it was asked before; the first time it is which are, by what was read.
// It is logged. First is true the first time: nothing has happened then.
func (s *Set) News() (news News) {
	now := s.Drained()
	s.mu.Lock()
	before := s.told
	s.told, news.First, s.asked = now, !s.asked, true
	s.mu.Unlock()
	for _, d := range now {
		if slices.ContainsFunc(before, func(b Drain) bool { return b.POP == d.POP && b.Number == d.Number }) {
			continue
		}
		news.Began = append(news.Began, d)
		said := []any{"pop", d.POP, "by", d.By}
		if d.For > 0 {
			said = append(said, "left", d.Left.Round(time.Second))
		}
		s.log.Info("a POP is drained", append(said, "effect", "visitors are sent to it only if there is no other")...)
	}
	for _, b := range before {
		if !slices.ContainsFunc(now, func(d Drain) bool { return d.POP == b.POP }) {
			news.Ended = append(news.Ended, b)
			s.log.Info("a POP is drained no longer", "pop", b.POP)
		}
	}
	return news
}

// News is what has changed.
type News struct {
	Began, Ended []Drain
	First        bool
}

// Any says whether there is any.
func (n *News) Any() bool { return len(n.Began)+len(n.Ended) > 0 }
