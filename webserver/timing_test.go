package webserver

import (
	"reflect"
	"testing"
	"time"

	"tinycdn/webserver/page"
)

func TestTimingIsInMilliseconds(t *testing.T) {
	t.Parallel()
	fra, nowhere := newTimings("fra"), newTimings("")
	for _, c := range []struct {
		took time.Duration
		word page.Result
		want string
	}{
		{0, page.Hit, "gen;dur=0.000, cache;desc=hit"},
		{2400 * time.Nanosecond, page.Hit, "gen;dur=0.002, cache;desc=hit"},
		{2500 * time.Nanosecond, page.Hit, "gen;dur=0.003, cache;desc=hit"},
		{2500 * time.Nanosecond, page.Miss, "gen;dur=0.003, cache;desc=miss"},
		{255 * time.Microsecond, page.Hit, "gen;dur=0.255, cache;desc=hit"},
		{256 * time.Microsecond, page.Hit, "gen;dur=0.256, cache;desc=hit"},
		{12345 * time.Microsecond, page.Renew, "gen;dur=12.345, cache;desc=revalidated"},
		{time.Minute, page.Pass, "gen;dur=60000.000, cache;desc=pass"},
		{-time.Microsecond, page.Hit, "gen;dur=-0.001, cache;desc=hit"},
	} {
		for timings, pop := range map[*timings]string{fra: ", pop;desc=fra", nowhere: ""} {
			got, want := timings.head(c.took, c.word), page.NewHead(page.Field{Name: "Server-Timing", Value: c.want + pop})
			if !reflect.DeepEqual(*got, want) {
				t.Errorf("%v, %v: got %q, want %q", c.took, c.word, got.Text, want.Text)
			}
		}
	}
}
