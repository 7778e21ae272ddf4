package linefile

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestLinesThatAFullDiskDoesNotTakeAreCountedAndToldOnce(t *testing.T) {
	t.Parallel()
	var events bytes.Buffer
	f, _ := newFile(t, &events)
	f.file.Close()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.file = full // and it is closed at the end
	for range 3 {
		f.Add(aLine)
		f.Add(aLine)
		f.flush(nil)
	}
	if got := f.Lost(); got != 6 {
		t.Errorf("%d lines are counted as lost, want 6", got)
	}
	if got := events.String(); strings.Count(got, "level=WARN") != 1 || !strings.Contains(got, "the access log cannot be written") {
		t.Errorf("the log is\n%s", got)
	}
}
