package soak

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tinycdn/tests/testkit"
)

// TestRestartThatFailsCostsNothing: what is wrong with the program or with its files is told in a line, and the server goes on.
func TestRestartThatFailsCostsNothing(t *testing.T) {
	t.Parallel()
	h := restartHost(t)
	before, err := os.ReadFile(filepath.Join(h.Folder, "tinycdn.toml"))
	if err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.3:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	junk := filepath.Join(h.Folder, "junk")
	for _, test := range []struct {
		what  string
		spoil func()
		want  string
	}{
		{"a mistake", func() { h.Replace("tinycdn.toml", strings.Replace(string(before), "http3", "htttp3", 1)) }, `tinycdn.toml:`},
		{"a mistake in a zone", func() { h.Replace("example.org.toml", "[records]\nwww = { A = '192.0.2.256' }\n") }, `example.org.toml:2: `},
		{"another address", func() {
			h.Replace("tinycdn.toml", strings.Replace(string(before), `listen = "127.0.0.1:`, `listen = "127.0.0.2:`, 1))
		}, ": listened on until now, and to be no more (that needs a restart by the service manager)"},
		{"one address more, which is taken", func() {
			https := fmt.Sprintf(`"127.0.0.1:%d"`, h.Ports.HTTPS)
			h.Replace("tinycdn.toml", strings.Replace(string(before), https, fmt.Sprintf(`[%s, "%s"]`, https, taken.Addr()), 1))
		}, "an address that is new cannot be listened on (that needs a restart by the service manager)"},
		{"a broken program", func() {
			os.WriteFile(junk, []byte("junk"), 0o755)
			install(t, h, junk)
		}, "bin/tinycdn cannot be run: exec format error"},
		{"no program", func() { os.Remove(h.Program) }, "bin/tinycdn cannot be run: no such file or directory"},
	} {
		zone, err := os.ReadFile(filepath.Join(h.Folder, "example.org.toml"))
		if err != nil {
			t.Fatal(err)
		}
		test.spoil()
		out, err := restart(h)
		if err == nil || !strings.Contains(out, "there is no restart: ") || !strings.Contains(out, test.want) {
			t.Errorf("%s: got %v: %s\nwant %s\n%s", test.what, err, out, test.want, h.Log)
		}
		if lines := strings.Count(h.Log.String(), "level=ERROR msg=\"there is no restart: "); lines == 0 {
			t.Errorf("%s is not logged\n%s", test.what, h.Log)
		}
		h.WantServed(t, "127.0.0.1")
		h.WantPage(t)
		h.Replace("tinycdn.toml", string(before))
		h.Replace("example.org.toml", string(zone))
		install(t, h, testkit.Program())
		if list := processesOf(t, h.Program); len(list) > 1 {
			t.Errorf("%s: processes are left: %v", test.what, list)
		}
	}
	wantNothingLeft(t, h, 0)
}

// TestSignalInTheMidstOfARestartEndsAll: whenever it comes, neither a process nor the socket is left.
func TestSignalInTheMidstOfARestartEndsAll(t *testing.T) {
	t.Parallel()
	for what, midst := range map[string]func(h *testkit.Host) bool{
		"while the stand-in loads":   func(h *testkit.Host) bool { return strings.Contains(h.Log.String(), "msg=\"restarting: ") },
		"while the successor loads":  func(h *testkit.Host) bool { return strings.Contains(h.Log.String(), "msg=\"the new program loads") },
		"when the successor answers": func(h *testkit.Host) bool { return strings.Count(h.Log.String(), "msg=ready") == 2 },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			h := restartHost(t)
			if err := h.Cmd.Process.Signal(syscall.SIGUSR2); err != nil {
				t.Fatal(err)
			}
			await(t, h, what, func() bool { return midst(h) })
			socket := h.AdminSocket()
			if err := h.Stop(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
			if _, err := os.Lstat(socket); err == nil {
				t.Errorf("%s is left\n%s", socket, h.Log)
			}
			if list := processesOf(t, h.Program); len(list) > 0 {
				t.Errorf("processes are left: %v", list)
			}
		})
	}
}

// TestKilledServerTakesItsStandInAlong: nobody would end it.
func TestKilledServerTakesItsStandInAlong(t *testing.T) {
	t.Parallel()
	h := restartHost(t)
	h.Cmd.Process.Signal(syscall.SIGUSR2)
	await(t, h, "a stand-in", func() bool { return len(processesOf(t, h.Program)) == 2 })
	h.Kill()
	await(t, h, "the end of the stand-in", func() bool { return len(processesOf(t, h.Program)) == 0 })
}

// TestRestartAsTheUser: who is nobody by now gains nothing, and needs nothing of what root had at the start.
func TestRestartAsTheUser(t *testing.T) {
	t.Parallel()
	h := asUser(t, withPages)
	if err := os.Chmod(filepath.Join(h.Folder, "log"), 0o777); err != nil {
		t.Fatal(err)
	}
	h.Start(t)
	for round := range 3 {
		if out, err := restart(h); err != nil {
			t.Fatalf("restart %d: %v: %s\n%s", round, err, out, h.Log)
		}
	}
	h.WantServed(t, "127.0.0.1")
	h.WantPage(t)
	allThreads(t, h, "CapPrm:\t0{16}\nCapEff:\t0{16}\n(.*\n)*NoNewPrivs:\t1\n")
	await(t, h, "the visit in the access log", func() bool {
		text, err := os.ReadFile(filepath.Join(h.Folder, "log", "access.log"))
		return err == nil && strings.Contains(string(text), "GET / ")
	})
	if notices := h.Notices.String(); strings.Contains(notices, "STOPPING") || strings.Count(notices, "READY=1") != 4 {
		t.Errorf("the service manager is told\n%s", notices)
	}
}
