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
	copies  map[string]string   // what rsync writes, by the path that it is for
	swept   time.Time           // when what is of no use was forgotten last
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
		a.reports, a.copies = map[string]report{}, map[string]string{}
	}
	switch kind {
	case left, gone:
		delete(a.reports, path)
	case written, created:
		a.reports[path] = report{now, true}
		if target := copyFor(path); target != "" {
			a.copies[target] = path
		}
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

// isCopied says whether rsync is writing a new file for a path.
func (a *Activity) isCopied(path string, now time.Time) bool {
	r := a.reports[a.copies[path]]
	return r.open && now.Sub(r.at) < abandoned
}

// copyFor is the path that rsync writes a new file for, if it does: beside it, as .NAME.xxxxxx for NAME.
func copyFor(path string) string {
	dir, name := filepath.Split(path)
	rest, hidden := strings.CutPrefix(name, ".")
	dot := len(rest) - len(".xxxxxx")
	if !hidden || dot < 1 || rest[dot] != '.' {
		return ""
	}
	return dir + rest[:dot]
}

// forget forgets what is of no use any more, now and then: thousands of files may be asked for at once.
func (a *Activity) forget(now time.Time) {
	if now.Sub(a.swept) < forgotten/4 {
		return
	}
	a.swept = now
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
	for target, path := range a.copies {
		if _, known := a.reports[path]; !known {
			delete(a.copies, target)
		}
	}
}
