package files

import (
	"bytes"
	"errors"
	"io"
)

var errKey = errors.New("this is a private key; it is left out (keys have no place in a site: move it away, and replace it if it was ever served)")

// keyWithin is how far into a file a key is looked for: behind a certificate chain, some have it in the same file.
const keyWithin = 16 << 10

// holdsKey says whether a file is a private key, be it that of a zone, or begins with something else in PEM (RFC 7468) and has one behind it.
func holdsKey(in io.ReaderAt) bool {
	begin, ofZone := []byte("-----BEGIN"), []byte("Private-key-format:")
	head := make([]byte, len(ofZone))
	n, _ := in.ReadAt(head, 0)
	if bytes.Equal(head[:n], ofZone) {
		return true
	}
	if !bytes.HasPrefix(head[:n], begin) {
		return false
	}
	text := make([]byte, keyWithin)
	n, _ = in.ReadAt(text, 0)
	return bytes.Contains(text[:n], []byte("PRIVATE KEY"))
}
