package protocol

import (
	"strings"
	"testing"
)

// At a terminal a line counts, and is gone at the end.
func TestAtATerminalALineCountsTests(t *testing.T) {
	t.Parallel()
	c := tested(t)
	shown := c.atTerminal(nil, nil, "test")
	counted, told, wiped := strings.Cut(shown, "\r\x1b[K")
	if !wiped || !strings.Contains(counted, "\r50 of 72") || told != "all right: 72 tests at nyc, fra, syd (4 addresses)\r\n" {
		t.Errorf("the terminal shows %q", shown)
	}
	if out := c.run(0, "", "test"); strings.Contains(out, " of 72") {
		t.Errorf("without a terminal: %q", out)
	}
}
