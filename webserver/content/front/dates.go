package front

import (
	"errors"
	"strings"
	"time"
)

// layouts are how dates are written, by hand and by the programs that wrote the front matter: those that Hugo reads.
var layouts = []string{
	"2006-1-2", time.RFC3339, "2006-1-2T15:4:5", "2006-1-2T15:4", "2006-1-2T15:4:5Z0700", "2006-1-2T15:4Z07:00",
	"2006-1-2 15:4:5", "2006-1-2 15:4", "2006-1-2 15:4:5Z0700", "2006-1-2 15:4:5Z07:00",
	"2006-1-2 15:4:5 Z0700", "2006-1-2 15:4:5 Z07:00", "2006-1-2 15:4 Z0700", "2006-1-2 15:4 Z07:00",
	"2006-1-2 15:4:5 -0700 MST", "2006-1-2 15:4:5 MST",
	"Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 MST",
	time.RFC822Z, time.RFC822, time.RFC850, time.ANSIC, time.UnixDate, time.RubyDate,
	"2 Jan 2006 15:04:05", "2 Jan 2006 15:04", "2 Jan 2006", "2 January 2006", "Jan 2, 2006", "January 2, 2006",
}

var errNoDate = errors.New("want a date like 2026-01-31 or 2026-01-31T18:30:00Z")

// date is a date, or one in quotes as many write it. An empty one is none.
func date(v any) (time.Time, error) {
	switch v := v.(type) {
	case nil:
		return time.Time{}, nil
	case time.Time:
		return v, nil
	case string:
		if v = strings.TrimSpace(v); v == "" {
			return time.Time{}, nil
		}
		for _, layout := range layouts {
			// In UTC no name of a zone means anything but itself, on whatever machine.
			if t, err := time.ParseInLocation(layout, v, time.UTC); err == nil && t.Year() > 0 {
				return t, nil
			}
		}
	}
	return time.Time{}, errNoDate
}
