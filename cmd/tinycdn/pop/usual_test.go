package pop

import (
	"testing"
	"time"
)

// TestWhoIsAskedAsUsualHearsTheWorld goes through minutes with so many questions each.
func TestWhoIsAskedAsUsualHearsTheWorld(t *testing.T) {
	t.Parallel()
	type step struct {
		minutes int
		each    uint64
		want    bool
	}
	for name, steps := range map[string][]step{
		"a start":                      {{14, 100, false}, {1, 100, true}},
		"nobody asks":                  {{60, 0, false}},
		"hardly anybody asks":          {{60, 1, true}, {60, 0, false}},
		"it is cut off":                {{60, 100, true}, {2, 0, true}, {1, 0, false}, {60, 0, false}},
		"its neighbour is dead":        {{60, 100, true}, {60, 200, true}},
		"the night":                    {{60, 100, true}, {60, 60, true}},
		"what it lost a POP took over": {{60, 100, true}, {10, 40, false}},
	} {
		var u usual
		now, count := time.Unix(1764452000, 0), uint64(12345)
		u.note(now, count)
		for _, s := range steps {
			for range s.minutes {
				now, count = now.Add(time.Minute), count+s.each
				u.note(now, count)
			}
			if got := u.goesOn(); got != s.want {
				t.Errorf("%s: after %d minutes of %d: got %v, want %v, of %v", name, s.minutes, s.each, got, s.want, u.minutes)
			}
		}
	}
	var u usual
	now := time.Unix(1764452000, 0)
	for i := range 60 * 60 {
		u.note(now.Add(time.Duration(i)*time.Second), uint64(10*i))
	}
	if !u.goesOn() {
		t.Error("it is asked as usual")
	}
	last := u.minutes[len(u.minutes)-1]
	if u.note(now.Add(time.Hour+time.Minute), 5); u.goesOn() != true || u.minutes[len(u.minutes)-1] > last {
		t.Errorf("a socket that has gone took its count along: %v", u.minutes)
	}
	if u.note(now.Add(3*time.Hour), 36000); u.goesOn() {
		t.Error("a machine that has slept knows nothing")
	}
}
