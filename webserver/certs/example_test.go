package certs_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"tinycdn/webserver/certs"
)

// A pair that cannot be used costs itself only: the others are there for their clients.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "certs")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	pair := certs.Pair{Chain: filepath.Join(dir, "example.org.crt"), Key: filepath.Join(dir, "example.org.key")}
	writePair(pair, "example.org", "*.example.org")
	missing := certs.Pair{Chain: filepath.Join(dir, "example.net.crt"), Key: filepath.Join(dir, "example.net.key")}

	loaded := certs.Load([]certs.Pair{missing, pair}, nil, time.Now())
	for _, p := range loaded.Problems {
		fmt.Println(filepath.Base(p.File)+":", p.Text)
	}
	c := loaded.Value.Pick(&tls.ClientHelloInfo{ServerName: "www.example.org"}, false)
	fmt.Println(c.Leaf.DNSNames)
	// Output:
	// example.net.crt: no such file or directory
	// example.net.key: no such file or directory
	// [example.org *.example.org]
}

// writePair makes a certificate that is signed by itself and good for ninety days.
func writePair(pair certs.Pair, names ...string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: names, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(90 * 24 * time.Hour)}
	chain, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	for path, block := range map[string]*pem.Block{
		pair.Chain: {Type: "CERTIFICATE", Bytes: chain},
		pair.Key:   {Type: "PRIVATE KEY", Bytes: secret},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			panic(err)
		}
	}
}
