package certs

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"strings"
	"testing"
	"time"
)

// FuzzParse holds that no files whatever end the process, that a pair is used or has a problem, and that crypto/tls
// takes what is used.
func FuzzParse(f *testing.F) {
	now := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)) // its signatures are the same in every process
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"example.org"}, NotBefore: now.Add(-day), NotAfter: now.Add(day),
	}
	chain := certPEM(must(x509.CreateCertificate(nil, template, template, key.Public(), key)))
	keyText := keyPEM(key)
	f.Add(chain, keyText)
	f.Add(chain+chain, "\n"+keyText+chain)
	f.Add(keyText, chain)
	f.Add("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n")
	f.Fuzz(func(t *testing.T, chain, key string) {
		l := loader{}
		c := l.parse(Pair{"chain", "key"}, []byte(chain), []byte(key), now)
		dated := len(l.Problems) == 1 && strings.HasPrefix(l.Problems[0].Text, "the certificate (")
		if used, clean := c != nil, len(l.Problems) == 0; used != (clean || dated) {
			t.Errorf("used: %v, with problems %v", used, l.Problems)
		}
		if c == nil {
			return
		}
		if _, err := tls.X509KeyPair([]byte(chain), []byte(key)); err != nil {
			t.Errorf("used, but crypto/tls says: %v", err)
		}
	})
}
