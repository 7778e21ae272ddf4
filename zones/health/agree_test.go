package health

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// scene is a ballot that a test can write: "nyc: fra down, syd up".
type scene struct {
	t     testing.TB
	now   time.Time
	b     Ballot
	state *State
}

// begin is a cluster whose POPs see each other up.
func begin(t testing.TB, pops ...string) *scene {
	s := &scene{t: t, now: time.Unix(1764452000, 0), state: &State{}}
	s.b = Ballot{Self: pops[0], Heard: map[string]*Votes{}}
	for _, p := range pops {
		s.b.Members = append(s.b.Members, Member{Name: p, Checks: Of(Pages4), Votes: true})
		v := &Votes{Usual: true, Of: map[string]Opinion{}}
		for _, q := range pops {
			if q != p {
				v.Of[q] = Opinion{Pages4: {}}
			}
		}
		s.b.Heard[p] = v
	}
	return s
}

func (s *scene) says(pop, of string, down bool) {
	vote := Vote{Down: down}
	if down {
		vote.Why = "the connection was refused"
	}
	s.b.Heard[pop].Of[of] = Opinion{Pages4: vote}
}

// dies: nobody hears it, and all others see it down.
func (s *scene) dies(pop string) {
	delete(s.b.Heard, pop)
	for other := range s.b.Heard {
		s.says(other, pop, true)
	}
}

// wants what is down, once so much time has gone by.
func (s *scene) wants(after time.Duration, down ...string) {
	s.t.Helper()
	for until := s.now.Add(after); ; s.now = s.now.Add(time.Second) {
		s.state, _ = s.state.Agree(s.now, &s.b)
		if !s.now.Before(until) {
			break
		}
	}
	var got []string
	for t := range s.state.Down() {
		got = append(got, t.POP)
	}
	slices.Sort(got)
	if slices.Sort(down); !slices.Equal(got, down) {
		s.t.Errorf("at %s after %v: %v are down, want %v", s.b.Self, after, got, down)
	}
}

func TestOneOfThreeIsNotBelieved(t *testing.T) {
	t.Parallel()
	s := begin(t, "nyc", "fra", "syd")
	s.says("fra", "syd", true)
	s.says("fra", "nyc", true)
	s.wants(time.Hour)
	if !s.state.Doubts(Target{"syd", Pages4}) {
		t.Error("somebody sees syd down, and it is not in doubt")
	}
	s.says("nyc", "syd", true)
	s.wants(0, "syd")
	if s.state.Doubts(Target{"syd", Pages4}) {
		t.Error("syd is down, and in doubt")
	}
	s.says("nyc", "syd", false)
	s.wants(0) // the majority that it had against it is gone: it says itself that it is up
}

func TestWhoComesBackIsUpByTheSameMajority(t *testing.T) {
	t.Parallel()
	s := begin(t, "nyc", "fra", "syd")
	s.dies("syd")
	s.wants(0, "syd")
	s.says("fra", "syd", false)
	s.wants(time.Hour, "syd") // one of three, and another says otherwise
	s.says("nyc", "syd", false)
	s.wants(0)
}

func TestTwoOfThreeDieAtOnce(t *testing.T) {
	t.Parallel()
	s := begin(t, "nyc", "fra", "syd")
	s.dies("fra")
	s.dies("syd")
	s.wants(aloneTime-time.Second, []string{}...)
	s.wants(time.Second, "fra", "syd")
	s.b.Heard["fra"] = &Votes{}
	s.says("nyc", "fra", false)
	s.wants(0, "syd") // it and fra itself are all of the electorate
}

// TestWhoDoesNotHearTheWorldDoesNotStandAlone: it may be the one that is cut off.
func TestWhoDoesNotHearTheWorldDoesNotStandAlone(t *testing.T) {
	t.Parallel()
	s := begin(t, "nyc", "fra", "syd")
	s.dies("fra")
	s.dies("syd")
	s.b.Heard["nyc"].Usual = false
	s.wants(time.Hour)
	s.b.Heard["nyc"].Usual = true
	s.wants(aloneTime-time.Second, []string{}...)
	s.b.Heard["nyc"].Usual = false
	s.wants(time.Second)
	s.b.Heard["nyc"].Usual = true
	s.wants(aloneTime-time.Second, []string{}...) // it begins anew
	s.wants(time.Second, "fra", "syd")
}

