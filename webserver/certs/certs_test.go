package certs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestEveryFormOfKeyIsRead(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	_, edKey, _ := ed25519.GenerateKey(rand.Reader)
	ec := ecdsaKey().(*ecdsa.PrivateKey)
	for _, c := range []struct {
		name, text string
		key        crypto.Signer
	}{
		{"pkcs8-ecdsa", keyPEM(ec), ec},
		{"pkcs8-rsa", keyPEM(rsaKey()), rsaKey()},
		{"pkcs8-ed25519", keyPEM(edKey), edKey},
		{"sec1", toPEM("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(ec))), ec},
		{"pkcs1", toPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey().(*rsa.PrivateKey))), rsaKey()},
	} {
		der, _ := sign(wish{names: []string{"example.org"}, key: c.key})
		l := load(Pair{k.write(c.name+".pem", certPEM(der)), k.write(c.name+".key", "some words\n"+c.text)})
		if said := k.says(append(l.Problems, l.Notes...)); said != "" || !l.Value.Covers("example.org") {
			t.Errorf("%s: %s", c.name, said)
		}
		greet(t, l.Value, false, &tls.Config{ServerName: "example.org"})
	}
}

func TestEachMistakeIsOneClearLine(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	root := newIssuer("Root", nil)
	middle := newIssuer("Middle", root)
	der, key := sign(wish{names: []string{"example.org"}})
	issued, issuedKey := sign(wish{names: []string{"example.org"}, issuer: middle})
	good, goodKey := certPEM(der), keyPEM(key)
	issuedPEM, middlePEM, rootPEM := certPEM(issued), certPEM(middle.certificate.Raw), certPEM(root.certificate.Raw)
	past := time.Now().Add(-day).UTC().Format("2006-01-02")
	next := time.Now().Add(day).UTC().Format("2006-01-02")
	expired, _ := sign(wish{names: []string{"example.org"}, from: -2 * day, until: -day, key: key})
	early, _ := sign(wish{names: []string{"example.org"}, from: day, until: 2 * day, key: key})
	nameless, _ := sign(wish{key: key})

	for _, c := range []struct {
		chain, key   string
		want, note   string
		isUsedAnyway bool
	}{
		{good, goodKey, "", "", true},
		{goodKey + good, good + goodKey, "", "", true}, // both in one
		{"", goodKey, "c.pem: no such file or directory", "", false},
		{good, "", "c.key: no such file or directory", "", false},
		{"hello\n", goodKey, "c.pem: holds no certificate in PEM (-----BEGIN CERTIFICATE-----)", "", false},
		{string(der), goodKey, "c.pem: holds no certificate in PEM (-----BEGIN CERTIFICATE-----)", "", false},
		{good, "hello\n", "c.key: holds no key in PEM (-----BEGIN PRIVATE KEY-----)", "", false},
		{good, good, "c.key:1: holds a certificate and no key; the key's file comes second in certs", "", false},
		{goodKey, good, "c.pem:1: holds a key and no certificate; the certificate's file comes first in certs", "", false},
		{good, keyPEM(ecdsaKey()), "c.key: the key does not belong to the certificate of c.pem (example.org)", "", false},
		{good, toPEM("ENCRYPTED PRIVATE KEY", []byte("x")), "c.key:1: the key is encrypted; write it without a passphrase: openssl pkey -in c.key", "", false},
		{good, "\n\n" + toPEM("PRIVATE KEY", []byte("x")), "c.key:3: the key cannot be read; is the file whole?", "", false},
		{"# mine\n" + good + toPEM("CERTIFICATE", []byte("x")), goodKey, "c.pem:11: certificate 2 cannot be read: malformed certificate", "", false},
		{strings.Repeat("x", maxFile+1), goodKey, "c.pem: is larger than 1 MB", "", false},
		{certPEM(expired), goodKey, "c.pem: the certificate (example.org) has expired on " + past, "", true},
		{certPEM(early), goodKey, "c.pem: the certificate (example.org) is not valid before " + next + "; is the clock right?", "", true},
		{middlePEM + issuedPEM, keyPEM(issuedKey), "c.pem: the key is that of certificate 2 (example.org); put this one first, and its issuers' behind it", "", false},
		{issuedPEM + middlePEM + rootPEM, keyPEM(issuedKey), "", "", true},
		{issuedPEM + rootPEM + middlePEM, keyPEM(issuedKey), "", "c.pem: certificate 2 (CN=Root) is not of the issuer of the one before it; some clients will not find the way", true},
		{issuedPEM, keyPEM(issuedKey), "", "c.pem: the certificate of its issuer (Middle) is missing; if there is a fullchain.pem, that is the one", true},
		{certPEM(nameless), goodKey, "", "c.pem: the certificate (CN=self) names no host in its subjectAltName, so browsers will not take it", true},
	} {
		pair := Pair{filepath.Join(k.folder, "c.pem"), filepath.Join(k.folder, "c.key")}
		for path, text := range map[string]string{pair.Chain: c.chain, pair.Key: c.key} {
			os.Remove(path)
			if text != "" {
				k.write(filepath.Base(path), text)
			}
		}
		l := load(pair)
		got, note, used := k.says(l.Problems), k.says(l.Notes), len(l.Value.Expiries()) == 1
		// A message of Go's own may grow.
		if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" || note != c.note || used != c.isUsedAnyway {
			t.Errorf("got  %q, note %q, used: %v\nwant %q, note %q, used: %v", got, note, used, c.want, c.note, c.isUsedAnyway)
		}
		if len(l.Files) != 2 {
			t.Errorf("%d files were looked at, want 2", len(l.Files))
		}
	}
}

