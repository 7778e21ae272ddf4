package roster

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// LockedKey is a private key under a passphrase. Whose it is can be seen without that.
type LockedKey struct {
	Public Key
	sealed []byte // a file of age's, armored
}

// lockedPrefix begins the line before what is sealed.
const lockedPrefix = "TINYCDN-LOCKED-KEY-1-"

const (
	// lockWork is the work of trying one passphrase, as a power of two: a second, and 256 MB. It is age's own.
	lockWork = 18
	// mostLockWork is what a file may ask for: a gigabyte.
	mostLockWork = 20
)

// Lock writes the key as a file that only the passphrase opens: a comment, a line that says whose key it is, and a file of age's
// (age-encryption.org/v1) in which Marshal's is.
func (p PrivateKey) Lock(comment, passphrase string) ([]byte, error) {
	return p.lock(comment, passphrase, lockWork)
}

func (p PrivateKey) lock(comment, passphrase string, work int) ([]byte, error) {
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	recipient.SetWorkFactor(work)
	var file bytes.Buffer
	fmt.Fprintf(&file, "# %s\n%s%v\n", oneLine(comment), lockedPrefix, p.Public())
	wrapped := armor.NewWriter(&file)
	sealed, err := age.Encrypt(wrapped, recipient)
	if err != nil {
		return nil, err
	}
	_, err = sealed.Write(p.Marshal(comment))
	err = errors.Join(err, sealed.Close(), wrapped.Close())
	return file.Bytes(), err
}

// ErrPassphrase is that a passphrase is not that of a key.
var ErrPassphrase = errors.New("this is not its passphrase")

// Open gives the key.
func (l *LockedKey) Open(passphrase string) (p PrivateKey, err error) {
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return p, ErrPassphrase // it is empty
	}
	identity.SetMaxWorkFactor(mostLockWork)
	opened, err := age.Decrypt(armor.NewReader(bytes.NewReader(l.sealed)), identity)
	if wrong := (*age.NoIdentityMatchError)(nil); errors.As(err, &wrong) {
		return p, ErrPassphrase
	}
	var text []byte
	if err == nil {
		text, err = io.ReadAll(io.LimitReader(opened, maxKeyFile))
	}
	if err != nil {
		return p, fmt.Errorf("what is sealed is damaged: %w", err)
	}
	if p, err = ParsePrivateKey(text); err == nil && p.Public() != l.Public {
		err = fmt.Errorf("what is sealed is not the key that the file names, %s", l.Public.Fingerprint())
	}
	if err != nil {
		return PrivateKey{}, err
	}
	return p, nil
}

// maxKeyFile in octets is room for a key and what is said of it.
const maxKeyFile = 16 << 10

// ParseLockedKey reads what Lock wrote.
func ParseLockedKey(text []byte) (*LockedKey, error) {
	if len(text) > maxKeyFile {
		return nil, errNotLocked
	}
	for len(text) > 0 {
		line, rest, _ := bytes.Cut(text, []byte("\n"))
		text = rest
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		public, is := bytes.CutPrefix(line, []byte(lockedPrefix))
		key, err := ParseKey(string(public))
		if !is || err != nil || !bytes.HasPrefix(bytes.TrimSpace(text), []byte(armor.Header)) {
			break
		}
		return &LockedKey{key, text}, nil
	}
	return nil, errNotLocked
}

var errNotLocked = errors.New("this is no private key of tinycdn under a passphrase")

func oneLine(comment string) string { return strings.Join(strings.Fields(comment), " ") }
