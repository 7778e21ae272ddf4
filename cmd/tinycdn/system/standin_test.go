package system

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestStandInThatIsNone: a program that cannot be run, or that is another, is told, and nothing is left of it.
func TestStandInThatIsNone(t *testing.T) { // not beside others that start programs, which would hold the file open
	junk := filepath.Join(t.TempDir(), "junk")
	if err := os.WriteFile(junk, []byte("junk"), 0o755); err != nil {
		t.Fatal(err)
	}
	for program, want := range map[string]string{
		"/nowhere":   "/nowhere cannot be run: no such file or directory",
		junk:         junk + " cannot be run: exec format error",
		"/bin/false": "the new process has ended before it answered: exit status 1",
		"/bin/true":  "the new process has ended before it answered: exit status 0",
	} {
		s, err := StartStandIn(program, Handover{})
		if err == nil {
			err = s.Await(t.Context())
		}
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", program, err, want)
		}
	}
}

func TestAnErrorIsToldInALine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"one": "one", "one\ntwo\nthree": "one (and 2 more: tinycdn check)", "one\ntwo": "one (and 1 more: tinycdn check)"} {
		if got := textOf(errors.New(text)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestHandoverOfNobody: a variable that was left over is no reason to read from somebody's file.
func TestHandoverOfNobody(t *testing.T) {
	for value, want := range map[string]string{"x": "is no descriptor", "1": "is no descriptor", "987654": "is no pipe"} {
		t.Setenv(handoverVariable, value)
		if _, err := TakeHandover(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", value, err, want)
		}
		if _, is := os.LookupEnv(handoverVariable); is {
			t.Errorf("%s: programs that this one starts would find it", value)
		}
	}
}
