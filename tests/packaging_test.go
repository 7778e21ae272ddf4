package tests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestServiceManagersNeverGiveUp: whatever keeps tinycdn from starting may be over in a moment, and nobody is there to
// start it again.
func TestServiceManagersNeverGiveUp(t *testing.T) {
	t.Parallel()
	for file, want := range map[string][]string{
		// systemd.unit(5): in another section it is ignored; 0 is no limit.
		"tinycdn.service": {"[Unit]StartLimitIntervalSec=0", "[Service]Restart=always"},
		// supervise-daemon(8): 0 is no limit.
		"tinycdn.openrc": {`supervisor="supervise-daemon"`, "respawn_max=0"},
		// dinit-service(5): 0 is no limit. With a ready-notification, an end before it is a failed start, after which
		// dinit does nothing more.
		"tinycdn.dinit": {"restart=true", "restart-limit-count=0", "!ready-notification"},
	} {
		has := settings(t, filepath.Join("..", "packaging", file))
		for _, setting := range want {
			if key, unwanted := strings.CutPrefix(setting, "!"); unwanted && has[key] {
				t.Errorf("packaging/%s has %s", file, key)
			} else if !unwanted && !has[setting] {
				t.Errorf("packaging/%s lacks %s", file, setting)
			}
		}
	}
}

// TestServiceManagersLeaveItRoomAndTime: for a thread for each file of a slow disk, for a farewell to the last visitor; and with
// nothing that it has no use for.
func TestServiceManagersLeaveItRoomAndTime(t *testing.T) {
	t.Parallel()
	for file, want := range map[string][]string{
		// systemd.resource-control(5), systemd.exec(5)
		"tinycdn.service": {
			"[Service]TasksMax=4096", "[Service]MemoryMax=80%", "[Service]OOMScoreAdjust=-500", "[Service]TimeoutStopSec=20",
			"[Service]NoNewPrivileges=yes", "[Service]CapabilityBoundingSet=CAP_NET_BIND_SERVICE",
			"[Service]RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
			"[Service]SystemCallFilter=landlock_create_ruleset landlock_add_rule landlock_restrict_self",
			"[Service]RuntimeDirectory=tinycdn", "[Service]RuntimeDirectoryMode=0755",
			"[Service]StateDirectory=tinycdn", "[Service]StateDirectoryMode=0750",
		},
		// Their own limits of time are five and ten seconds.
		"tinycdn.openrc": {`retry="TERM/20/KILL/5"`, `no_new_privs="yes"`},
		"tinycdn.dinit":  {"stop-timeout=20", "options=no-new-privs"},
	} {
		has := settings(t, filepath.Join("..", "packaging", file))
		for _, setting := range want {
			if !has[setting] {
				t.Errorf("packaging/%s lacks %s", file, setting)
			}
		}
	}
}

// settings are the keys of a file of settings, and the keys with their values, each behind its section's name. Of a key
// that is given twice, the last value counts.
func settings(t *testing.T, path string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	section, values := "", map[string]string{}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = line
		} else if key, value, ok := strings.Cut(line, "="); ok {
			values[section+strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	has := map[string]bool{}
	for key, value := range values {
		has[key], has[key+"="+value] = true, true
	}
	return has
}
