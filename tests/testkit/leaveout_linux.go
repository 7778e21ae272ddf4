package testkit

import (
	"strings"
	"testing"
)

// leaveOut skips a test that this machine does not allow, as in a container or for who is not root, and says why. Whatever else
// goes wrong is a failure: what is left out by accident tells nothing.
func leaveOut(t testing.TB, what, why string) {
	t.Helper()
	for _, denied := range []string{"not permitted", "ermission denied", "/dev/net/tun: no such file", "RTNETLINK answers: Operation not supported"} {
		if strings.Contains(why, denied) {
			t.Skipf("%s: %s", what, why)
		}
	}
	t.Fatalf("%s: %s", what, why)
}
