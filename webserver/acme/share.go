package acme

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// ParseBundle reads a bundle as somebody else wrote it, in JSON. What is in it becomes names of files.
func ParseBundle(text []byte) (b Bundle, err error) {
	if err := json.Unmarshal(text, &b); err != nil {
		return Bundle{}, err
	}
	if most := uint64(1) << 62; b.Version.Term >= most || b.Version.Counter >= most {
		return Bundle{}, errors.New("there is no version after it")
	}
	for directory, a := range b.Accounts {
		if a == nil || a.Directory != directory || !isDirectory(directory) {
			return Bundle{}, fmt.Errorf("the account at %q is none", directory)
		}
	}
	for name, c := range b.Certificates {
		if name == "" || len(fileOf(name)) > longestFile || c == nil || c.Directory != "" && !isDirectory(c.Directory) {
			return Bundle{}, fmt.Errorf("the certificate %q is none", name)
		}
		c.At = "" // it lies elsewhere here
	}
	return b, nil
}

const (
	// longestFile leaves room in the name of a file, 255 octets, for its end, and for what a new one is called until it is whole.
	longestFile = 200
	// longestFolder is for one without all that.
	longestFolder = 240
	// longestLeap is far more than POPs ever order and restart. Who is that far ahead of us would have us, and those after us, run out of
	// versions.
	longestLeap = 1 << 32
)

// short is a name of a certificate that a file can have.
func short(name string) string {
	if len(fileOf(name)) <= longestFile {
		return name
	}
	hash := sha256.Sum256([]byte(name))
	return fmt.Sprintf("%s~%x", strings.ToValidUTF8(name[:min(len(name), longestFile/4)], ""), hash[:8]) // an octet may take three
}

// isDirectory says whether an authority can have that directory: its host is the name of a folder.
func isDirectory(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Host != "" && !strings.HasPrefix(u.Host, ".") && !strings.ContainsAny(u.Host, "/\\\x00") && len(folderOf(text)) <= longestFolder
}

// handOn hands on what there is to know by now. The lock is held.
func (m *Manager) handOn() {
	if m.Changed != nil {
		m.Changed(m.bundle.clone())
	}
}

// Bundle is all that there is to know.
func (m *Manager) Bundle() Bundle {
	m.lock.Lock()
	defer m.lock.Unlock()
	return m.bundle.clone()
}

// Take takes what somebody else knows, if it is newer, and says whether it was. What of it is no use stays as it is here.
func (m *Manager) Take(b Bundle) bool {
	if !m.take(b) {
		return false
	}
	m.Serve()
	m.Wake()
	return true
}

func (m *Manager) take(b Bundle) bool {
	m.lock.Lock()
	defer m.lock.Unlock()
	if !m.bundle.Version.Less(b.Version) {
		return false
	}
	if have := m.bundle.Version; have != (Version{}) && (b.Version.Term > have.Term+longestLeap || b.Version.Counter > have.Counter+longestLeap) {
		m.tellDaily("what another POP knows of certificates is too far ahead to be true", "effect", "what is known here holds")
		return false
	}
	next := b.clone()
	kept := m.carryOver(&next)
	m.bundle = next
	m.writeAll()
	if kept {
		m.bundle.Version.Counter++
		m.handOn()
	}
	return true
}

// carryOver keeps in a newer bundle what only this one has, and says whether there was any: two who could not hear each other may both
// have ordered. The lock is held.
func (m *Manager) carryOver(next *Bundle) (kept bool) {
	for directory, a := range m.bundle.Accounts {
		if next.Accounts[directory] == nil {
			next.Accounts[directory], kept = a, true
		}
	}
	useless := map[string]bool{} // here, which those who think otherwise need not be told
	for name, c := range next.Certificates {
		if c.parse() != nil {
			c.Chain, c.Key, c.Directory, useless[name] = "", "", "", true
		}
	}
	for name, have := range m.bundle.Certificates {
		c := next.Certificates[name]
		if c != nil {
			c.At = have.At
		}
		isGood := have.leaf != nil && m.Now().Before(have.leaf.NotAfter)
		if isGood && (c == nil || c.leaf == nil || have.leaf.NotBefore.After(c.leaf.NotBefore)) {
			next.Certificates[name], kept = have, kept || !useless[name]
		}
	}
	return kept
}
