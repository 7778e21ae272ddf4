// Package words puts spans of time, sizes and lists into words for a terminal.
package words

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Span is a span in its largest unit.
func Span(d time.Duration) string {
	switch hours, minutes := d.Round(time.Hour), d.Round(time.Minute); { // 1 h 59 min 59 s are 2 h
	case hours >= 48*time.Hour:
		return fmt.Sprintf("%d days", hours/(24*time.Hour))
	case minutes >= 2*time.Hour:
		return fmt.Sprintf("%d h", hours/time.Hour)
	case d.Round(time.Second) >= 2*time.Minute:
		return fmt.Sprintf("%d min", minutes/time.Minute)
	}
	return fmt.Sprintf("%d s", max(d, 0).Round(time.Second)/time.Second)
}

// Size is a number of octets in words.
func Size(n int64) string {
	switch {
	case n >= 10e9:
		return fmt.Sprintf("%d GB", n/1e9)
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 10e6:
		return fmt.Sprintf("%d MB", n/1e6)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%d kB", (n+999)/1000)
}

// Line is somebody's text as a terminal may show it.
func Line(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

// ASCII is a text of some server's as a terminal may show it, where there is no more in it than names, numbers and hashes.
func ASCII(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, text)
}

// Few is a list of which only the beginning is told.
func Few(list []string) string {
	const most = 10
	if len(list) > most {
		return fmt.Sprintf("%s   and %d more", strings.Join(list[:most], "   "), len(list)-most)
	}
	return strings.Join(list, "   ")
}

// Wrong is what is wrong at each POP, by name.
func Wrong(wrong map[string]error) string {
	var list []string
	for name, err := range wrong {
		list = append(list, fmt.Sprintf("%s: %v", name, err))
	}
	slices.Sort(list)
	return strings.Join(list, "; ")
}

// List is a list in one line.
func List[T fmt.Stringer](list []T) string {
	var texts []string
	for _, one := range list {
		texts = append(texts, one.String())
	}
	return strings.Join(texts, " ")
}