// TestAllThatFailTogetherAreAllDown: a certificate that has expired everywhere must not leave the last one that is looked at.
func TestAllThatFailTogetherAreAllDown(t *testing.T) {
	t.Parallel()
	pops := []string{"nyc", "fra", "syd"}
	for _, self := range pops {
		s := begin(t, pops...)
		s.b.Self = self
		for _, q := range pops {
			for _, p := range pops {
				if p != q {
					s.says(p, q, true)
				}
			}
			s.wants(time.Second, pops[:slices.Index(pops, q)+1]...)
		}
	}
}

func TestADrainedPOPHasNoVote(t *testing.T) {
	t.Parallel()
	s := begin(t, "nyc", "fra", "syd", "sin")
	s.b.Members[3].Drained = true
	s.says("fra", "syd", true)
	s.says("sin", "syd", true)
	s.wants(time.Minute) // of three that count one, and nyc says otherwise
	s.says("nyc", "syd", true)
	s.wants(0, "syd")
	list := s.state.Standings(s.b.Members)
	if len(list) != 2 || !list[0].Out4 || list[0].Drained || list[1].POP != "sin" || list[1].Out4 || !list[1].Drained {
		t.Errorf("got %+v, want syd out and sin drained", list)
	}
}

func TestAPOPWithoutAClusterGoesByWhatItSees(t *testing.T) {
	t.Parallel()
	s := begin(t, "nyc", "fra", "syd")
	for i, other := range []string{"fra", "syd"} {
		s.b.Members[i+1].Votes = false
		delete(s.b.Heard, other)
	}
	s.says("nyc", "syd", true)
	s.wants(0, "syd")
	s.says("nyc", "syd", false)
	s.wants(0)
}

// TestAPOPThatVotesAllDownChangesNothing, of three; and of two it is half, whom nobody contradicts.
func TestAPOPThatVotesAllDownChangesNothing(t *testing.T) {
	t.Parallel()
	s := begin(t, "nyc", "fra", "syd")
	s.says("syd", "nyc", true)
	s.says("syd", "fra", true)
	s.wants(time.Hour)
	s = begin(t, "nyc", "fra")
	s.says("fra", "nyc", true)
	s.wants(halfTime-time.Second, []string{}...)
	s.wants(time.Second, "nyc")
}

func TestFamiliesAndServicesAreApart(t *testing.T) {
	t.Parallel()
	s := begin(t, "nyc", "fra", "syd")
	for i := range s.b.Members {
		s.b.Members[i].Checks = Of(Pages4, Pages6, DNS4)
	}
	for _, p := range []string{"nyc", "fra"} {
		s.b.Heard[p].Of["syd"] = Opinion{Pages4: {}, Pages6: {Down: true, Why: "no route"}, DNS4: {Down: true, Why: "SERVFAIL"}}
	}
	s.wants(0, "syd", "syd")
	want := Standing{POP: "syd", Out6: true, Since: s.now, Why: "nyc and fra: no route"}
	if list := s.state.Standings(s.b.Members); len(list) != 1 || list[0] != want {
		t.Errorf("got %+v, want %+v", list, want)
	}
	for i := range s.b.Members { // where there are no pages to be looked at, DNS it is
		s.b.Members[i].Checks = Of(DNS4)
	}
	s.wants(0, "syd")
	want = Standing{POP: "syd", Out4: true, Since: s.now, Why: "nyc and fra: SERVFAIL"}
	if list := s.state.Standings(s.b.Members); len(list) != 1 || list[0].Why != want.Why || !list[0].Out4 || list[0].Out6 {
		t.Errorf("got %+v, want %+v", list, want)
	}
}

// TestAYoungMemoryIsBelieved, and an old one, or one from the future, is not.
func TestAYoungMemoryIsBelieved(t *testing.T) {
	t.Parallel()
	s := begin(t, "nyc", "fra", "syd")
	s.dies("syd")
	s.wants(0, "syd")
	text := s.state.Marshal(s.now)
	for after, want := range map[time.Duration]bool{0: true, time.Second: true, believed: true, believed + time.Second: false, -time.Minute: false} {
		again, err := Restore(text, s.now.Add(after))
		got := again.Of(Target{"syd", Pages4})
		if err != nil || got.Down != want {
			t.Errorf("after %v: got %+v, %v, want it down: %v", after, got, err, want)
		}
		if was := s.state.Of(Target{"syd", Pages4}); want && fmt.Sprint(got.Seen, got.Since.Unix()) != fmt.Sprint(was.Seen, was.Since.Unix()) {
			t.Errorf("got %+v, want %+v", got, was)
		}
	}
	if again, err := Restore([]byte("{"), s.now); err == nil || again.Of(Target{"syd", Pages4}).Down {
		t.Error("half of a memory is believed")
	}
}
