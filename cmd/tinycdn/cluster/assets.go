package cluster

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/renameio/v2"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// Asset is a file of an earlier generation for whoever has a page of that open, where what is served has none at its path.
type Asset struct {
	Path  string // from Tree, with slashes
	Tree  string
	Until time.Time
}

// asset is an Asset as it is kept over restarts.
type asset struct {
	Path string
	In   manifest.ID
	Left time.Time // when that was no longer served here
}

// maxAssets is how many are kept, those that went last: some megabytes of memory.
const maxAssets = 10_000

// assetsName is the file in which they are.
const assetsName = "assets.json"

func (m *Member) readAssets() {
	text, err := os.ReadFile(m.path(assetsName))
	if err == nil {
		err = json.Unmarshal(text, &m.assets)
	}
	if err != nil && !os.IsNotExist(err) {
		m.log.Warn("files of earlier generations are not served any more", "error", err, "effect", "pages that are still open somewhere may miss some")
	}
}

// after are the assets once the next generation is served instead of what is: of those, and of its files that have no other content
// for as long as they have their names, the ones that are not in the next.
func (m *Member) after(next *manifest.Signed) (list []asset) {
	now := time.Now()
	m.mu.Lock()
	before, shown := m.assets, m.agreed.Shown()
	m.mu.Unlock()
	keep := m.limits.Load().Assets
	seen := map[string]bool{}
	add := func(a asset) {
		if _, is := next.Find(a.Path); !is && !seen[a.Path] && now.Sub(a.Left) < keep {
			seen[a.Path] = true
			list = append(list, a)
		}
	}
	if last, err := m.store.Manifest(shown); err == nil && shown != next.ID {
		for _, f := range last.Files {
			if m.host.Lasts != nil && m.host.Lasts(f.Path) && f.Mode == manifest.Plain {
				add(asset{f.Path, shown, now})
			}
		}
	}
	for _, a := range before {
		add(a)
	}
	slices.SortStableFunc(list, func(a, b asset) int { return cmp.Or(b.Left.Compare(a.Left), cmp.Compare(a.Path, b.Path)) })
	return list[:min(len(list), maxAssets)]
}

// keepAssets writes down what is served of earlier generations from now on.
func (m *Member) keepAssets(list []asset) {
	m.mu.Lock()
	same := slices.Equal(m.assets, list)
	m.assets = list
	m.mu.Unlock()
	if same {
		return
	}
	text, err := json.Marshal(list)
	if err == nil {
		err = renameio.WriteFile(m.path(assetsName), text, 0o600)
	}
	if err != nil {
		m.log.Warn("which files of earlier generations are served cannot be written down", "error", err, "effect", "after a restart, they are not")
	}
}

// Assets are those beside what is served.
func (m *Member) Assets() []Asset {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.wherever(m.assets)
}

func (m *Member) wherever(list []asset) []Asset {
	all, keep := make([]Asset, len(list)), m.limits.Load().Assets
	for i, a := range list {
		all[i] = Asset{a.Path, filepath.Clean(m.store.Tree(a.In)), a.Left.Add(keep)}
	}
	return all
}
