package stories

import (
	"strings"
	"testing"

	"tinycdn/tests/testkit"
)

// TestTopAtATerminal is drawn anew each second on a screen of its own, until q, and leaves the terminal as it was: one without a size, too, such
// as a serial line.
func TestTopAtATerminal(t *testing.T) {
	t.Parallel()
	h := testkit.Start(t, watched)
	const first, last = "\x1b[?1049h\x1b[?25l\x1b[H", "\x1b[?25h\x1b[?1049l"
	quit := false // once: behind the end the terminal would show it
	shown, err := testkit.AtTerminal(t, testkit.Command("top", "--socket", h.AdminSocket()), func(shown string) string {
		if !quit && strings.Count(shown, "questions/s") >= 2 {
			quit = true
			return "q"
		}
		return ""
	})
	if err != nil || !strings.HasPrefix(shown, first+"nyc  ") || !strings.HasSuffix(shown, last) {
		t.Errorf("%v: %q", err, shown)
	}
	if strings.Contains(strings.ReplaceAll(shown, "\x1b[K\r\n", ""), "\n") {
		t.Errorf("a line that ends otherwise leaves what was there: %q", shown)
	}
}
