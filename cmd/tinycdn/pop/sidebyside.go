package pop

import (
	"runtime"
	"slices"
	"sync"

	"tinycdn/cmd/tinycdn/config"
)

// readChanged reads zones: side by side, unless patience has to judge one after the other. Each has a place of its own for what came of it,
// so that nothing depends on which is read first.
func (g *Generation) readChanged(files []config.ZoneFile, settings zoneSettings, last *Generation, o Options) {
	if o.patience != nil {
		for _, file := range files {
			o.progress.at("zone", file.Path)
			g.zones[file] = o.patience.zone(g, file, settings, o.published, last)
		}
		return
	}
	read := make([]*zonePart, len(files))
	at := reading{progress: o.progress, files: files}
	var readers sync.WaitGroup
	for range min(o.coresFor(last), len(files)) {
		readers.Go(func() {
			for i := at.next(); i < len(files); i = at.next() {
				read[i] = g.readZone(files[i], settings, o.published, last)
				at.done(i)
			}
		})
	}
	readers.Wait()
	for i, file := range files {
		g.zones[file] = read[i]
	}
}

// reading is which files are being read. Of these the first is told: if one never ends, it is that in the end.
type reading struct {
	progress *progress
	files    []config.ZoneFile

	mu    sync.Mutex // for:
	begun int        // so many were
	now   []int      // those that have not ended, the first first
}

// next is a file to read; past the last one there is none.
func (r *reading) next() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := r.begun
	if i < len(r.files) {
		r.begun++
		r.now = append(r.now, i)
		r.tell()
	}
	return i
}

func (r *reading) done(i int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = slices.DeleteFunc(r.now, func(at int) bool { return at == i })
	r.tell()
}

func (r *reading) tell() {
	if len(r.now) > 0 {
		r.progress.at("zone", r.files[r.now[0]].Path)
	}
}

// coresFor is how many cores may read: all of them, or half of them where questions are answered meanwhile.
func (o *Options) coresFor(last *Generation) int {
	cores := o.cores
	if cores == 0 {
		cores = runtime.GOMAXPROCS(0)
	}
	if len(last.answered) > 0 {
		cores = max(1, cores/2)
	}
	return cores
}
