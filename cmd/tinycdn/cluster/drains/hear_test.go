package drains

import (
	"testing"
	"testing/synctest"
	"time"
)

// Nobody can say a last word: what comes after it would count nowhere, and the drain would stay when whoever has said it is long gone.
func TestAWordFromFarAheadDoesNotCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		nyc, fra := open(t, ""), open(t, "")
		ahead := uint64(time.Now().Add(Longest).UnixMilli())
		for _, number := range []uint64{lastNumber - 1, ahead + 1} {
			nyc.Hear([]Drain{{POP: "syd", Number: number, Drained: true, By: "evil"}}, anybody)
			if got := text(nyc); got != "" {
				t.Errorf("%d: %s", number, got)
			}
		}
		nyc.Hear([]Drain{{POP: "syd", Number: ahead, Drained: true, By: "evil"}}, anybody)
		fra.Hear(nyc.All(), anybody)
		if got := text(fra); got != "syd 0s" {
			t.Fatal(got)
		}
		time.Sleep(time.Millisecond)
		say(t, nyc, "syd", false, 0)
		fra.Hear(nyc.All(), anybody)
		if got := text(fra); got != "" {
			t.Errorf("it cannot be undone: %s", got)
		}
	})
}

// A POP that says something else all the time is heard as often as people may.
func TestWhoSaysTooMuchIsHeardLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		evil, nyc := open(t, ""), open(t, "")
		heard, last := 0, uint64(0)
		for range 1000 {
			say(t, evil, "syd", true, 0)
			nyc.Hear(evil.All(), anybody)
			if all := nyc.All(); all[0].Number != last {
				heard, last = heard+1, all[0].Number
			}
		}
		if heard > newsAtOnce {
			t.Errorf("%d were heard at once", heard)
		}
		time.Sleep(newsTime)
		nyc.Hear(evil.All(), anybody)
		if got := nyc.All()[0].Number; got != evil.All()[0].Number {
			t.Error("the last word was never heard")
		}
	})
}