func TestKeyThatEverybodyReadsIsNoted(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	pair := k.pair("c", wish{names: []string{"example.org"}})
	if err := os.Chmod(pair.Key, 0o644); err != nil {
		t.Fatal(err)
	}
	want := "c.key: everybody on this machine can read the key; chmod o-r c.key"
	if got := k.says(load(pair).Notes); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPipeInPlaceOfAFileMakesNobodyWait(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	pair := k.pair("c", wish{names: []string{"example.org"}})
	pair.Chain = filepath.Join(k.folder, "pipe")
	if err := syscall.Mkfifo(pair.Chain, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := k.says(load(pair).Problems); got != "pipe: is a pipe, not a file" {
		t.Errorf("got %q", got)
	}
}

func TestBadPairCostsItselfOnly(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	good, bad := k.pair("good", wish{names: []string{"good.example"}}), k.pair("bad", wish{names: []string{"bad.example"}})
	bad.Key = good.Key
	l := load(bad, good)
	if len(l.Problems) != 1 || l.Value.Empty() || l.Value.Covers("bad.example") || !l.Value.Covers("good.example") {
		t.Errorf("problems %v, expiries %v", l.Problems, l.Value.Expiries())
	}
	if got := greet(t, l.Value, false, &tls.Config{ServerName: "bad.example"}); got != refused {
		t.Errorf("got %s", got)
	}
}

func TestHalfAnUpdateKeepsTheOldPair(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	pair := k.pair("c", wish{names: []string{"example.org"}})
	before := load(pair)
	der, key := sign(wish{names: []string{"example.org", "new.example.org"}})

	k.write("c.pem", certPEM(der))
	half := Load([]Pair{pair}, before.Value, time.Now())
	if !slices.Equal(half.Value.all, before.Value.all) || len(half.Problems) != 1 {
		t.Errorf("with a new chain and the old key: %v, problems %v", half.Value.Expiries(), half.Problems)
	}
	k.write("c.key", keyPEM(key))
	whole := Load([]Pair{pair}, half.Value, time.Now())
	if !whole.Value.Covers("new.example.org") || len(whole.Problems) != 0 {
		t.Errorf("with both: %v, problems %v", whole.Value.Expiries(), whole.Problems)
	}
}

func TestCurrentShowsTheNewCertificateAtOnce(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	var current Current
	if c := current.Store().Pick(&tls.ClientHelloInfo{}, true); c != nil || !current.Store().Empty() {
		t.Errorf("with nothing loaded: %v", c)
	}
	for i := range 3 {
		current.Set(load(k.pair("c", wish{names: []string{fmt.Sprintf("n%d.example", i)}})).Value)
		want := fmt.Sprintf("n%d.example", i)
		if c := current.Store().Pick(&tls.ClientHelloInfo{ServerName: want}, false); c == nil || title(c.Leaf) != want {
			t.Errorf("got %v, want %s", c, want)
		}
	}
	if current.Store().Covers("n1.example") || !current.Store().Covers("N2.example") {
		t.Error("the old store is still there")
	}
	if e := current.Store().Expiries(); len(e) != 1 || e[0].Names[0] != "n2.example" || time.Until(e[0].Until) > day {
		t.Errorf("got %v", e)
	}
}
