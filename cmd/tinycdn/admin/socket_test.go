package admin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// folder is one whose path is short enough for a socket.
func folder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "admin-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return folder
}

func ownerOf(info fs.FileInfo) [2]int {
	stat := info.Sys().(*syscall.Stat_t)
	return [2]int{int(stat.Uid), int(stat.Gid)}
}

func listen(t *testing.T, path string) *Socket {
	t.Helper()
	s, err := Listen(path, -1, -1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestSocketIsForRootAndTheUserAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(folder(t), "run", "admin.sock")
	uid, gid := os.Geteuid(), os.Getegid()
	if uid == 0 {
		uid, gid = 65534, 65534
	}
	s, err := Listen(path, uid, gid)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fs.FileMode{path: 0o660 | fs.ModeSocket, filepath.Dir(path): 0o755 | fs.ModeDir} {
		info, err := os.Lstat(path)
		if err != nil || info.Mode() != want {
			t.Errorf("%s: got %v, %v, want %v", path, info.Mode(), err, want)
		}
		if is := ownerOf(info); is != [2]int{uid, gid} {
			t.Errorf("%s belongs to %v", path, is)
		}
	}
	s.Close()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after the end: %v", err)
	}
}

func TestOnlyASocketThatNobodyListensAtGivesWay(t *testing.T) {
	t.Parallel()
	path := filepath.Join(folder(t), "admin.sock")
	first := listen(t, path)
	if _, err := Listen(path, -1, -1); err == nil || !strings.Contains(err.Error(), "somebody listens there already") {
		t.Errorf("while somebody listens: %v", err)
	}
	if err := os.Remove(path); err != nil { // as an operator may
		t.Fatal(err)
	}
	second := listen(t, path)
	first.Close()
	if conn, err := net.Dial("unix", path); err != nil {
		t.Errorf("the end of the one before has taken the socket along: %v", err)
	} else {
		conn.Close()
	}
	second.listener.Close() // as a process that was killed leaves it
	listen(t, path).Close()

	for name, make := range map[string]func() error{
		"a file":           func() error { return os.WriteFile(path, []byte("mine"), 0o600) },
		"a folder":         func() error { return os.Mkdir(path, 0o700) },
		"a link to a file": func() error { return os.Symlink("/etc/passwd", path) },
	} {
		if err := make(); err != nil {
			t.Fatal(err)
		}
		if _, err := Listen(path, -1, -1); err == nil || !strings.Contains(err.Error(), "is no socket") {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.Remove(path); err != nil {
			t.Errorf("%s is gone: %v", name, err)
		}
	}
}

func TestALinkInItsPlaceLeadsRootNowhere(t *testing.T) {
	t.Parallel()
	folder := folder(t)
	elsewhere, link := filepath.Join(folder, "file"), filepath.Join(folder, "run", "admin.sock")
	if err := errors.Join(os.WriteFile(elsewhere, nil, 0o600), os.Mkdir(filepath.Dir(link), 0o700), os.Symlink(elsewhere, link)); err != nil {
		t.Fatal(err)
	}
	if err := give(link, 65534, 65534, 0o660); err == nil {
		t.Error("it was given away")
	}
	if info, err := os.Lstat(elsewhere); err != nil || info.Mode() != 0o600 || ownerOf(info)[0] != os.Geteuid() {
		t.Errorf("got %v, %v", info, err)
	}
}

func TestWhatCannotBeIsToldInAFewWords(t *testing.T) {
	t.Parallel()
	folder := folder(t)
	if err := os.WriteFile(filepath.Join(folder, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(folder, "file", "admin.sock"):             "not a directory",
		filepath.Join(folder, "file", "run", "admin.sock"):      "not a directory",
		filepath.Join(folder, strings.Repeat("x", 120), "sock"): "invalid argument",
	} {
		if _, err := Listen(path, -1, -1); err == nil || err.Error() != want && !strings.HasSuffix(err.Error(), ": "+want) {
			t.Errorf("%s: got %v, want %s", path, err, want)
		}
	}
}

// serveSocket serves at a socket until the test ends.
func serveSocket(t *testing.T, handler http.HandlerFunc) (path string) {
	t.Helper()
	path = filepath.Join(folder(t), "admin.sock")
	s := listen(t, path)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Serve(ctx, handler, slog.New(slog.DiscardHandler))
	}()
	t.Cleanup(func() {
		stop()
		<-ended
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("after the stop: %v", err)
		}
	})
	return path
}

func TestPurgeAsksForTheURLAsItIsWritten(t *testing.T) {
	t.Parallel()
	path := serveSocket(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.Host {
		case "other.example":
			w.WriteHeader(http.StatusMisdirectedRequest)
		case "odd.example":
			fmt.Fprintln(w, "hello")
		default:
			if got := r.Method + " " + r.Host + r.RequestURI; got != "PURGE www.example.org/a%2Fb/*?c=%20d" {
				t.Errorf("got %s", got)
			}
			fmt.Fprintln(w, "17 forgotten")
		}
	})
	c, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for text, want := range map[string]string{
		"https://www.example.org/a%2Fb/*?c=%20d#e": "17 forgotten true <nil>",
		"http://other.example/":                    " false this POP has no site with the host other.example",
		"http://odd.example/":                      " false the POP's answer makes no sense: is it another program's socket?",
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		text, whole, err := c.Purge(u)
		if got := fmt.Sprint(text, " ", whole, " ", err); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestMoreThanAFewWait(t *testing.T) {
	t.Parallel()
	path := serveSocket(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "1 forgotten") })
	var idle []net.Conn
	for range mostConnections {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		idle = append(idle, conn)
	}
	c, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	done := make(chan error, 1)
	go func() {
		_, _, err := c.Purge(&url.URL{Host: "example.org", Path: "/"})
		done <- err
	}()
	for _, conn := range idle {
		conn.Close()
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestNobodyThereIsOneLineWithAHint(t *testing.T) {
	t.Parallel()
	path := filepath.Join(folder(t), "admin.sock")
	want := path + ": nobody listens there (does tinycdn run here? --config or --socket says where its socket is)"
	if _, err := Dial(path); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	listen(t, path).listener.Close()
	if _, err := Dial(path); err == nil || err.Error() != want {
		t.Errorf("of one that was killed: got %v", err)
	}
}
