package certs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"tinycdn/zones/diag"
)

// kit makes the certificates of a test, in a folder of its own.
type kit struct {
	t      testing.TB
	folder string
}

func newKit(t testing.TB) kit { return kit{t, t.TempDir()} }

var rsaKey = sync.OnceValue(func() crypto.Signer { return must(rsa.GenerateKey(rand.Reader, 2048)) })

func ecdsaKey() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

const day = 24 * time.Hour

// wish is what a certificate should be like. What is left zero: ECDSA, signed by itself, good for a day more.
type wish struct {
	names  []string
	from   time.Duration // from now
	until  time.Duration
	key    crypto.Signer
	issuer *issuer
}

type issuer struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

func sign(w wish) (der []byte, key crypto.Signer) {
	if key = w.key; key == nil {
		key = ecdsaKey()
	}
	if w.until == 0 {
		w.from, w.until = -day, day
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "of a test"},
		NotBefore: now.Add(w.from), NotAfter: now.Add(w.until),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: w.names == nil,
	}
	for _, name := range w.names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	parent, by := template, key
	if w.issuer != nil {
		parent, by = w.issuer.certificate, w.issuer.key
	} else {
		template.Subject.CommonName = "self"
	}
	return must(x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)), key
}

func newIssuer(name string, by *issuer) *issuer {
	key := ecdsaKey()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-day),
		NotAfter: time.Now().Add(day), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.certificate, by.key
	}
	return &issuer{must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)))), key}
}

func certPEM(der []byte) string { return toPEM("CERTIFICATE", der) }

func keyPEM(key crypto.Signer) string {
	return toPEM("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(key)))
}

func toPEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// write puts a file into the folder and gives its path.
func (k kit) write(name, text string) string {
	k.t.Helper()
	path := filepath.Join(k.folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		k.t.Fatal(err)
	}
	return path
}

// pair writes the files of a certificate.
func (k kit) pair(name string, w wish) Pair {
	k.t.Helper()
	der, key := sign(w)
	return Pair{k.write(name+".pem", certPEM(der)), k.write(name+".key", keyPEM(key))}
}

func load(pairs ...Pair) diag.Loaded[*Store] { return Load(pairs, nil, time.Now()) }

// says gives problems as lines, without the folder.
func (k kit) says(problems []diag.Problem) string {
	var lines []string
	for _, p := range problems {
		lines = append(lines, strings.ReplaceAll(p.String(), k.folder+"/", ""))
	}
	return strings.Join(lines, "\n")
}

// refused is what greet gives if there was no certificate to show.
const refused = "refused"

// greet shakes hands with a server that has a store, and gives the first name of the certificate that it showed.
func greet(t *testing.T, s *Store, anyHost bool, client *tls.Config) string {
	t.Helper()
	var shown *x509.Certificate
	client.InsecureSkipVerify = true // a look at it is all that is wanted
	client.VerifyConnection = func(c tls.ConnectionState) error { shown = c.PeerCertificates[0]; return nil }
	here, there := loopback(t)
	done := make(chan error, 1)
	pick := func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) { return s.Pick(hello, anyHost), nil }
	go func() { done <- tls.Server(there, &tls.Config{GetCertificate: pick}).Handshake() }()
	err := tls.Client(here, client).Handshake()
	if served := <-done; err == nil && served == nil {
		return title(shown)
	}
	if err == nil || err.Error() != "remote error: tls: unrecognized name" {
		t.Fatalf("got %v, want the alert unrecognized_name", err)
	}
	return refused
}

// loopback gives both ends of a connection.
func loopback(t *testing.T) (here, there net.Conn) {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	here = must(net.Dial("tcp", l.Addr().String()))
	there = must(l.Accept())
	t.Cleanup(func() { here.Close(); there.Close() })
	return here, there
}
