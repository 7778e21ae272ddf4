package cluster

import (
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
