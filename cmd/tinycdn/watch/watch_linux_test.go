package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// machine is a folder of files, and a Watcher of some of them.
type machine struct {
	t       *testing.T
	dir     string
	watcher *Watcher
	paths   []Path
}

func newMachine(t *testing.T, paths ...Path) *machine {
	t.Parallel()
	m := &machine{t: t, dir: t.TempDir(), watcher: New(slog.New(slog.DiscardHandler))}
	for _, p := range paths {
		m.paths = append(m.paths, Path{filepath.Join(m.dir, p.Path), p.Inside})
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { m.watcher.Run(ctx); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })
	return m
}

// do does what is written: "mkdir a", "link a -> b", "write a", "mv a b", "rm a".
func (m *machine) do(steps string) {
	m.t.Helper()
	for step := range strings.SplitSeq(steps, "; ") {
		words := strings.Fields(step)
		path, last := filepath.Join(m.dir, words[1]), words[len(words)-1]
		var err error
		switch words[0] {
		case "mkdir":
			err = os.Mkdir(path, 0o700)
		case "link":
			if strings.HasPrefix(last, "/") {
				last = m.dir + last
			}
			err = os.Symlink(last, path)
		case "write":
			err = os.WriteFile(path, []byte(time.Now().String()), 0o600)
		case "mv":
			err = os.Rename(path, filepath.Join(m.dir, last))
		case "rm":
			err = os.RemoveAll(path)
		}
		if err != nil {
			m.t.Fatal(step, err)
		}
	}
}

// settle waits until nothing more is told, as a reload would, and watches what there is now.
func (m *machine) settle() {
	m.t.Helper()
	for {
		m.watcher.Watch(m.paths, nil)
		select {
		case <-m.watcher.Files.C:
		case <-time.After(3 * maxDelay):
			m.t.Fatal("nothing is told")
		}
		if !m.watcher.Stale() {
			return
		}
	}
}

// wantTold does something, which must be told, long before it is time to look anyway.
func (m *machine) wantTold(steps string) {
	m.t.Helper()
	for len(m.watcher.Files.C) > 0 {
		<-m.watcher.Files.C
	}
	m.do(steps)
	select {
	case <-m.watcher.Files.C:
	case <-time.After(poll / 2):
		m.t.Errorf("%s: not told", steps)
	}
	if m.watcher.Stale() {
		m.watcher.Watch(m.paths, nil)
		select { // what was watched for the first time is looked at once more
		case <-m.watcher.Files.C:
		case <-time.After(3 * delay):
		}
	}
}

func TestAFolderBehindALinkIsWatchedWhereverItLeads(t *testing.T) {
	m := newMachine(t, Path{"zones/a.zone", false}, Path{"zones", true})
	m.do("mkdir za; mkdir zb; link zones -> za; write za/a.zone; write zb/a.zone")
	m.settle()
	for _, steps := range []string{
		"write za/a.zone",
		"link tmp -> zb; mv tmp zones", "write zb/a.zone",
		"rm zones; mkdir zones; write zones/a.zone", "write zones/a.zone", "write zones/b.zone",
		"mkdir new; write new/a.zone; mv zones old; mv new zones", "write zones/a.zone",
		"rm zones; link zones -> /za", "write za/a.zone",
		"rm za", "mkdir za", "write za/a.zone",
		"link far -> za; link tmp -> far; mv tmp zones", "write za/a.zone",
		"rm far; link far -> ../" + filepath.Base(m.dir) + "/zb", "write zb/a.zone",
	} {
		m.wantTold(steps)
	}
}

func TestAFileBehindALinkIsWatched(t *testing.T) {
	m := newMachine(t, Path{"zones/a.zone", false})
	m.do("mkdir zones; mkdir far; write far/x; link zones/a.zone -> ../far/x")
	m.settle()
	for _, steps := range []string{
		"write far/x", "write far/y; mv far/y far/x", "rm far/x", "write far/x",
		"mv far gone; mkdir far; write far/x", "write far/x", "write zones/new; mv zones/new zones/a.zone", "write zones/a.zone",
	} {
		m.wantTold(steps)
	}
}

func TestWhatIsToComeIsWatched(t *testing.T) {
	m := newMachine(t, Path{"a/b/c/zone", false})
	m.settle()
	for _, steps := range []string{"mkdir a", "mkdir a/b", "mkdir a/b/c; write a/b/c/zone", "write a/b/c/zone"} {
		m.wantTold(steps)
	}
}

// A log beside a zone that is written without end matters to nobody; the end of an edit is told all the same.
func TestAFileOfNoInterestKeepsNobodyBusy(t *testing.T) {
	m := newMachine(t, Path{"zones", true}, Path{"zones/a.zone", false})
	m.do("mkdir zones; write zones/a.zone; write zones/log")
	log, err := os.OpenFile(filepath.Join(m.dir, "zones/log"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	m.settle()
	quiet := time.After(4 * delay)
	for done := false; !done; {
		if _, err := log.WriteString("x"); err != nil {
			t.Fatal(err)
		}
		select {
		case <-m.watcher.Files.C:
			t.Fatal("a log was told of")
		case <-quiet:
			done = true
		default:
		}
	}
	m.wantTold("write zones/a.zone")
}

func TestPathsAreFollowedThroughLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Symlink("loop", filepath.Join(dir, "loop")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("d/..", filepath.Join(dir, "up")); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.MkdirAll(filepath.Join(dir, "e/f"), 0o700), os.Symlink("e/f", filepath.Join(dir, "d"))); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"loop": "", "loop/x": "", "none": "", "d": "/e/f", "up": "/e", "d//./../f": "/e/f", "up/f/": "/e/f",
	} {
		r := resolver{known: map[string]string{}, step: func(string, string) {}}
		got := r.resolve(dir+"/"+path, 0)
		if got != "" {
			got = strings.TrimPrefix(got, dir)
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestTheLimitsOfInotifyAreOneLineEach(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	log, told := slog.New(slog.NewTextHandler(&text, nil)), map[string]bool{}
	var f failures
	for i := range 300 {
		f.add(fmt.Errorf("add: %w", syscall.ENOSPC), fmt.Sprintf("/site/%d", i))
	}
	f.tell(log, told)
	f.tell(log, told)
	if lines := strings.Count(text.String(), "\n"); lines != 1 || !strings.Contains(text.String(), "fs.inotify.max_user_watches") || !strings.Contains(text.String(), "folders=300") {
		t.Errorf("got %d lines:\n%s", lines, &text)
	}
	failures(nil).tell(log, told)
	f.tell(log, told)
	if lines := strings.Count(text.String(), "\n"); lines != 2 {
		t.Errorf("after it was mended: got %d lines:\n%s", lines, &text)
	}
	if got := reason(syscall.EMFILE); !strings.Contains(got, "fs.inotify.max_user_instances") {
		t.Errorf("got %s", got)
	}
}
