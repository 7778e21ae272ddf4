package diag

import (
	"path/filepath"
	"testing"
	"time"
)

// An edit in place that leaves the size and puts back the time (rsync --inplace --times) is seen.
func TestAnEditThatPutsBackSizeAndTimeIsSeen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	if err := rewrite(path, "text", noon); err != nil {
		t.Fatal(err)
	}
	before := Stat([]string{path})
	for end := time.Now().Add(30 * time.Second); before.Unchanged(); { // the kernel's clock for files ticks every few milliseconds
		if err := rewrite(path, "TEXT", noon); err != nil || time.Now().After(end) {
			t.Fatal("not seen", err)
		}
	}
}
