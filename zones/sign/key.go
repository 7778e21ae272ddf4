package sign

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"

	"github.com/miekg/dns"

	"tinycdn/zones/rr"
)

// Algorithm is the one that zones are signed by here: ECDSA with P-256 and SHA-256, which every validator knows (RFC 8624, 3.1).
const Algorithm = dns.ECDSAP256SHA256

// A Key signs all of a zone: it is what the DS at the parent names, too.
type Key struct {
	Tag  uint16
	Data []byte // of its DNSKEY record

	private *ecdsa.PrivateKey
	print   uint64 // tells it from others in a cache
}

// keyFlags are those of a key of the zone that is an entry point (RFC 4034, 2.1.1; RFC 3757).
const keyFlags = 257

// NewKey makes a key of a zone.
func NewKey() (*Key, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return newKey(keyFlags, private)
}

func newKey(flags uint16, private *ecdsa.PrivateKey) (*Key, error) {
	point, err := private.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	data := append(binary.BigEndian.AppendUint16(nil, flags), 3, Algorithm)
	k := &Key{Data: append(data, point[1:]...), private: private} // without the octet that says that it is not compressed (RFC 6605, 4)
	k.Tag = TagOf(k.Data)
	k.print = printOf(k.Data)
	return k, nil
}

// TagOf is the tag of a DNSKEY record's data (RFC 4034, B).
func TagOf(data []byte) uint16 {
	sum := uint32(0)
	for i, c := range data {
		if i&1 == 0 {
			sum += uint32(c) << 8
		} else {
			sum += uint32(c)
		}
	}
	return uint16(sum + sum>>16)
}

// Folder is where the keys of a zone lie in the folder of all keys.
func Folder(keys string, apex []byte) string {
	name := strings.ReplaceAll(rr.NameText(apex), "/", "%2F")
	if name == "." {
		name = "root"
	}
	return filepath.Join(keys, name)
}

// name is how a key's files begin, as BIND names them.
func (k *Key) name(apex []byte) string {
	text := strings.ReplaceAll(rr.NameText(apex), "/", "%2F")
	return fmt.Sprintf("K%s.+%03d+%05d", strings.TrimSuffix(text, "."), Algorithm, k.Tag)
}

// Write writes a key's two files into the folder of its zone, which is made if need be. The private one is for its owner and group
// alone.
func (k *Key) Write(keys string, apex []byte) (paths []string, err error) {
	folder := Folder(keys, apex)
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, err
	}
	zone := strings.TrimSuffix(rr.NameText(apex), ".") + "."
	public := fmt.Sprintf("; This is a key-signing key, keyid %d, for %s\n%s IN DNSKEY %d 3 %d %s\n", k.Tag, zone, zone, binary.BigEndian.Uint16(k.Data), Algorithm, base64.StdEncoding.EncodeToString(k.Data[4:]))
	secret, err := k.private.Bytes()
	if err != nil {
		return nil, err
	}
	private := fmt.Sprintf("Private-key-format: v1.3\nAlgorithm: %d (ECDSAP256SHA256)\nPrivateKey: %s\n", Algorithm, base64.StdEncoding.EncodeToString(secret))
	base := filepath.Join(folder, k.name(apex))
	// The private one first: without the other it is no key yet.
	for _, f := range []struct {
		path, text string
		mode       os.FileMode
	}{{base + ".private", private, 0o640}, {base + ".key", public, 0o644}} {
		if err := writeNew(f.path, f.text, f.mode); err != nil {
			return nil, err
		}
		paths = append(paths, f.path)
	}
	return []string{paths[1], paths[0]}, nil
}

// writeNew writes a file that is not there yet.
func writeNew(path, text string, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Chmod(mode) // whatever the umask takes away: the group reads it
	}
	return errors.Join(err, f.Close())
}

// readPrivate reads a private key in BIND's format.
func readPrivate(text string) (*ecdsa.PrivateKey, error) {
	fields := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(line, ":"); ok {
			fields[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	if !strings.HasPrefix(fields["Private-key-format"], "v1.") {
		return nil, errors.New("is no private key in BIND's format (Private-key-format: v1.3)")
	}
	if number, _, _ := strings.Cut(fields["Algorithm"], " "); number != fmt.Sprint(Algorithm) {
		return nil, fmt.Errorf("is of algorithm %q, and zones are signed by %d here, ECDSA P-256", fields["Algorithm"], Algorithm)
	}
	secret, err := base64.StdEncoding.DecodeString(fields["PrivateKey"])
	if err != nil || len(secret) == 0 || len(secret) > 32 {
		return nil, errors.New("has no PrivateKey of 32 octets in base64")
	}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), new(big.Int).SetBytes(secret).FillBytes(make([]byte, 32)))
	if err != nil {
		return nil, errors.New("has a PrivateKey that is none of P-256")
	}
	return private, nil
}
