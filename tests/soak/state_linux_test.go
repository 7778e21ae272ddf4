package soak

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tinycdn/tests/testkit"

	"github.com/miekg/dns"
)

// TestTheStateIsTheUsers: a start as root makes the state folder for the user whom the server becomes, who keeps copies there and
// nothing else anywhere. A start falls back to what only he, or root, can have written.
func TestTheStateIsTheUsers(t *testing.T) {
	t.Parallel()
	h := asUser(t, withPages)
	h.State = filepath.Join(t.TempDir(), "made", "state")
	for folder := filepath.Dir(filepath.Dir(h.State)); strings.HasPrefix(folder, os.TempDir()+"/"); folder = filepath.Dir(folder) {
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	os.Mkdir(filepath.Dir(h.State), 0o755)
	h.Start(t)
	config, zone := filepath.Join(h.Folder, "tinycdn.toml"), filepath.Join(h.Folder, "example.org.toml")
	below := filepath.Join(h.State, "last", strings.ReplaceAll(config[1:], "/", "-"))
	await(t, h, "the copies", func() bool {
		_, err := os.Stat(filepath.Join(below, zone))
		return err == nil
	})
	if err := h.Stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	owner := os.Geteuid()
	if owner == 0 {
		owner = testkit.Nobody
	}
	for path, mode := range map[string]os.FileMode{h.State: os.ModeDir | 0o750, filepath.Join(below, zone): 0o600, filepath.Join(below, config): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if is := int(info.Sys().(*syscall.Stat_t).Uid); is != owner || info.Mode() != mode {
			t.Errorf("%s: %v of user %d, want %v of %d", path, info.Mode(), is, mode, owner)
		}
	}

	good, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{config: string(good) + "\n[dsn]\n", zone: "half"} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	h.Start(t)
	if m := testkit.Exchange(t, h.Dial(t, "udp"), testkit.Query(t, "www.example.org.", dns.TypeA)); len(m.Answer) != 1 {
		t.Errorf("got %v\n%s", m, h.Log)
	}
	if count := strings.Count(h.Log.String(), `effect="the copy of `); count != 2 {
		t.Errorf("%d copies are told of, want 2\n%s", count, h.Log)
	}
	if err := h.Stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 {
		return
	}
	if err := os.Chown(filepath.Join(below, config), testkit.Nobody-1, -1); err != nil {
		t.Fatal(err)
	}
	h.Start(t)
	if log := h.Log.String(); !strings.Contains(log, `unknown key \"dsn\" (did you mean \"dns\"?)" effect="it is as if that had not been written"`) {
		t.Errorf("somebody else's copy of the configuration is used\n%s", log)
	}
}
