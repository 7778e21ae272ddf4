package cluster

import (
	"encoding/json"
	"time"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/store"

	"github.com/google/renameio/v2"
)

// State is what a POP serves, and what it should serve.
type State struct {
	Serving, Wanted manifest.ID
	Since           time.Time // that it serves it
	Canary          bool      // what it serves is one
}

// State never waits.
func (m *Member) State() State { return *m.state.Load() }

// note says what is so from now on.
func (m *Member) note() {
	shown := m.agreed.Shown()
	m.state.Store(&State{shown, m.agreed.Target(), m.mine.Since, shown != m.agreed.Serving.ID})
}

// keep writes down what was agreed, before anybody is told.
func (m *Member) keep() error {
	m.note()
	if m.host.StandsIn {
		return nil
	}
	text, err := json.Marshal(&m.agreed)
	if err != nil {
		return err
	}
	if err := renameio.WriteFile(m.path("participant.json"), text, 0o600); err != nil {
		return err
	}
	return store.SyncDir(m.dir)
}
