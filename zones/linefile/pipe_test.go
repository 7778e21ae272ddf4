package linefile

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// Nobody reads the pipe: who opens it, or writes to it, waits for ever.
func TestAPipeInPlaceOfTheFileIsToldOnceAndMakesNobodyWait(t *testing.T) {
	t.Parallel()
	var events bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		f, file := newFile(t, &events)
		end := running(t, f)
		if err := errors.Join(os.Rename(file, file+".1"), syscall.Mkfifo(file, 0o600)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * flushEvery)
		f.Add(aLine)
		end()
		if got := strings.Count(read(t, file+".1"), "\n"); got != 1 {
			t.Errorf("%d lines in the file that was moved away", got)
		}
		if got := events.String(); strings.Count(got, "is a pipe, not a file") != 1 {
			t.Errorf("got %s", got)
		}
	})
}
