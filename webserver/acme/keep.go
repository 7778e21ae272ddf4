package acme

import (
	"slices"
	"time"
)

// keepable says whether an order could be kept. While there is a certificate it is renewed all the same, in memory: that it lapses is
// worse. A first one waits: each start would order it again.
func (m *Manager) keepable(c *Certificate, name, directory string) error {
	if c.leaf != nil {
		return nil
	}
	return m.folder.writeCertificate(name, c, folderOf(directory))
}

// keep puts a certificate in place of the one that there is, in memory and on disk, and hands it on. The lock is held.
func (m *Manager) keep(name string, c *Certificate) {
	m.bundle.Version.Counter++
	c.Version = m.bundle.Version
	m.bundle.Certificates[name] = c
	at := c.Directory
	if at == "" {
		at = m.config.directories()[0]
	}
	m.written(m.folder.writeCertificate(name, c, folderOf(at)))
	m.handOn()
}

// keepAccount keeps an account as an order has left it, and what its authority said of waiting. The lock is held.
func (m *Manager) keepAccount(a *Account, client authority) {
	if have := m.bundle.Accounts[a.Directory]; have != nil && have.Key != a.Key { // it got another key meanwhile: this one is no use any more
		now := *have
		a = &now
	}
	m.putAccount(a, client)
}

// putAccount puts an account in place of the one that there is. The lock is held.
func (m *Manager) putAccount(a *Account, client authority) {
	if busy := client.busy(); busy.After(a.Busy) {
		a.Busy = busy
	}
	if have := m.bundle.Accounts[a.Directory]; have != nil {
		a.Version = have.Version
		if *have == *a {
			return
		}
	}
	m.bundle.Version.Counter++
	a.Version = m.bundle.Version
	m.bundle.Accounts[a.Directory] = a
	m.written(m.folder.writeAccount(a))
	m.handOn()
}

// written notes what came of writing, and tells of what is new.
func (m *Manager) written(err error) {
	if err == nil {
		return
	}
	m.unsaved = true
	m.tellDaily(err.Error(), "effect", "the certificates are in memory alone, and a restart orders them again")
}

// tellDaily tells of what is wrong once a day. The lock is held.
func (m *Manager) tellDaily(text string, values ...any) {
	if now := m.Now(); now.Sub(m.told[text]) >= 24*time.Hour {
		m.told[text] = now
		m.Log.Error(text, values...)
	}
}

// saveLate writes what could not be written when it came.
func (m *Manager) saveLate() {
	m.lock.Lock()
	defer m.lock.Unlock()
	if !m.unsaved || m.config == nil {
		return
	}
	m.unsaved = false
	m.writeAll()
	if !m.unsaved {
		m.Log.Info("the certificates are kept again", "folder", string(m.folder))
	}
}

func (m *Manager) writeAll() {
	for _, a := range m.bundle.Accounts {
		m.written(m.folder.writeAccount(a))
	}
	for name, c := range m.bundle.Certificates {
		if c.Directory != "" {
			m.written(m.folder.writeCertificate(name, c, folderOf(c.Directory)))
		}
	}
}

// forget forgets certificates that nobody wants any more, once they have expired.
func (m *Manager) forget() {
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.config == nil {
		return
	}
	for name, c := range m.bundle.Certificates {
		wanted := slices.ContainsFunc(m.wanted, func(w Wanted) bool { return w.Name == name })
		if !wanted && (c.leaf == nil || m.Now().After(c.leaf.NotAfter)) {
			delete(m.bundle.Certificates, name)
			if c.At != "" {
				m.folder.remove(name, c.At)
			}
		}
	}
}

// Pair is a certificate, with those of its issuers, and its key, in PEM.
type Pair struct{ Name, Chain, Key string }

// Pairs are the certificates that there are of what is wanted.
func (m *Manager) Pairs() (all []Pair) {
	m.lock.Lock()
	defer m.lock.Unlock()
	for _, w := range m.wanted {
		if c := m.bundle.Certificates[w.Name]; c != nil && c.leaf != nil {
			all = append(all, Pair{w.Name, c.Chain, c.Key})
		}
	}
	return all
}

// Wants says whether a host is to have a certificate.
func (m *Manager) Wants(host string) bool {
	m.lock.Lock()
	defer m.lock.Unlock()
	return slices.ContainsFunc(m.wanted, func(w Wanted) bool { return slices.Contains(w.Names, host) })
}

// Token is what is answered for a token of HTTP-01 (RFC 8555, 8.3); "": it is none of ours.
func (m *Manager) Token(token string) string {
	text, _ := m.solver.tokens.Load(token)
	s, _ := text.(string)
	return s
}
