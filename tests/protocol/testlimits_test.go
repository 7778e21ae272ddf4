package protocol

import (
	"strings"
	"testing"

	"tinycdn/tests/testkit"
)

// Thousands of questions come from one address, at servers that allow it a few a second: a cookie says that it is nobody's victim.
func TestNoRateLimitIsInTheWayOfTests(t *testing.T) {
	t.Parallel()
	c := newByHandFrom(t, testkit.Build(t, strings.Replace(liveFiles, `version = "one"`, "rrl = { rate = 10, exempt = [] }", 1)))
	out := c.run(0, "all right: ", "test", "--boundaries", "2000")
	if !strings.Contains(out, " at nyc, fra, syd (4 addresses)\n") {
		t.Error(out)
	}
}
