package pop

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// delay is how long files must have been left alone before they are read: editors and rsync write in several steps.
	delay = 300 * time.Millisecond
	// maxDelay is how long they may go on changing before they are read all the same.
	maxDelay = 5 * time.Second
	// deployDelay and deployMaxDelay are the same for the folders of sites: rsync may pause on its way from far, and half of
	// a deploy is worse than a late one.
	deployDelay    = time.Second
	deployMaxDelay = time.Minute
	// poll is how often to look even if no change was reported: some file systems report none.
	poll = 30 * time.Second
)

// watcher tells when files in some folders have changed. It watches folders, not files, because a file that is
// replaced by another takes its watch with it.
type watcher struct {
	notify *fsnotify.Watcher // nil: we only poll
	log    *slog.Logger
	files  map[string]bool // folders of the configuration and what it names
	sites  map[string]bool // paths of sites: of their folders, and of those that are to come
	warned map[string]bool // folders that cannot be watched, as far as they have been named
}

// change is what may have changed.
type change struct {
	asked bool // a signal wants all to be read again
	files bool // the configuration, or what it names
	sites bool // what the sites are made of
}

func newWatcher(log *slog.Logger) *watcher {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		log.Warn("changes of files are not reported here; looking every now and then", "every", poll, "error", err)
		return &watcher{log: log}
	}
	return &watcher{notify: notify, log: log, warned: map[string]bool{}}
}

// folders makes these folders the ones that are watched: some for the configuration and what it names, some for sites.
// A change of a root, which need not be there, is a change of a site too.
func (w *watcher) folders(list, sites, roots []string) {
	if w.notify == nil {
		return
	}
	w.files, w.sites = setOf(list), setOf(sites, roots)
	want := setOf(list, sites)
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

func setOf(lists ...[]string) map[string]bool {
	set := map[string]bool{}
	for _, path := range slices.Concat(lists...) {
		set[filepath.Clean(path)] = true
	}
	return set
}

// run calls changed when files may have changed and have settled, and at each signal, until ctx ends.
func (w *watcher) run(ctx context.Context, signals <-chan os.Signal, changed func(change)) {
	var events chan fsnotify.Event
	var errors chan error
	if w.notify != nil {
		defer w.notify.Close()
		events, errors = w.notify.Events, w.notify.Errors
	}
	files := newDebounce(delay, maxDelay)
	defer files.timer.Stop()
	sites := newDebounce(deployDelay, deployMaxDelay)
	defer sites.timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case event := <-events:
			path := filepath.Clean(event.Name) // in the working directory it comes as "./name"
			if folder := filepath.Dir(path); w.sites[path] || w.sites[folder] && !w.files[folder] {
				sites.touch()
			} else {
				files.touch()
			}
		case err := <-errors:
			w.log.Warn("a change of files may have been missed", "error", err)
			files.touch()
			sites.touch()
		case <-files.timer.C:
			files.reset()
			changed(change{files: true})
		case <-sites.timer.C:
			sites.reset()
			changed(change{sites: true})
		case <-signals:
			changed(change{asked: true, files: true, sites: true})
		}
	}
}

// debounce tells when nothing has happened for a while.
type debounce struct {
	delay, maxDelay time.Duration
	timer           *time.Timer
	since           time.Time // of the first change that has not been told; zero: there is none
}

// newDebounce begins touched: what changed between the first reading and now, no event tells.
func newDebounce(delay, maxDelay time.Duration) *debounce {
	return &debounce{delay: delay, maxDelay: maxDelay, timer: time.NewTimer(delay)}
}

func (d *debounce) touch() {
	if d.since.IsZero() {
		d.since = time.Now()
	}
	d.timer.Reset(min(d.delay, max(0, d.maxDelay-time.Since(d.since))))
}

// reset waits for the next change, or until it is time to look anyway.
func (d *debounce) reset() {
	d.since = time.Time{}
	d.timer.Reset(poll)
}
