package roster

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// quick is little work for a passphrase.
const quick = 4

func TestALockedKeyIsOpenedByItsPassphraseAlone(t *testing.T) {
	t.Parallel()
	key := NewKey()
	file, err := key.lock("the key\nof somebody", "correct horse", quick)
	if err != nil {
		t.Fatal(err)
	}
	if seed := key.Marshal(""); bytes.Contains(file, seed[len("# \n"):]) || !bytes.HasPrefix(file, []byte("# the key of somebody\n"+lockedPrefix)) {
		t.Fatalf("%s", file)
	}
	if _, err := ParsePrivateKey(file); err == nil {
		t.Error("it is taken for an open key")
	}
	locked, err := ParseLockedKey(file)
	if err != nil || locked.Public != key.Public() {
		t.Fatal(locked, err)
	}
	if got, err := locked.Open("correct horse"); err != nil || got.Public() != key.Public() {
		t.Error(err)
	}
	for _, wrong := range []string{"", "correct horse ", "Correct horse"} {
		if _, err := locked.Open(wrong); !errors.Is(err, ErrPassphrase) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	other := NewKey()
	text := strings.Replace(string(file), key.Public().String(), other.Public().String(), 1)
	if locked, err = ParseLockedKey([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if _, err := locked.Open("correct horse"); err == nil || errors.Is(err, ErrPassphrase) {
		t.Errorf("it is taken for another's: %v", err)
	}
	for n := len(file) / 2; n < len(file)-2; n += 7 {
		if locked, err := ParseLockedKey(file[:n]); err == nil {
			if _, err := locked.Open("correct horse"); err == nil {
				t.Errorf("cut at %d, and nobody notices", n)
			}
		}
	}
	if _, err := key.Lock("", ""); err == nil {
		t.Error("an empty passphrase is taken")
	}
}

func FuzzParseLockedKey(f *testing.F) {
	key := NewKey()
	file, err := key.lock("a key", "a passphrase", quick)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add([]byte("# \n" + lockedPrefix + key.Public().String() + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		locked, err := ParseLockedKey(text)
		if err == nil && !bytes.Contains(text, []byte(lockedPrefix+locked.Public.String())) {
			t.Errorf("%v of %q", locked.Public, text)
		}
	})
}
