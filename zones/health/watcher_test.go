package health

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// looker looks as it is told, and remembers when.
type looker struct {
	mu    sync.Mutex
	fails bool
	takes time.Duration
	begun []time.Time
	now   int // looks under way
	most  int
}

func (l *looker) look(ctx context.Context, _ *Spot) (r Result) {
	l.mu.Lock()
	l.begun = append(l.begun, time.Now())
	l.now++
	l.most = max(l.most, l.now)
	takes, fails := l.takes, l.fails
	l.mu.Unlock()
	select {
	case <-time.After(takes):
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now--
	if fails {
		r.Why = "refused"
	}
	return r
}

func (l *looker) set(fails bool, takes time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fails, l.takes, l.begun = fails, takes, nil
}

// gaps are the times between looks.
func (l *looker) gaps() (list []time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := 1; i < len(l.begun); i++ {
		list = append(list, l.begun[i].Sub(l.begun[i-1]))
	}
	return list
}

var syd = Spot{Target: Target{"syd", Pages4}}

// watching runs a watcher of syd's pages for a test.
func watching(t *testing.T, l *looker, before *State) (*Watcher, func()) {
	w := NewWatcher(l.look, before)
	w.Watch(5*time.Second, Limits{3, 4}, []Spot{syd})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		w.Run(ctx)
		close(done)
	}()
	return w, func() { stop(); <-done }
}

func TestLooksComeEveryFiveSecondsGiveOrTakeAFifth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &looker{}
		_, stop := watching(t, l, &State{})
		defer stop()
		time.Sleep(time.Hour)
		least, most := time.Hour, time.Duration(0)
		for _, gap := range l.gaps() {
			least, most = min(least, gap), max(most, gap)
		}
		if least < 4*time.Second || most > 6*time.Second || most-least < time.Second {
			t.Errorf("they come every %v to %v, want 4 to 6 s", least, most)
		}
	})
}

func TestALookThatFailsIsFollowedByOneSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &looker{}
		w, stop := watching(t, l, &State{})
		defer stop()
		time.Sleep(time.Minute)
		select {
		case <-w.Changed():
			t.Error("a POP that is well is no news")
		default:
		}
		l.set(true, 3*time.Second) // as long as a look may take
		begin := time.Now()
		down := false
		for !down {
			<-w.Changed()
			down = w.Votes()["syd"][Pages4].Down
		}
		if took := time.Since(begin); took > 6*time.Second+3*3*time.Second+2*2*time.Second {
			t.Errorf("it took %v until the vote", took)
		}
		time.Sleep(time.Hour)
		for _, gap := range l.gaps() {
			if gap != 5*time.Second {
				t.Fatalf("after a look that failed the next came in %v, want 3 s for it and 2 s of pause", gap)
			}
		}
		l.set(false, 0)
		begin = time.Now()
		for down {
			<-w.Changed()
			down = w.Votes()["syd"][Pages4].Down
		}
		if took := time.Since(begin); took > 4*5*time.Second+2*time.Second {
			t.Errorf("it took %v until it was up again", took)
		}
	})
}

func TestNoTargetIsLookedAtTwiceAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &looker{takes: time.Minute}
		w, stop := watching(t, l, &State{})
		for range 100 { // it comes and goes in the settings
			time.Sleep(7 * time.Second)
			w.Watch(5*time.Second, Limits{3, 4}, nil)
			time.Sleep(time.Second)
			w.Watch(5*time.Second, Limits{3, 4}, []Spot{syd})
		}
		stop()
		if l.most != 1 {
			t.Errorf("%d looks at once", l.most)
		}
	})
}

func TestWhatIsWatchedNoLongerHasNoVotes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &looker{}
		w, stop := watching(t, l, &State{})
		defer stop()
		time.Sleep(time.Minute)
		w.Watch(5*time.Second, Limits{3, 4}, nil)
		if len(w.Votes()) != 0 {
			t.Errorf("got %v", w.Votes())
		}
		time.Sleep(time.Minute)
		l.set(false, 0)
		time.Sleep(time.Minute)
		if n := len(l.gaps()); n != 0 {
			t.Errorf("%d looks more", n)
		}
		w.Watch(5*time.Second, Limits{3, 4}, []Spot{syd})
		time.Sleep(time.Minute)
		if _, ok := w.Votes()["syd"][Pages4]; !ok {
			t.Error("it is watched again, and there is no vote")
		}
	})
}

// TestASecondLookComesAtOnceIfSomebodyElseSeesItFail, but not over and over.
func TestASecondLookComesAtOnceIfSomebodyElseSeesItFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &looker{}
		w, stop := watching(t, l, &State{})
		defer stop()
		time.Sleep(time.Minute)
		l.set(false, 0)
		for range 600 {
			w.Hurry(syd.Target)
			time.Sleep(100 * time.Millisecond)
		}
		for _, gap := range l.gaps() {
			if gap < afterFailure || gap > afterFailure+100*time.Millisecond {
				t.Fatalf("a look came after %v, want %v", gap, afterFailure)
			}
		}
		if n := len(l.gaps()); n < 25 {
			t.Errorf("only %d looks in a minute", n)
		}
		w.Hurry(Target{"fra", DNS4}) // which nobody watches
	})
}

// TestAStartAndARestartOfAnother: the votes go on from what was agreed, and who says that it restarts has time for it.
func TestAStartAndARestartOfAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &looker{}
		before := &State{verdicts: map[Target]Verdict{syd.Target: {Down: true, Since: time.Now()}}}
		w, stop := watching(t, l, before)
		defer stop()
		if len(w.Votes()["syd"]) != 0 {
			t.Error("there is a vote before anybody has looked")
		}
		time.Sleep(2 * time.Second)
		if !w.Votes()["syd"][Pages4].Down {
			t.Error("it was agreed down, and is up after one look")
		}
		time.Sleep(time.Minute)
		if w.Votes()["syd"][Pages4].Down {
			t.Error("it is still down")
		}
		l.set(true, 0)
		w.Restarts("syd")
		time.Sleep(restartTime - time.Millisecond)
		if v := w.Votes()["syd"][Pages4]; v.Down || v.Failing {
			t.Errorf("while it restarts: %+v", v)
		}
		time.Sleep(10 * time.Second)
		if !w.Votes()["syd"][Pages4].Down {
			t.Error("it did not come back, and is not down")
		}
	})
}
