package mapped

import (
	"path/filepath"
	"syscall"
	"testing"
)

// Nobody writes to the pipe: who waits for that waits for ever.
func TestAPipeIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || err.Error() != "is a pipe, not a file" {
		t.Errorf("got %v", err)
	}
}
