// Package watch tells when files change, whatever links and folders lead to them, and whether they are being written still.
package watch

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	// delay is how long files must have been left alone before it is worth a look: editors and rsync write in several steps.
	delay = 300 * time.Millisecond
	// maxDelay is when to look even while something is written: it may be of no interest.
	maxDelay = 2 * time.Second
	// deployDelay and deployMaxDelay are the same for the folders of sites: rsync may pause on its way from far, and half of
	// a deploy is worse than a late one.
	deployDelay    = time.Second
	deployMaxDelay = time.Minute
)

// Watcher tells when something has changed at some paths. It watches folders, not files, because a file that is replaced by
// another takes its watch with it, and every folder on the way, because any may be replaced.
type Watcher struct {
	Files *Changes // of the configuration and what it names
	Sites *Changes // of the folders of sites
	Activity

	log    *slog.Logger
	notify *notifier // nil: we only poll
	told   map[string]bool

	mu      sync.Mutex // for:
	folders map[int32]*folder
	moved   bool // something on the way to a file may have been replaced
	failed  bool // not all folders are watched
}

// Path is one at which changes matter.
type Path struct {
	Path   string
	Inside bool // it is a folder, and what lies in it matters too
}

// New is a Watcher that watches nothing yet.
func New(log *slog.Logger) *Watcher {
	w := &Watcher{log: log, told: map[string]bool{}, Files: newChanges(delay, maxDelay), Sites: newChanges(deployDelay, deployMaxDelay)}
	var err error
	if w.notify, err = newNotifier(); err != nil {
		log.Warn("changes of files are not reported: "+reason(err), "effect", "they are looked for every "+poll.String())
	}
	return w
}

// Run tells of changes until ctx ends.
func (w *Watcher) Run(ctx context.Context) {
	w.Files.begin()
	w.Sites.begin()
	defer w.Files.stop()
	defer w.Sites.stop()
	if w.notify == nil {
		<-ctx.Done()
		return
	}
	defer context.AfterFunc(ctx, w.notify.close)()
	for {
		events, err := w.notify.read()
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			w.log.Warn("changes of files are no longer reported", "error", err, "effect", "they are looked for every "+poll.String())
			<-ctx.Done()
			return
		}
		for _, e := range events {
			w.handle(e)
		}
	}
}

// event is one change in a folder.
type event struct {
	watch  int32
	kind   kind
	name   string // in the folder; "": of the folder itself
	folder bool   // what changed is one
}

type kind int

const (
	written kind = iota // by somebody who has it open still
	closed              // by somebody who wrote
	created             // for writing, or a link, or a folder
	arrived             // complete, under this name
	left                // is no longer under this name
	marked              // its time or its permissions changed
	gone                // the folder, or its watch
	missed              // events were lost
)

// handle notes an event, and what it may have changed.
func (w *Watcher) handle(e event) {
	if e.kind == missed {
		w.stir(true, true, true)
		return
	}
	w.mu.Lock()
	f := w.folders[e.watch]
	w.mu.Unlock()
	if f == nil {
		return // it is of no interest any more
	}
	path := filepath.Join(f.path, e.name)
	if e.kind == created && !isNewFile(path) {
		e.kind = arrived
	}
	w.note(path, e.kind, time.Now())
	moved := e.kind >= created && (e.kind != marked || e.folder)
	// Of a file that is not known only its end of writing matters: there may be a log that is written all the time.
	w.stir(f.files.has(e.name, e.kind != written), f.sites.has(e.name, true), moved)
}

// stir has the paths looked at when they have been left alone.
func (w *Watcher) stir(files, sites, moved bool) {
	if moved && (files || sites) {
		w.mu.Lock()
		w.moved = true
		w.mu.Unlock()
	}
	if files {
		w.Files.touch()
	}
	if sites {
		w.Sites.touch()
	}
}

// isNewFile says whether a file that has come is one that somebody has begun to write, and no link.
func isNewFile(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular() && !hasOtherNames(info)
}

// Stale says whether the ways to the paths may lead elsewhere by now, so that they are to be watched anew.
func (w *Watcher) Stale() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.moved || w.failed
}
