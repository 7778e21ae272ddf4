package pop

import (
	"testing"
	"time"
)

func TestARateIsThatOfTheLastSeconds(t *testing.T) {
	t.Parallel()
	var r rate
	begin := time.Now()
	for _, step := range []struct {
		after time.Duration
		count uint64
		want  float64
	}{{0, 1000, 0}, {5 * time.Second, 1050, 0}, {10 * time.Second, 1100, 10}, {19 * time.Second, 9000, 10}, {30 * time.Second, 1140, 2}, {40 * time.Second, 7, 2}, {50 * time.Second, 107, 10}} {
		if got := r.note(begin.Add(step.after), step.count); got != step.want {
			t.Errorf("after %v: got %v, want %v", step.after, got, step.want)
		}
	}
}
