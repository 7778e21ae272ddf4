package sign

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

var apex = []byte("\x07example\x00")

func mustKey(t testing.TB) *Key {
	t.Helper()
	key, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestSignaturesAreThoseOfRFC6979: its example for P-256 and SHA-256 (A.2.5). What is signed twice is the same.
func TestSignaturesAreThoseOfRFC6979(t *testing.T) {
	t.Parallel()
	secret, _ := hex.DecodeString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721")
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), secret)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"sample": "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
		"test":   "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083",
	} {
		digest := sha256.Sum256([]byte(text))
		for range 2 {
			got, err := signDigest(key, digest[:])
			if fmt.Sprintf("%X", got) != want {
				t.Errorf("%s: got %X, %v", text, got, err)
			}
		}
	}
}

func TestWhatIsNoSignatureIsNotTaken(t *testing.T) {
	t.Parallel()
	for _, der := range []string{"", "30", "3006", "300602010102", "30060201010205ff", "30" + "44" + "0221" + strings.Repeat("01", 33) + "020101"} {
		b, _ := hex.DecodeString(der)
		if got, err := rawSignature(b); err == nil {
			t.Errorf("%s: got %x", der, got)
		}
	}
}

// TestKeysAreAsTheLibraryHasThem: their tags, and what the parent is to have; and what is written is read.
func TestKeysAreAsTheLibraryHasThem(t *testing.T) {
	t.Parallel()
	for range 20 {
		key, dir := mustKey(t), t.TempDir()
		paths, err := key.Write(dir, apex)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(paths[0])
		if err != nil {
			t.Fatal(err)
		}
		r, err := dns.NewRR(string(text))
		if err != nil {
			t.Fatal(err)
		}
		public := r.(*dns.DNSKEY)
		ds := public.ToDS(dns.SHA256)
		if public.KeyTag() != key.Tag || fmt.Sprintf("%x", key.DS(apex)[4:]) != ds.Digest || ds.KeyTag != key.Tag {
			t.Errorf("got tag %d, DS %x, want %d, %v", key.Tag, key.DS(apex), public.KeyTag(), ds)
		}
		private, err := os.Open(paths[1])
		if err != nil {
			t.Fatal(err)
		}
		if other, err := public.ReadPrivateKey(private, paths[1]); err != nil || !key.private.Equal(other) {
			t.Errorf("the library reads another key: %v", err)
		}
		if info, _ := private.Stat(); info.Mode().Perm() != 0o640 {
			t.Errorf("mode %v", info.Mode())
		}
		private.Close()
		if found := ReadKey(dir, apex); found.Key == nil || found.Key.Tag != key.Tag || !found.Key.private.Equal(key.private) || len(found.Problems)+len(found.Notes) > 0 || len(found.Files) != 3 {
			t.Errorf("got %+v", found)
		}
	}
}

// keyMistakes are files of keys that are no use: the name of each, what becomes of it, and what is said.
var keyMistakes = []struct {
	what string
	do   func(t *testing.T, key, private string)
	want string
}{
	{"no key", func(t *testing.T, key, private string) { os.Remove(key) }, "there is no key of zone example (tinycdn dnssec key new example makes one)"},
	{"no private key", func(t *testing.T, key, private string) { os.Remove(private) }, "no such file"},
	{"two keys", func(t *testing.T, key, private string) {
		if _, err := mustKey(t).Write(filepath.Dir(filepath.Dir(key)), apex); err != nil {
			t.Fatal(err)
		}
	}, "there are 2 keys of zone example, and one signs it"},
	{"another zone's", func(t *testing.T, key, private string) { replace(t, key, "example. IN", "example.org. IN") }, "is a key of zone example.org, and not of example"},
	{"another algorithm", func(t *testing.T, key, private string) { replace(t, key, "257 3 13", "257 3 8") }, "is of algorithm 8, and zones are signed by 13 here"},
	{"another algorithm of the private one", func(t *testing.T, key, private string) { replace(t, private, "Algorithm: 13", "Algorithm: 8") }, `is of algorithm "8 (ECDSAP256SHA256)"`},
	{"no key of a zone", func(t *testing.T, key, private string) { replace(t, key, "257 3 13", "1 3 13") }, "is no key that signs zones"},
	{"another record", func(t *testing.T, key, private string) { replace(t, key, "DNSKEY 257 3 13", "TXT") }, "is no DNSKEY record"},
	{"another format", func(t *testing.T, key, private string) {
		replace(t, private, "Private-key-format", "-----BEGIN")
	}, "is no private key in BIND's format"},
	{"half a key", func(t *testing.T, key, private string) { replace(t, private, "PrivateKey: ", "PrivateKey: !") }, "has no PrivateKey of 32 octets in base64"},
	{"nothing as a key", func(t *testing.T, key, private string) { replace(t, private, "PrivateKey: ", "PrivateKey: AAAA\n: ") }, "has a PrivateKey that is none of P-256"},
	{"keys that do not match", func(t *testing.T, key, private string) {
		other := mustKey(t)
		paths, err := other.Write(t.TempDir(), apex)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := os.ReadFile(paths[1])
		if err := os.WriteFile(private, text, 0o640); err != nil {
			t.Fatal(err)
		}
	}, "is not the private key of what lies beside it"},
}

func replace(t *testing.T, path, old, new string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 2)), 0o640); err != nil {
		t.Fatal(err)
	}
}

func TestKeysThatAreNoUseAreTold(t *testing.T) {
	t.Parallel()
	for _, test := range keyMistakes {
		dir := t.TempDir()
		paths, err := mustKey(t).Write(dir, apex)
		if err != nil {
			t.Fatal(err)
		}
		test.do(t, paths[0], paths[1])
		found := ReadKey(dir, apex)
		if found.Key != nil || len(found.Problems) != 1 || !strings.Contains(found.Problems[0].String(), test.want) {
			t.Errorf("%s: got %v, want %s", test.what, found.Problems, test.want)
		}
	}
}

func TestAKeyThatEverybodyReadsIsNoted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	paths, err := mustKey(t).Write(dir, apex)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(paths[1], 0o644); err != nil {
		t.Fatal(err)
	}
	if found := ReadKey(dir, apex); found.Key == nil || len(found.Notes) != 1 || !strings.Contains(found.Notes[0].Text, "everybody on this machine can read it") {
		t.Errorf("got %+v", found)
	}
	if _, err := (&Key{Tag: 0, Data: make([]byte, 68), private: mustKey(t).private}).Write("/dev/null/keys", apex); err == nil {
		t.Error("a key is written where no folder can be")
	}
}
