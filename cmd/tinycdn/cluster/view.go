package cluster

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"

	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/store"
)

// Config is the path of the configuration of the generation that is served; "": there is none yet.
func (m *Member) Config() string {
	m.loading.Lock()
	defer m.loading.Unlock()
	id := m.servingID()
	list, err := m.store.Manifest(id)
	if m.host.StandsIn {
		if err != nil {
			return ""
		}
		return m.configOf(list) // the process that is stood in for shows it, and goes on showing it
	}
	if err == nil {
		_, err = m.store.Build(list) // it is there, unless somebody took it away
	}
	if err == nil {
		err = m.show(list.ID)
	}
	if err != nil {
		if id != (manifest.ID{}) {
			m.log.Error("what was served is not here any more", "generation", id.Number, "error", err, "effect", "it is taken from another POP")
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.agreed.Serving, m.agreed.Trying = commit.Commit{}, manifest.ID{} // it is behind, and catches up
		m.note()
		return ""
	}
	return m.configOf(list)
}

// View is the path at which each generation lies while it is loaded, or served.
func (m *Member) View() string { return m.path("view") }

// configOf is where a generation's configuration is found once it is shown.
func (m *Member) configOf(list *manifest.Signed) string {
	return filepath.Join(m.path("view"), filepath.FromSlash(list.Config))
}

// load has the host load the tree of a generation, at the path that they all have. Loading is held. An error is that a content is
// not here.
func (m *Member) load(list *manifest.Signed) (Ready, []string, error) {
	if _, err := m.store.Build(list); err != nil {
		if gone := (*store.Gone)(nil); errors.As(err, &gone) {
			return nil, nil, err
		}
		return nil, []string{err.Error()}, nil
	}
	if err := m.show(list.ID); err != nil {
		return nil, []string{err.Error()}, nil
	}
	ready, mistakes := m.host.Load(m.configOf(list), m.wherever(m.after(list)))
	for i := range mistakes {
		mistakes[i] = strings.ReplaceAll(mistakes[i], m.path("view")+"/", "")
		mistakes[i] = strings.ReplaceAll(mistakes[i], m.store.Tree(list.ID)+"/", "") // of what is read without symbolic links
	}
	m.show(m.servingID()) // whatever is read again meanwhile is of that
	return ready, mistakes, nil
}

// show makes view lead to a tree, where the loaders find each generation at the same path, so that what has not changed is
// what it was.
func (m *Member) show(id manifest.ID) error {
	if id == (manifest.ID{}) {
		return nil
	}
	return renameio.Symlink(m.store.Tree(id), m.path("view"))
}
