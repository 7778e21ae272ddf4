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

func TestSpansAndSizesInWords(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"0 s": spanText(-time.Second), "90 s": spanText(90 * time.Second), "3 min": spanText(3 * time.Minute), "2 h": spanText(2 * time.Hour), "2 days": spanText(50 * time.Hour),
		"2 min": spanText(2*time.Minute - 1), "119 min": spanText(119 * time.Minute), "47 h": spanText(47 * time.Hour),
		"0 kB": sizeText(0), "1 kB": sizeText(1), "14 kB": sizeText(13_500), "3.2 MB": sizeText(3_200_000), "300 MB": sizeText(300_000_000), "1.5 GB": sizeText(1_500_000_000),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
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
