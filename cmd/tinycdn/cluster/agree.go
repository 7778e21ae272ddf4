package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// prepare loads a generation of which all is there, and promises to serve nothing else of its number. Asked again, it renews the
// promise. What loads for longer than a promise lasts is promised anew, unless it was withdrawn meanwhile.
func (m *Member) prepare(list *manifest.Signed, to roster.Key) (Prepared, error) {
	before, err := m.promise(list, to, time.Time{})
	if err != nil {
		return Prepared{}, err
	}
	if err := m.lockLoading(); err != nil {
		return Prepared{}, err
	}
	defer m.loading.Unlock()
	m.mu.Lock()
	ready := m.ready[list.ID]
	m.mu.Unlock()
	if ready == nil {
		var mistakes []string
		promised := time.Now()
		if ready, mistakes, err = m.load(list); ready == nil {
			m.mu.Lock()
			defer m.mu.Unlock()
			if m.agreed.Promise.ID == list.ID {
				m.agreed.Promise = before
			}
			return Prepared{Mistakes: mistakes}, cmp.Or(m.keep(), asLacking(err))
		}
		if _, err := m.promise(list, to, promised); err != nil {
			return Prepared{}, err
		}
		m.mu.Lock()
		m.ready = map[manifest.ID]Ready{list.ID: ready}
		m.mu.Unlock()
	}
	var losses []string
	if m.host.Losses != nil {
		losses = m.host.Losses(ready)
	}
	return Prepared{Losses: losses}, nil
}

var errWithdrawn = errors.New("it was withdrawn")

// promise promises a number, and gives what was promised before. Given is when it has been promised already; zero: it has not.
func (m *Member) promise(list *manifest.Signed, to roster.Key, given time.Time) (before commit.Promise, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.members.Signed(list.Key, list.ID.Number) {
		return before, fmt.Errorf("generation %d is signed by %s, who may not publish", list.ID.Number, list.Key.Fingerprint())
	}
	before = m.agreed.Promise
	if !given.IsZero() && (before.ID != list.ID || before.To != to) {
		return before, errWithdrawn
	}
	if time.Since(given) < commit.RenewTime {
		return before, nil // it holds for long enough: to write it down again takes its time
	}
	if err := m.mayMake(list); err != nil {
		return before, err
	}
	if err := m.maySettle(list.Key, to); err != nil {
		return before, err
	}
	if refusal := m.agreed.Prepare(list, to, time.Now()); refusal != nil {
		return before, refusal
	}
	return before, m.keep()
}

// withdraw takes a promise back.
func (m *Member) withdraw(id manifest.ID, by roster.Key) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.agreed.Promise.ID != id || m.agreed.Promise.To != by {
		return nil
	}
	m.agreed.Withdraw(id, by)
	delete(m.ready, id)
	return m.keep()
}

// commit serves what was prepared.
func (m *Member) commit(c commit.Commit) error {
	if err := m.lockLoading(); err != nil {
		return err
	}
	defer m.loading.Unlock()
	if err := m.accept(c); err != nil {
		return err
	}
	return m.serveWanted()
}

// accept takes a commit at its word.
func (m *Member) accept(c commit.Commit) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.members.Signed(c.Key, c.ID.Number) {
		return fmt.Errorf("the commit of generation %d is signed by %s, who may not publish", c.ID.Number, c.Key.Fingerprint())
	}
	promised := m.agreed.Promise.ID == c.ID
	if refusal := m.agreed.Commit(c); refusal != nil {
		return refusal
	}
	if promised {
		m.proven = c.ID
	}
	return m.keep()
}

// learn hears of a commit from another POP.
func (m *Member) learn(c commit.Commit) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.members.Signed(c.Key, c.ID.Number) || m.forgotten[c.ID] {
		return
	}
	before := m.agreed.Wanted
	if !m.agreed.Learn(c) {
		return
	}
	if before.ID.Number == c.ID.Number {
		m.log.Warn("two generations have one number: the later one holds", "generation", c.ID.Number, "instead", before.ID.Hash.String()[:16])
	}
	m.keep()
	m.wakeUp()
}

// serveWanted serves what is wanted, if it is here. Loading is held.
func (m *Member) serveWanted() error {
	m.mu.Lock()
	id := m.agreed.Target()
	ready := m.ready[id]
	proven := m.proven == id || m.agreed.Serving.ID == id // a canary was served in its place
	m.mu.Unlock()
	if id == m.servingID() {
		return nil
	}
	if ready == nil && !proven {
		m.wakeUp() // to find out
		return errUnproven
	}
	list, err := m.store.Manifest(id)
	if err != nil {
		m.wakeUp() // it has to come from another POP
		return err
	}
	if ready == nil {
		var mistakes []string
		if ready, mistakes, err = m.load(list); err != nil {
			return err
		} else if ready == nil {
			return fmt.Errorf("generation %d cannot be served here: %s", id.Number, strings.Join(mistakes, "; "))
		}
	}
	if err := m.show(id); err != nil { // another may have been loaded since
		return err
	}
	assets := m.after(list)
	if err := m.host.Serve(ready); err != nil {
		m.show(m.servingID())
		return err
	}
	m.keepAssets(assets)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ready = map[manifest.ID]Ready{}
	m.agreed.Served(id)
	m.mine.Since, m.mine.Trouble = time.Now(), ""
	m.log.Info("another generation is served", "generation", id.Number)
	if err := m.store.Switch(id); err != nil {
		return err
	}
	m.tidyUp()
	return m.keep()
}

// servingID is what is served.
func (m *Member) servingID() manifest.ID {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.agreed.Shown()
}
