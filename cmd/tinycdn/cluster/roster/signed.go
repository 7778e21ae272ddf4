package roster

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
)

// A signed text is lines, of which the first says what it is ("tinycdn roster 1"), so that nothing that was signed as one
// thing is taken for another, and the last is "signature KEY BASE64" over all before it.
const signature = "signature "

// Sign ends a text with the line that only the holder of the key can make. The text ends with a line end.
func (p PrivateKey) Sign(text []byte) []byte {
	return fmt.Appendf(bytes.Clone(text), "%s%v %s\n", signature, p.Public(), encoding.EncodeToString(ed25519.Sign(p.key, text)))
}

// Open gives a signed text without its last line, and whose signature that is. Kind is its first line. Whether that
// somebody may sign it is for the caller to say.
func Open(kind string, signed []byte) (text []byte, by Key, err error) {
	if first, _, ok := bytes.Cut(signed, []byte("\n")); !ok || string(first) != kind {
		return nil, Key{}, fmt.Errorf("this does not begin with %q", kind)
	}
	line := 1 + bytes.LastIndexByte(bytes.TrimSuffix(signed, []byte("\n")), '\n')
	rest, ok := bytes.CutPrefix(signed[line:], []byte(signature))
	words := bytes.Split(bytes.TrimSuffix(rest, []byte("\n")), []byte(" "))
	if !ok || len(words) != 2 || !bytes.HasSuffix(rest, []byte("\n")) {
		return nil, Key{}, fmt.Errorf("the last line is no signature")
	}
	if by, err = ParseKey(string(words[0])); err != nil {
		return nil, Key{}, fmt.Errorf("the signature: %w", err)
	}
	sum, err := decode(string(words[1]))
	if err != nil || !ed25519.Verify(by[:], signed[:line], sum) {
		return nil, Key{}, fmt.Errorf("the signature is not that of %s: the text was changed on its way", by.Fingerprint())
	}
	return signed[:line], by, nil
}
