package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

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
