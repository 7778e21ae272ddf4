package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"tinycdn/cmd/tinycdn/cluster/roster"
)

// Ask asks whoever is at work for the passphrase of a key's file.
type Ask func(path string) (passphrase string, err error)

// KeyFile is a key of a person's, in a file.
type KeyFile struct {
	Path   string
	Public roster.Key
	open   roster.PrivateKey // unless it is locked
	locked *roster.LockedKey // under a passphrase; nil: it is open
}

// Locked says whether the key is under a passphrase.
func (k *KeyFile) Locked() bool { return k.locked != nil }

// Key is the key, for which a passphrase may have to be asked for.
func (k *KeyFile) Key(ask Ask) (key roster.PrivateKey, err error) {
	if k.locked == nil {
		return k.open, nil
	}
	passphrase, err := ask(k.Path)
	if err == nil {
		key, err = k.locked.Open(passphrase)
		if err != nil {
			err = fmt.Errorf("%s: %w", k.Path, err)
		}
	}
	return key, err
}

// Write writes the key into its file, under a passphrase; "": under none.
func (k *KeyFile) Write(key roster.PrivateKey, comment, passphrase string) (err error) {
	text := key.Marshal(comment)
	if passphrase != "" {
		if text, err = key.Lock(comment, passphrase); err != nil {
			return err
		}
	}
	path, err := filepath.EvalSymlinks(k.Path)
	if err != nil {
		return err
	}
	return renameio.WriteFile(path, text, 0o600)
}

// keysDir is where a person's keys are.
func keysDir() (string, error) {
	dir, err := os.UserConfigDir()
	return filepath.Join(dir, "tinycdn"), err
}

// keyFiles are the keys in the user's folder that want says are looked for: those that are open first.
func keyFiles(want func(roster.Key) bool) (open []KeyFile, dir string, err error) {
	if dir, err = keysDir(); err != nil {
		return nil, "", err
	}
	var locked []KeyFile
	paths, _ := filepath.Glob(filepath.Join(dir, "*.key"))
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if key, err := roster.ParsePrivateKey(text); err == nil && want(key.Public()) {
			open = append(open, KeyFile{Path: path, Public: key.Public(), open: key})
		} else if l, err := roster.ParseLockedKey(text); err == nil && want(l.Public) {
			locked = append(locked, KeyFile{Path: path, Public: l.Public, locked: l})
		}
	}
	return append(open, locked...), dir, nil
}

// MakeOwner makes the key of a cluster's owner, and keeps it in the user's folder under a name that says what it is for.
func MakeOwner(name string) (key roster.PrivateKey, path string, err error) {
	return MakeKey(name, OwnerComment(name))
}

// OwnerComment is what is said of the key of an owner in its file.
func OwnerComment(name string) string {
	return "tinycdn: the key of the owner of " + name + ", who alone may add and remove POPs"
}

// MakeKey makes a key, and keeps it in the user's folder under that name, or one like it.
func MakeKey(name, comment string) (key roster.PrivateKey, path string, err error) {
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
		_, err = file.Write(key.Marshal(comment + ": " + key.Public().Fingerprint()))
		return key, path, errors.Join(err, file.Sync(), file.Close())
	}
}

// OwnerFile is the file with the key of a cluster's owner, if it is at hand here.
func OwnerFile(owner roster.Key) (KeyFile, error) {
	found, dir, err := keyFiles(func(k roster.Key) bool { return k == owner })
	if err != nil {
		return KeyFile{}, err
	}
	if len(found) == 0 {
		return KeyFile{}, fmt.Errorf("the key of this cluster's owner, %s, is not in %s: it alone may do that", owner.Fingerprint(), dir)
	}
	return found[0], nil
}

// FindOwner is the key of a cluster's owner, if it is at hand here.
func FindOwner(owner roster.Key, ask Ask) (roster.PrivateKey, error) {
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
	file, err := OwnerFile(owner)
	if err != nil {
		return roster.PrivateKey{}, err
	}
	return file.Key(ask)
}

// HasOwner says whether the key of a cluster's owner is at hand, and asks for nothing.
func HasOwner(owner roster.Key) error {
	if os.Getenv("TINYCDN_KEY") != "" {
		_, err := FindOwner(owner, nil) // which is in no file
		return err
	}
	_, err := OwnerFile(owner)
	return err
}

// FindKey is the key of whoever is at work here: the one in $TINYCDN_KEY, or of those in the user's folder the one that the roster
// knows. One under a passphrase is the last choice: whoever publishes every hour has another.
func FindKey(r *roster.Roster, ask Ask) (roster.PrivateKey, roster.Publisher, error) {
	if text := os.Getenv("TINYCDN_KEY"); text != "" {
		key, err := roster.ParsePrivateKey([]byte(text))
		if err != nil {
			return key, roster.Publisher{}, fmt.Errorf("$TINYCDN_KEY: %w", err)
		}
		p, ok := r.PublisherOf(key.Public())
		if !ok {
			return key, p, fmt.Errorf("$TINYCDN_KEY: the key %s is not in the roster", key.Public().Fingerprint())
		}
		return key, p, nil
	}
	found, dir, err := keyFiles(func(k roster.Key) bool {
		_, is := r.PublisherOf(k)
		return is
	})
	if err != nil {
		return roster.PrivateKey{}, roster.Publisher{}, err
	}
	if len(found) == 0 {
		return roster.PrivateKey{}, roster.Publisher{}, fmt.Errorf("none of the keys in %s is in the roster (tinycdn cluster key add lets another publish)", dir)
	}
	key, err := found[0].Key(ask)
	p, _ := r.PublisherOf(found[0].Public)
	return key, p, err
}

// HasKey says what speaks against finding a key by which somebody may publish, as FindKey does. No passphrase is asked for.
func HasKey(r *roster.Roster) error {
	if os.Getenv("TINYCDN_KEY") != "" {
		_, _, err := FindKey(r, nil)
		return err
	}
	found, dir, err := keyFiles(func(k roster.Key) bool {
		p, is := r.PublisherOf(k)
		return is && p.Can(roster.Publish)
	})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("none of the keys in %s may publish", dir)
	}
	return err
}

// CanPublish says whether a key is at hand, under no passphrase, by which all of the cluster's files may be published.
func CanPublish(r *roster.Roster) bool {
	found, _, _ := keyFiles(func(k roster.Key) bool {
		p, is := r.PublisherOf(k)
		return is && k != r.Owner && p.Can(roster.Publish) && len(p.Paths) == 0
	})
	return len(found) > 0 && !found[0].Locked()
}
