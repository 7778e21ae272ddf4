package health

import (
	"testing"
	"testing/synctest"
	"time"
)

// looks lets looks go by, one in five seconds, and says how many it took until the vote changed; -1: it did not.
func looks(c *count, why string, most int) int {
	was := c.down
	for n := range most {
		time.Sleep(5 * time.Second)
		if c.add(time.Now(), Result{Why: why}); c.down != was {
			return n + 1
		}
	}
	return -1
}

func TestThreeThatFailMakeAVote(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &count{Limits: Limits{Fall: 3, Rise: 4}}
		if _, ok := c.vote(); ok {
			t.Error("there is a vote before anybody has looked")
		}
		for range 10 { // of which two in a row fail
			for _, why := range []string{"refused", "refused", ""} {
				if n := looks(c, why, 1); n > 0 {
					t.Fatal("it is down, though no three in a row failed")
				}
			}
		}
		if n := looks(c, "refused", 9); n != 3 {
			t.Errorf("it is down after %d, want 3", n)
		}
		if v, _ := c.vote(); !v.Down || !v.Failing || v.Why != "refused" || v.Since != time.Now().Unix() {
			t.Errorf("got %+v", v)
		}
		if n := looks(c, "", 9); n != 4 {
			t.Errorf("it is up after %d, want 4", n)
		}
	})
}

// TestWhoComesAndGoesHasToBeWellForLonger: from the third fall within ten minutes on twice as long each time, and half as long
// again after every calm half an hour.
func TestWhoComesAndGoesHasToBeWellForLonger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &count{Limits: Limits{Fall: 3, Rise: 4}}
		for i, want := range []int{4, 4, 8, 16, 16} {
			looks(c, "refused", 3)
			if n := looks(c, "", 99); n != want {
				t.Errorf("after fall %d it is up after %d, want %d", i+1, n, want)
			}
		}
		for _, want := range []int{8, 4, 4} {
			time.Sleep(calmAfter)
			looks(c, "refused", 3)
			if n := looks(c, "", 99); n != want {
				t.Errorf("half an hour later it is up after %d, want %d", n, want)
			}
		}
		c.Rise, c.falls = 30, nil // who says so wants it
		for range 3 {
			looks(c, "refused", 3)
			if n := looks(c, "", 99); n != 30 {
				t.Errorf("it is up after %d, want 30", n)
			}
		}
	})
}

func TestWhoSaysThatItRestartsGetsTenSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &count{Limits: Limits{Fall: 3, Rise: 4}}
		looks(c, "", 1)
		c.restarts(time.Now())
		if looks(c, "refused", 1); c.row != 0 {
			t.Error("a failure in that time counts")
		}
		if v, _ := c.vote(); v.Failing {
			t.Error("it is in doubt in that time")
		}
		if n := looks(c, "refused", 9); n != 3 {
			t.Errorf("it is down after %d more, want 3", n)
		}
	})
}

func TestAStartGoesOnFromWhatWasAgreed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &count{Limits: Limits{Fall: 3, Rise: 4}}
		c.begin(true, time.Now())
		if n := looks(c, "", 9); n != 4 {
			t.Errorf("it is up after %d, want 4", n)
		}
	})
}
