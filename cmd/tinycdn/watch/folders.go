package watch

import (
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// folder is one that is watched.
type folder struct {
	path         string // without links
	files, sites names
}

// names are those in a folder that matter.
type names struct {
	all  bool
	some map[string]bool
}

// has says whether a name matters; that of the folder itself always does, and any if all do.
func (n *names) has(name string, any bool) bool {
	return n.some[name] || n.all && any || name == "" && (n.all || len(n.some) > 0)
}

// Watch makes these the paths that are watched. Where there is no room for all, files come first.
func (w *Watcher) Watch(files, sites []Path) {
	w.mu.Lock()
	before := w.folders
	w.moved = false // from here on it may be again
	w.mu.Unlock()
	if w.notify == nil {
		return
	}
	want := map[string]*folder{}
	forFiles := findFolders(files, want, func(f *folder) *names { return &f.files })
	forSites := findFolders(sites, want, func(f *folder) *names { return &f.sites })
	after := map[int32]*folder{}
	var failures failures
	newFiles := w.add(forFiles, want, before, after, &failures)
	newSites := w.add(forSites, want, before, after, &failures)
	w.mu.Lock()
	w.folders, w.failed = after, len(failures) > 0
	w.mu.Unlock()
	for watch := range before {
		if after[watch] == nil {
			w.notify.remove(watch)
		}
	}
	failures.tell(w.log, w.told)
	// What changed there before it was watched, no event tells.
	if newFiles {
		w.Files.touch()
	}
	if newSites {
		w.Sites.touch()
	}
}

// findFolders adds to want all folders in which a change may concern one of the paths. It gives them in order.
func findFolders(paths []Path, want map[string]*folder, of func(*folder) *names) []string {
	found := map[string]bool{}
	need := func(dir string) *names {
		if want[dir] == nil {
			want[dir] = &folder{path: dir}
		}
		found[dir] = true
		return of(want[dir])
	}
	r := resolver{known: map[string]string{}, step: func(dir, name string) {
		n := need(dir)
		if n.some == nil {
			n.some = map[string]bool{}
		}
		n.some[name] = true
	}}
	for _, p := range paths {
		path, err := filepath.Abs(p.Path)
		if err != nil {
			continue
		}
		if real := r.resolve(path, 0); real != "" && p.Inside {
			need(real).all = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// add watches folders, and says whether one was not watched before. Watches are the kernel's, by inode: a folder that has
// taken another's place gets one of its own, and one that is watched already keeps its.
func (w *Watcher) add(dirs []string, want map[string]*folder, before, after map[int32]*folder, failures *failures) (anyNew bool) {
	for _, dir := range dirs {
		watch, err := w.notify.add(dir)
		if isFull(err) {
			for old := range before { // those that are still wanted come again, in their turn
				if after[old] == nil {
					w.notify.remove(old)
				}
			}
			watch, err = w.notify.add(dir)
		}
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, os.ErrClosed) {
			continue // its parent tells when it comes back; or this is the end
		}
		if err != nil {
			failures.add(err, dir)
			continue
		}
		if known := after[watch]; known != nil && known != want[dir] { // the same by two names: mounted twice
			known.files.join(want[dir].files)
			known.sites.join(want[dir].sites)
			continue
		}
		anyNew = anyNew || before[watch] == nil
		after[watch] = want[dir]
	}
	return anyNew
}

// join adds the names of another.
func (n *names) join(other names) {
	n.all = n.all || other.all
	if n.some == nil {
		n.some = map[string]bool{}
	}
	maps.Copy(n.some, other.some)
}

// failures are folders that cannot be watched, by reason.
type failures map[string][]string

func (f *failures) add(err error, dir string) {
	if *f == nil {
		*f = failures{}
	}
	(*f)[reason(err)] = append((*f)[reason(err)], dir)
}

// tell logs each reason once, for as long as it holds.
func (f failures) tell(log *slog.Logger, told map[string]bool) {
	maps.DeleteFunc(told, func(reason string, _ bool) bool { return f[reason] == nil })
	for _, reason := range slices.Sorted(maps.Keys(f)) {
		if !told[reason] {
			told[reason] = true
			log.Warn("changes in some folders are not reported: "+reason, "folders", len(f[reason]), "first", f[reason][0],
				"effect", "changes there are looked for every "+poll.String())
		}
	}
}
