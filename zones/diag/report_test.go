package diag

import (
	"testing"
	"time"
)

// A time counts nanoseconds, which on a machine of 32 bits need more than an int: cut off, 30 seconds would be below 0.
func TestANumberOfAnySizeIsAboveZero(t *testing.T) {
	t.Parallel()
	for n, fine := range map[int64]bool{-1: false, 0: false, 1: true, int64(30 * time.Second): true, 1 << 32: true} {
		reported := false
		Report(func([]string, string, ...any) { reported = true }).Positive(At("n"), n)
		if reported == fine {
			t.Errorf("%d: reported %v", n, reported)
		}
	}
}
