package upload

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestOnlyTheTimeThatWeWaitCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wait, pause time.Duration // by turns
		octets      int           // that each wait brings
		over        time.Duration // of waiting; 0: never
	}{
		"as slow as may be":           {time.Second, 0, leastSpeed * 32 / 30, 0},
		"a little slower":             {time.Second, 0, leastSpeed - 1, paceTime},
		"nothing":                     {time.Hour, 0, 0, paceTime},
		"much, after a long while":    {paceTime - time.Second, 0, 2 * stretch, 0},
		"much, after too long":        {paceTime + time.Second, 0, 2 * stretch, paceTime},
		"fast, for who is slow":       {time.Millisecond, time.Hour, 1, 0},
		"slow, for who is slow":       {time.Second, time.Hour, 1, paceTime},
		"an octet, again and again":   {paceTime - time.Second, time.Second, 1, paceTime},
		"all that is there, each day": {0, 24 * time.Hour, 1 << 20, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			var late atomic.Bool
			var p pace
			p.late = func() { late.Store(true) }
			var waited time.Duration
			for range 100 {
				p.begin()
				for end := time.Now().Add(c.wait); time.Now().Before(end) && !late.Load(); {
					step := min(time.Until(end), time.Second)
					time.Sleep(step)
					synctest.Wait()
					waited += step
				}
				p.end(c.octets)
				if late.Load() {
					break
				}
				time.Sleep(c.pause)
			}
			p.stop()
			if late.Load() != (c.over != 0) || late.Load() && waited != c.over {
				t.Errorf("%s: too slow: %v, after %v, want %v", name, late.Load(), waited, c.over)
			}
		})
	}
}
