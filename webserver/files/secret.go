package files

import (
	"bytes"
	"errors"
	"io"
)

var errKey = errors.New("this is a private key; it is left out (keys have no place in a site: move it away, and replace it if it was ever served)")

// keyWithin is how far into a file a key is looked for: behind a certificate chain, some have it in the same file.
const keyWithin = 16 << 10

// holdsKey says whether a file is a private key, or begins with something else in PEM (RFC 7468) and has one behind it.
func holdsKey(in io.ReaderAt) bool {
	begin := []byte("-----BEGIN")
	head := make([]byte, len(begin))
	if n, _ := in.ReadAt(head, 0); !bytes.Equal(head[:n], begin) {
		return false
	}
	text := make([]byte, keyWithin)
	n, _ := in.ReadAt(text, 0)
	return bytes.Contains(text[:n], []byte("PRIVATE KEY"))
}
