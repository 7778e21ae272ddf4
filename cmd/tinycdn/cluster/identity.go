package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"

	"tinycdn/cmd/tinycdn/cluster/roster"
)

// KeyAt is the public key of the POP whose folder that is. One that has none yet gets one.
func KeyAt(dir string) (roster.Key, error) {
	m := &Member{dir: dir}
	if _, err := m.readIdentity(); err != nil {
		return roster.Key{}, err
	}
	key, err := m.readKey()
	if err != nil {
		return roster.Key{}, err
	}
	return key.Public(), nil
}

// Seat is the folder of a POP before it is one.
type Seat struct {
	Dir   string
	Key   roster.PrivateKey
	Owner roster.Key // of the cluster that it belongs to already; zero: to none
}

// OpenSeat reads what is in a folder: nothing yet, perhaps. The key is made, and not kept.
func OpenSeat(dir string) (s Seat, err error) {
	s.Dir = dir
	m := &Member{dir: dir}
	if s.Owner, err = m.readIdentity(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	text, err := os.ReadFile(m.path("key"))
	if errors.Is(err, fs.ErrNotExist) {
		s.Key = roster.NewKey()
		return s, nil
	}
	if err == nil {
		s.Key, err = roster.ParsePrivateKey(text)
	}
	return s, err
}

// Take makes the folder that of a POP. The roster has to name it with its key, and to be signed by the owner.
func (s *Seat) Take(name string, owner roster.Key, listen []string, signed []byte) error {
	members, err := roster.First(owner).Accept(signed)
	if err != nil {
		return err
	}
	if p, ok := members.POP(name); !ok || p.Key != s.Key.Public() {
		return fmt.Errorf("the roster does not say that this is %s", name)
	}
	identity := fmt.Sprintf("name %s\nowner %v\n", name, owner)
	for _, address := range listen {
		if strings.ContainsAny(address, "\r\n") {
			return fmt.Errorf("%q is nowhere to listen", address)
		}
		identity += "listen " + address + "\n"
	}
	if err := os.MkdirAll(s.Dir, 0o750); err != nil {
		return err
	}
	for _, file := range []struct {
		name string
		text []byte
		mode os.FileMode
	}{
		{"key", s.Key.Marshal("tinycdn: the key of POP " + name + ", " + s.Key.Public().Fingerprint()), 0o600},
		{"roster", signed, 0o640},
		{"identity", []byte(identity), 0o644}, // the last: it makes the folder a POP's
	} {
		if err := renameio.WriteFile(filepath.Join(s.Dir, file.name), file.text, file.mode); err != nil {
			return err
		}
	}
	return nil
}

// MakeOwner makes the key of a cluster's owner, and keeps it in the user's folder under a name that says what it is for.
func MakeOwner(name string) (key roster.PrivateKey, path string, err error) {
	dir, err := keysDir()
	if err != nil {
		return key, "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return key, "", err
	}
	key = roster.NewKey()
	for n := 1; ; n++ {
		path = filepath.Join(dir, name+".key")
		if n > 1 { // that of another cluster is never written over
			path = filepath.Join(dir, fmt.Sprintf("%s-%d.key", name, n))
		}
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return key, path, err
		}
		_, err = file.Write(key.Marshal("tinycdn: the key of the owner of " + name + ", who alone may add and remove POPs: " + key.Public().Fingerprint()))
		return key, path, errors.Join(err, file.Sync(), file.Close())
	}
}

// FindOwner is the key of a cluster's owner, if it is at hand here.
func FindOwner(owner roster.Key) (roster.PrivateKey, error) {
	if text := os.Getenv("TINYCDN_KEY"); text != "" {
		key, err := roster.ParsePrivateKey([]byte(text))
		if err == nil && key.Public() != owner {
			err = fmt.Errorf("it is not that of this cluster's owner, %s, who alone may do that", owner.Fingerprint())
		}
		if err != nil {
			return key, fmt.Errorf("$TINYCDN_KEY: %w", err)
		}
		return key, nil
	}
	dir, err := keysDir()
	if err != nil {
		return roster.PrivateKey{}, err
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.key"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if key, err := roster.ParsePrivateKey(bytes.TrimSpace(text)); err == nil && key.Public() == owner {
			return key, nil
		}
	}
	return roster.PrivateKey{}, fmt.Errorf("the key of this cluster's owner, %s, is not in %s: it alone may do that", owner.Fingerprint(), dir)
}
