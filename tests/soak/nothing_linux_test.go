package soak

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tinycdn/tests/testkit"
)

const folderHost = `
-- tinycdn.toml --
zones = ["zones/*.zone", "other.zone"]
dns.listen = "127.0.0.1:$PORT"
-- other.zone --
$TTL 60
@ SOA ns.example.net. h 1 2 3 4 300
@ NS ns.example.net.
-- zones/example.org.zone --
$TTL 60
@ SOA ns.example.net. h 1 2 3 4 300
@ NS ns.example.net.
www A 192.0.2.80
`

// launchAsNobody starts tinycdn as a user who may not read everything.
func launchAsNobody(t *testing.T, h *testkit.Host) {
	t.Helper()
	letAnybodyRead(t, h)
	cmd := testkit.Command("serve")
	cmd.Dir = h.Folder
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: testkit.Nobody, Gid: testkit.Nobody}}
	}
	s, err := testkit.Launch(cmd)
	if err != nil {
		t.Fatal(err)
	}
	h.Process = s
	t.Cleanup(func() {
		if err := s.Stop(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
	})
}

func wantLog(t *testing.T, h *testkit.Host, n int, text string) (next int) {
	t.Helper()
	next, found := h.Log.Await(n, h.Exited, func(line string) bool { return strings.Contains(strings.ReplaceAll(line, `\"`, `"`), text) })
	if !found {
		t.Fatalf("no line of the log has %s:\n%s", text, h.Log)
	}
	return next
}

// allow gives a folder to everybody, or to nobody but its owner, who is none of them.
func allow(t *testing.T, h *testkit.Host, folder string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(filepath.Join(h.Folder, folder), mode); err != nil {
		t.Fatal(err)
	}
}

// A folder that tinycdn may not read, with all zones in it: it answers, but is not ready before there is something to serve.
func TestWithNothingToServeTinycdnIsNotReady(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, strings.Replace(folderHost, `, "other.zone"`, "", 1))
	allow(t, h, "zones", 0)
	launchAsNobody(t, h)
	n := wantLog(t, h, 0, `msg="tinycdn.toml:1: zones: zones: permission denied`)
	n = wantLog(t, h, n, `level=ERROR msg="there is no zone and no site to serve"`)
	if list, _ := h.Notices.From(0); strings.Contains(strings.Join(list, "\n"), "READY=1") {
		t.Errorf("the service manager is told %q", list)
	}
	// A reload is asked for: that is no reason to be ready either.
	if err := h.Cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	n = wantLog(t, h, n, "permission denied")
	allow(t, h, "zones", 0o755)
	if err := h.Ready(); err != nil {
		t.Fatal(err)
	}
	wantLog(t, h, n, `msg=ready`)
	h.WantServed(t, "127.0.0.1")
}

// A folder that may no longer be read keeps its zones, also if a reload is asked for: nobody can know what is in it.
func TestAnUnreadableFolderKeepsItsZones(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, folderHost)
	launchAsNobody(t, h)
	if err := h.Ready(); err != nil {
		t.Fatal(err)
	}
	allow(t, h, "zones", 0)
	kept := `msg="tinycdn.toml:1: zones: zones: permission denied`
	n := wantLog(t, h, 0, kept)
	h.WantServed(t, "127.0.0.1")
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	wantLog(t, h, n, kept)
	h.WantServed(t, "127.0.0.1")
}
