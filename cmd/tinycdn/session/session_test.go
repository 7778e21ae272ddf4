package session

import (
	"fmt"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
)

func TestAClockThatIsOffIsSeen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		nyc, fra, syd time.Duration // by which the clock here is ahead
		want          string
	}{
		{0, time.Second, -50 * time.Second, "<nil>"},
		{2 * time.Hour, 2 * time.Hour, 2 * time.Hour, "this machine's clock is 2 h ahead of fra, nyc, syd"},
		{-5 * time.Minute, 0, -5 * time.Minute, "this machine's clock is 5 min behind nyc, syd"},
		{0, 0, 2 * time.Hour, "<nil>"}, // it is syd's
	} {
		err := clockIsOff(map[string]cluster.Status{"nyc": {Ahead: c.nyc}, "fra": {Ahead: c.fra}, "syd": {Ahead: c.syd}})
		if got := fmt.Sprint(err); got != c.want {
			t.Errorf("%v: %s, want %s", c, got, c.want)
		}
	}
}
