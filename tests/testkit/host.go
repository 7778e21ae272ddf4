package testkit

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// Host is a machine with a tinycdn: its files, its ports, and the server once it is started.
type Host struct {
	*Process
	Folder    string
	Ports     Ports
	Address   string       // of the nameserver, for clients
	FileLimit int          // that the server may have open; 0: as many as the test
	Program   string       // that is run; "": the one under test
	App       http.Handler // the application behind it; nil: the files of the folder app
	State     string       // its state folder; "": another one at each start
}

// Build lays out the files of an archive, in which $PORT, $HTTP, $HTTPS and $APP are ports of the host's own, and
// starts nothing.
func Build(t *testing.T, archive string) *Host {
	t.Helper()
	ports, err := FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	h := &Host{Folder: t.TempDir(), Ports: ports, Address: fmt.Sprintf("127.0.0.1:%d", ports.DNS)}
	for _, file := range txtar.Parse([]byte(archive)).Files {
		path := filepath.Join(h.Folder, file.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := ports.WriteInto(h.Folder); err != nil {
		t.Fatal(err)
	}
	return h
}

// Start builds a host and starts its server, which must stop willingly at the end.
func Start(t *testing.T, archive string) *Host {
	t.Helper()
	h := Build(t, archive)
	h.Start(t)
	return h
}

// Start starts the server, and waits until it is ready.
func (h *Host) Start(t *testing.T) {
	t.Helper()
	h.Launch(t)
	if err := h.Ready(); err != nil {
		t.Fatal(err)
	}
}

// Launch starts the server and does not wait for it.
func (h *Host) Launch(t *testing.T) {
	t.Helper()
	cmd := Command("serve")
	if h.FileLimit > 0 {
		limited := append([]string{"-c", fmt.Sprintf(`ulimit -n %d && exec "$0" "$@"`, h.FileLimit)}, cmd.Args...)
		cmd = exec.Command("sh", limited...)
	}
	if h.Program != "" {
		cmd = exec.Command(h.Program, cmd.Args[1:]...)
	}
	cmd.Dir = h.Folder
	if h.State != "" {
		cmd.Env = append(os.Environ(), "TINYCDN_STATE="+h.State)
	}
	s, err := Launch(cmd)
	if err != nil {
		t.Fatal(err)
	}
	h.Process = s
	t.Cleanup(func() {
		if s.stopped {
			return
		}
		if err := s.Stop(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
	})
}

// Replace puts a file in place as an editor does.
func (h *Host) Replace(name, text string) error {
	return ReplaceFile(filepath.Join(h.Folder, name), func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}
