package diag

import "slices"

// Report is told what is wrong with a setting: the keys that lead to it, and what.
type Report func(keys []string, format string, args ...any)

// At are the keys that lead to a setting.
func At(keys ...string) []string { return keys }

// Below is r for settings that stand below some keys.
func (r Report) Below(keys ...string) Report {
	return func(more []string, format string, args ...any) { r(slices.Concat(keys, more), format, args...) }
}

// Positive wants a number above 0.
func (r Report) Positive(keys []string, n int64) {
	if n <= 0 {
		r(keys, "must be above 0")
	}
}
