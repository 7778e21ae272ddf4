// Package roster says who belongs to a cluster: which key is which POP, and who may publish what.
package roster

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Key is an Ed25519 public key (RFC 8032). It is the identity of whoever holds its other half; nothing of it expires.
type Key [ed25519.PublicKeySize]byte

var encoding = base64.RawURLEncoding

// String is the key as it stands in files, 43 characters.
func (k Key) String() string { return encoding.EncodeToString(k[:]) }

// ParseKey reads what String wrote.
func ParseKey(text string) (k Key, err error) {
	bytes, err := decode(text)
	if err != nil || len(bytes) != len(k) {
		return Key{}, fmt.Errorf("%.60q is no public key: want 43 characters of base64", text)
	}
	return Key(bytes), nil
}

// decode reads base64, strictly: line ends too, which encoding/base64 passes over.
func decode(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, base64.CorruptInputError(strings.IndexAny(text, "\r\n"))
	}
	return encoding.Strict().DecodeString(text)
}

// Fingerprint is what two people compare by eye: "3f9a 1c07".
func (k Key) Fingerprint() string {
	sum := sha256.Sum256(k[:])
	return fmt.Sprintf("%x %x", sum[:2], sum[2:4])
}

// PrivateKey is the half that signs. It never leaves the machine on which it was made.
type PrivateKey struct{ key ed25519.PrivateKey }

// privatePrefix begins a private key in a file, so that whoever finds it knows what it is, and programs that look for
// secrets find it.
const privatePrefix = "TINYCDN-PRIVATE-KEY-1-"

// NewKey makes a key.
func NewKey() PrivateKey {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic("roster: " + err.Error()) // crypto/rand never fails
	}
	return PrivateKey{key}
}

// Public is the half that everybody may see.
func (p PrivateKey) Public() Key { return Key(p.key.Public().(ed25519.PublicKey)) }

// Signer is the key for whoever speaks TLS with it.
func (p PrivateKey) Signer() ed25519.PrivateKey { return p.key }

// Marshal writes the key as a file: a comment, and a line that ParsePrivateKey reads.
func (p PrivateKey) Marshal(comment string) []byte {
	return fmt.Appendf(nil, "# %s\n%s%s\n", oneLine(comment), privatePrefix, encoding.EncodeToString(p.key.Seed()))
}

// ParsePrivateKey reads a key: its line, and perhaps comments around it.
func ParsePrivateKey(text []byte) (p PrivateKey, err error) {
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		encoded, ok := bytes.CutPrefix(line, []byte(privatePrefix))
		seed, err := decode(string(encoded))
		if p.key != nil || !ok || err != nil || len(seed) != ed25519.SeedSize {
			return PrivateKey{}, errNoKey
		}
		p.key = ed25519.NewKeyFromSeed(seed)
	}
	if p.key == nil {
		return PrivateKey{}, errNoKey
	}
	return p, nil
}

// errNoKey quotes nothing: it may be half of a secret.
var errNoKey = errors.New("this is no private key of tinycdn: want one line that begins with " + privatePrefix)
