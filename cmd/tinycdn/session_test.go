package main

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

func TestWhatAPOPSaysOfItselfCounts(t *testing.T) {
	t.Parallel()
	rows := rowsOf(map[string]cluster.Status{
		"nyc": {Rows: map[string]cluster.Row{"nyc": {Counter: 7, Version: "here"}, "fra": {Counter: 9, Version: "old"}, "syd": {Counter: 1, Version: "old"}}},
		"fra": {Rows: map[string]cluster.Row{"nyc": {Counter: 8, Version: "old"}, "fra": {Version: "restarted"}, "syd": {Counter: 2, Version: "newer"}}},
	})
	for name, want := range map[string]string{"nyc": "here", "fra": "restarted", "syd": "newer"} {
		if got := rows[name].Version; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}
