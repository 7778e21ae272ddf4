package protocol

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tinycdn/tests/testkit"
)

// TestTrustedProxyIntroducesItsVisitors speaks the PROXY protocol, in both versions, to a server that trusts us: its log
// has the visitors' addresses. (To one that does not it is bad input.)
func TestTrustedProxyIntroducesItsVisitors(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, strings.Replace(testkit.Sites, `access_log     = { file = "access.log" }`, "trusted = \"127.0.0.1\"\naccess_log = { file = \"access.log\", addresses = \"full\" }", 1))
	h.StartWeb(t)
	second := "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + "\xcb\x00\x71\x02" + "\xc0\x00\x02\x01" + "\x04\xd2\x00\x50" // 203.0.113.2
	for _, introduction := range []string{"PROXY TCP4 203.0.113.1 192.0.2.1 1234 80\r\n", second, "PROXY TCP6 2001:db8::1 2001:db8::2 1234 80\r\n", ""} {
		// A page that is ready, and one that another has to write.
		for _, path := range []string{"/", "/assets/app.js?a=b"} {
			if status, text, _, err := sendRaw(h, introduction+testkit.GetRequest(path), false); status != 200 || err != nil {
				t.Errorf("%q: got %d %v\n%s", introduction, status, err, text)
			}
		}
	}
	if err := h.Stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(filepath.Join(h.Folder, "access.log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"203.0.113.1", "203.0.113.2", "2001:db8::1", "127.0.0.1"} {
		if count := strings.Count("\n"+string(log), "\n"+address+" - - "); count != 2 {
			t.Errorf("%s is %d times in the log, want 2:\n%s", address, count, log)
		}
	}
}
