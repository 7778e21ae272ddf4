package cluster

import (
	"fmt"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// prepare loads a generation of which all is there, and promises to serve nothing else of its number.
func (m *Member) prepare(list *manifest.Signed, now time.Time) (mistakes []string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.members.Signed(list.Key, list.ID.Number) {
		return nil, fmt.Errorf("generation %d is signed by %s, who may not publish", list.ID.Number, list.Key.Fingerprint())
	}
	if err := m.mayChange(list); err != nil {
		return nil, err
	}
	before := m.agreed.Promise
	if refusal := m.agreed.Prepare(list, now); refusal != nil {
		return nil, refusal
	}
	if m.ready[list.ID] == nil {
		ready, mistakes := m.load(list)
		if ready == nil {
			m.agreed.Promise = before
			return mistakes, nil
		}
		m.ready = map[manifest.ID]Ready{list.ID: ready}
	}
	return nil, m.keep()
}

// mayChange says whether the publisher of a generation may change what it changes.
func (m *Member) mayChange(list *manifest.Signed) error {
	publisher, ok := m.members.PublisherOf(list.Key)
	if !ok || len(publisher.Paths) == 0 {
		return nil
	}
	parent := &manifest.Signed{}
	if list.Parent != (manifest.ID{}) {
		var err error
		if parent, err = m.store.Manifest(list.Parent); err != nil {
			return err
		}
	}
	for _, c := range manifest.Changes(&parent.Manifest, &list.Manifest) {
		if !publisher.Touches(c.Path) {
			return fmt.Errorf("%s may not change %s", publisher.Name, c.Path)
		}
	}
	return nil
}

// withdraw takes a promise back.
func (m *Member) withdraw(id manifest.ID, by roster.Key) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.agreed.Withdraw(id, by)
	delete(m.ready, id)
	m.show(m.agreed.Serving.ID)
	return m.keep()
}

// commit serves what was prepared.
func (m *Member) commit(c commit.Commit) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.members.Signed(c.Key, c.ID.Number) {
		return fmt.Errorf("the commit of generation %d is signed by %s, who may not publish", c.ID.Number, c.Key.Fingerprint())
	}
	if refusal := m.agreed.Commit(c); refusal != nil {
		return refusal
	}
	return m.serveWanted()
}

// learn hears of a commit from another POP.
func (m *Member) learn(c commit.Commit) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.members.Signed(c.Key, c.ID.Number) && m.agreed.Learn(c) {
		m.keep()
		m.wakeUp()
	}
}

// serveWanted serves what is wanted, if it is here.
func (m *Member) serveWanted() error {
	id := m.agreed.Wanted.ID
	if err := m.keep(); err != nil {
		return err
	}
	ready := m.ready[id]
	if ready == nil {
		list, err := m.store.Manifest(id)
		if err != nil {
			m.wakeUp() // it has to come from another POP
			return err
		}
		var mistakes []string
		if ready, mistakes = m.load(list); ready == nil {
			return fmt.Errorf("generation %d cannot be served here: %s", id.Number, strings.Join(mistakes, "; "))
		}
	}
	if err := m.host.Serve(ready); err != nil {
		return err
	}
	m.ready = map[manifest.ID]Ready{}
	m.agreed.Served(id)
	m.mine.Since = time.Now()
	m.log.Info("another generation is served", "generation", id.Number)
	m.show(id)
	if err := m.store.Switch(id); err != nil {
		return err
	}
	return m.keep()
}
