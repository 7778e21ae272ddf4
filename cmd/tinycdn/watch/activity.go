package watch

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"tinycdn/zones/diag"
)

// Activity knows since when files have been left alone: by what is reported of them, and by their size and time. The zero
// value knows nothing yet.
type Activity struct {
	mu      sync.Mutex
	reports map[string]report   // by path without links
	seen    map[string]sighting // by path
}

// report is what was reported of a file last.
type report struct {
	at   time.Time
	open bool // somebody is writing it, and has not closed it
}

// sighting is a file as it was seen, and since when it is like that.
type sighting struct {
	info  os.FileInfo
	since time.Time
	last  time.Time // that somebody asked
}

const (
	// abandoned is how long somebody who has a file open may pause before the file counts as complete.
	abandoned = 10 * time.Second
	// forgotten is when nobody needs to know any more what happened to a file, or how it was.
	forgotten = time.Minute
)

// note notes what was reported of the file at a path without links.
func (a *Activity) note(path string, kind kind, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.reports == nil {
		a.reports = map[string]report{}
	}
	switch kind {
	case left, gone:
		delete(a.reports, path)
	case written, created:
		a.reports[path] = report{now, true}
	case closed, arrived:
		a.reports[path] = report{now, false}
	case marked:
		if r, known := a.reports[path]; known {
			a.reports[path] = report{now, r.open}
		}
	}
}

// Calm says whether files, which now are as given, have been left alone for some time: nobody is writing one of them, and
// size and time stand still.
func (a *Activity) Calm(files diag.Files, now time.Time, span time.Duration) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.forget(now)
	if a.seen == nil {
		a.seen = map[string]sighting{}
	}
	calm := true
	for path, info := range files {
		real := withoutLinks(path)
		r, reported := a.reports[real]
		s, known := a.seen[path]
		if !known || !diag.SameFile(s.info, info) {
			s.since = now
			if reported && (!known || r.at.After(s.last)) { // else nothing reported this change
				s.since = r.at
			}
			s.info = info
		}
		if r.at.After(s.since) {
			s.since = r.at
		}
		s.last = now
		a.seen[path] = s
		writing := r.open && now.Sub(r.at) < abandoned || a.isCopied(real, now)
		calm = calm && !writing && now.Sub(s.since) >= span
	}
	return calm
}

// withoutLinks is the path as reports have it, as far as there is one.
func withoutLinks(path string) string {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return path
}

// isCopied says whether rsync is writing a new file for a path. It does so beside it: .NAME.xxxxxx for NAME.
func (a *Activity) isCopied(path string, now time.Time) bool {
	for other, r := range a.reports {
		rest, named := strings.CutPrefix(filepath.Base(other), "."+filepath.Base(path)+".")
		if r.open && named && len(rest) == 6 && filepath.Dir(other) == filepath.Dir(path) && now.Sub(r.at) < abandoned {
			return true
		}
	}
	return false
}

// forget forgets what is of no use any more.
func (a *Activity) forget(now time.Time) {
	for path, r := range a.reports {
		if now.Sub(r.at) > forgotten {
			delete(a.reports, path)
		}
	}
	for path, s := range a.seen {
		if now.Sub(s.last) > forgotten {
			delete(a.seen, path)
		}
	}
}
