package diag

import (
	"errors"
	"testing"
)

func TestUnquotedTellsNumbersAndKindsAlone(t *testing.T) {
	t.Parallel()
	args := []any{"secret", 14, Kind("a kind"), errors.New("secret"), []byte("secret"), uint32(5)}
	if got, want := Unquoted("%s is on line %d: %v, %v, %q, %d", args), "... is on line 14: a kind, ..., ..., 5"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
