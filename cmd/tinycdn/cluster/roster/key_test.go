package roster

import (
	"bytes"
	"strings"
	"testing"
)

func TestAPrivateKeyIsReadFromItsFile(t *testing.T) {
	t.Parallel()
	key := NewKey()
	line := strings.Split(string(key.Marshal("")), "\n")[1]
	other := strings.Split(string(NewKey().Marshal("")), "\n")[1]
	for name, c := range map[string]struct {
		text string
		ok   bool
	}{
		"as written":             {string(key.Marshal("the key of a\nlaptop\r\n" + other)), true},
		"the line alone":         {line, true},
		"spaces around it":       {"\n  " + line + "\r\n\n# a comment\n", true},
		"nothing":                {"", false},
		"a comment":              {"# nothing\n", false},
		"two keys":               {line + "\n" + other, false},
		"the same key twice":     {line + "\n" + line, false},
		"cut off":                {line[:len(line)-1], false},
		"longer":                 {line + "A", false},
		"a line end in it":       {line[:30] + "\r" + line[30:], false},
		"without what it is":     {strings.TrimPrefix(line, privatePrefix), false},
		"of another version":     {strings.Replace(line, "-1-", "-2-", 1), false},
		"something after it":     {line + "\nmore", false},
		"bits that mean nothing": {line[:len(line)-1] + "_", false},
	} {
		got, err := ParsePrivateKey([]byte(c.text))
		if (err == nil) != c.ok || c.ok && got.Public() != key.Public() {
			t.Errorf("%s: %v", name, err)
		}
		secret := strings.TrimPrefix(line, privatePrefix)
		for i := range len(secret) - 8 {
			if err != nil && strings.Contains(err.Error(), secret[i:i+8]) {
				t.Errorf("%s: the error tells of the secret: %v", name, err)
			}
		}
	}
}

func TestAPublicKeyIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	key := NewKey().Public()
	if got, err := ParseKey(key.String()); got != key || err != nil {
		t.Error(got, err)
	}
	for _, text := range []string{"", "A", key.String() + "A", key.String()[:42], key.String() + "=", "\n" + key.String(), key.String()[:10] + "\r" + key.String()[10:], strings.Repeat("!", 43)} {
		if _, err := ParseKey(text); err == nil {
			t.Errorf("%q is taken for a key", text)
		}
	}
}

func TestASignedTextIsOpenedAsWhatItIs(t *testing.T) {
	t.Parallel()
	key := NewKey()
	text := []byte("a kind\nsome\nlines\n")
	signed := key.Sign(text)
	if got, by, err := Open("a kind", signed); !bytes.Equal(got, text) || by != key.Public() || err != nil {
		t.Fatalf("%q %v %v", got, by, err)
	}
	if _, _, err := Open("another kind", signed); err == nil {
		t.Error("it is taken for another kind")
	}
	for i := range signed {
		changed := bytes.Clone(signed)
		changed[i] ^= 1
		if _, _, err := Open("a kind", changed); err == nil {
			t.Errorf("octet %d was changed, and nobody notices", i)
		}
		if _, _, err := Open("a kind", signed[:i]); err == nil {
			t.Errorf("cut at %d, and nobody notices", i)
		}
	}
	for _, more := range []string{"\n", "x", " ", "\r\n", string(signed)} {
		if _, _, err := Open("a kind", append(bytes.Clone(signed), more...)); err == nil {
			t.Errorf("%q after it, and nobody notices", more)
		}
	}
}

func FuzzOpen(f *testing.F) {
	key := NewKey()
	f.Add(key.Sign([]byte("a kind\ntext\n")))
	f.Add([]byte("a kind\nsignature a b\n"))
	f.Fuzz(func(t *testing.T, signed []byte) {
		text, _, err := Open("a kind", signed)
		if err == nil && !bytes.HasPrefix(signed, text) {
			t.Errorf("%q of %q", text, signed)
		}
		ParsePrivateKey(signed)
	})
}
