package testkit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Issuer signs certificates as a certificate authority does.
type Issuer struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	Pool        *x509.CertPool // for those who trust it
	issued      atomic.Int64
}

// Authority is the one that all visitors of the tests trust.
var Authority = sync.OnceValue(func() *Issuer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority of the tests"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	a := &Issuer{key: key, Pool: x509.NewCertPool()}
	if a.certificate, err = x509.ParseCertificate(signed); err != nil {
		panic(err)
	}
	a.Pool.AddCert(a.certificate)
	return a
})

// PEM is its own certificate.
func (a *Issuer) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

// Issue writes a certificate for some hosts to path.pem and its key to path.key. Each has a number, which is higher
// than those of all before it, and holds as many seconds longer, so that no two are alike.
func (a *Issuer) Issue(path string, from, until time.Time, hosts ...string) (number int64, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return 0, err
	}
	number = 1 + a.issued.Add(1)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(number), Subject: pkix.Name{CommonName: hosts[0]},
		NotBefore: from, NotAfter: until.Add(time.Duration(number) * time.Second), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return 0, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return 0, err
	}
	for _, file := range []struct {
		name, kind string
		data       []byte
	}{{path + ".pem", "CERTIFICATE", signed}, {path + ".key", "PRIVATE KEY", secret}} {
		text := pem.EncodeToMemory(&pem.Block{Type: file.kind, Bytes: file.data})
		if file.kind == "CERTIFICATE" {
			// A chain, as an authority gives it: some clients and checkers want it whole.
			text = append(text, pem.EncodeToMemory(&pem.Block{Type: file.kind, Bytes: a.certificate.Raw})...)
		}
		if err := os.WriteFile(file.name+".new", text, 0o600); err != nil {
			return 0, err
		}
		if err := os.Rename(file.name+".new", file.name); err != nil {
			return 0, err
		}
	}
	return number, nil
}
