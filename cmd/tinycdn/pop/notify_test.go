package pop

import (
	"testing"
	"time"
)

func TestOnceAWeekIsOnMondays(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"2026-11-29T22:00:00Z":      "2026-11-30T09:00:00Z",
		"2026-11-30T08:59:59Z":      "2026-11-30T09:00:00Z",
		"2026-11-30T09:00:00Z":      "2026-12-07T09:00:00Z",
		"2026-12-05T23:30:00-05:00": "2026-12-07T09:00:00Z",
		"2026-12-28T10:00:00Z":      "2027-01-04T09:00:00Z",
	} {
		now, err := time.Parse(time.RFC3339, from)
		if err != nil {
			t.Fatal(err)
		}
		if got := nextWeekly(now).Format(time.RFC3339); got != want {
			t.Errorf("from %s: got %s, want %s", from, got, want)
		}
	}
}
