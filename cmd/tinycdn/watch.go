package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// settle is how long files must have been left alone before they are read: editors and rsync write in several steps.
	settle = 300 * time.Millisecond
	// patience is how long they may go on changing before they are read all the same.
	patience = 5 * time.Second
	// poll is how often to look even if no change was reported: some file systems report none.
	poll = 30 * time.Second
)

// watcher tells when files in some folders have changed. It watches folders, not files, because a file that is
// replaced by another takes its watch with it.
type watcher struct {
	notify *fsnotify.Watcher // nil: we only poll
	log    *slog.Logger
	warned map[string]bool // folders that cannot be watched, as far as they have been named
}

func newWatcher(log *slog.Logger) *watcher {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		log.Warn("changes of files are not reported here; looking every now and then", "every", poll, "error", err)
		return &watcher{log: log}
	}
	return &watcher{notify: notify, log: log, warned: map[string]bool{}}
}

// folders makes these folders the ones that are watched.
func (w *watcher) folders(list []string) {
	if w.notify == nil {
		return
	}
	want := map[string]bool{}
	for _, dir := range list {
		want[filepath.Clean(dir)] = true
	}
	for _, dir := range w.notify.WatchList() {
		if !want[dir] {
			w.notify.Remove(dir)
		}
		delete(want, dir)
	}
	for dir := range want {
		if err := w.notify.Add(dir); err == nil {
			delete(w.warned, dir)
		} else if !w.warned[dir] {
			w.warned[dir] = true
			w.log.Warn("changes in this folder are not reported; looking every now and then", "folder", dir, "every", poll, "error", err)
		}
	}
}

// run calls changed when files may have changed and have settled, and with asked at each signal, until ctx ends.
func (w *watcher) run(ctx context.Context, signals <-chan os.Signal, changed func(asked bool)) {
	var events chan fsnotify.Event
	var errors chan error
	if w.notify != nil {
		defer w.notify.Close()
		events, errors = w.notify.Events, w.notify.Errors
	}
	timer := time.NewTimer(settle) // what changed between the first reading and now, no event tells
	defer timer.Stop()
	var since time.Time // of the first change that has not been told; zero: there is none
	for {
		select {
		case <-ctx.Done():
			return
		case <-events:
			if since.IsZero() {
				since = time.Now()
			}
			timer.Reset(min(settle, max(0, patience-time.Since(since))))
		case err := <-errors:
			w.log.Warn("a change of files may have been missed", "error", err)
			timer.Reset(settle)
		case <-timer.C:
			since = time.Time{}
			changed(false)
			timer.Reset(poll)
		case <-signals:
			changed(true)
		}
	}
}
