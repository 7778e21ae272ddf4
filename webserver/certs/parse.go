package certs

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"time"
)

// parse makes a certificate of what the files of a pair hold.
func (l *loader) parse(pair Pair, chainText, keyText []byte, now time.Time) *certificate {
	chain, ok := l.parseChain(pair.Chain, chainText)
	if !ok {
		return nil
	}
	key, ok := l.parseKey(pair, keyText)
	if !ok || !l.match(pair, chain, key) {
		return nil
	}
	l.judge(pair, chain, now)
	return newCertificate(pair, chain, key)
}

// parseChain reads the certificates of a file, the site's own first.
func (l *loader) parseChain(name string, text []byte) (chain []*x509.Certificate, ok bool) {
	keyAt := 0 // that both are in one file is fine
	for block, line := range blocks(text) {
		switch {
		case block.Type == "CERTIFICATE":
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				l.problem(name, line, "certificate %d cannot be read: %s", len(chain)+1, strings.TrimPrefix(err.Error(), "x509: "))
				return nil, false
			}
			chain = append(chain, c)
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			keyAt = line
		}
	}
	switch {
	case len(chain) > 0:
		return chain, true
	case keyAt > 0:
		l.problem(name, keyAt, "holds a key and no certificate; the certificate's file comes first in certs")
	default:
		l.problem(name, 0, "holds no certificate in PEM (-----BEGIN CERTIFICATE-----)")
	}
	return nil, false
}

// parseKey reads the key of a file.
func (l *loader) parseKey(pair Pair, text []byte) (key crypto.Signer, ok bool) {
	certificateAt := 0
	for block, line := range blocks(text) {
		switch {
		case block.Type == "CERTIFICATE":
			certificateAt = line
		case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
			l.problem(pair.Key, line, "the key is encrypted; write it without a passphrase: openssl pkey -in %s", pair.Key)
			return nil, false
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			key, err := parsePrivateKey(block.Bytes)
			if err != nil {
				l.problem(pair.Key, line, "%v", err)
				return nil, false
			}
			return key, true
		}
	}
	if certificateAt > 0 {
		l.problem(pair.Key, certificateAt, "holds a certificate and no key; the key's file comes second in certs")
	} else {
		l.problem(pair.Key, 0, "holds no key in PEM (-----BEGIN PRIVATE KEY-----)")
	}
	return nil, false
}

// parsePrivateKey reads a key in one of the forms it may have (RFC 5208, RFC 5915, RFC 8017).
func parsePrivateKey(der []byte) (crypto.Signer, error) {
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		if signer, ok := key.(crypto.Signer); ok {
			return signer, nil
		}
		return nil, errors.New("the key cannot sign; make one of the kind ECDSA P-256")
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	return nil, errors.New("the key cannot be read; is the file whole?")
}

func newCertificate(pair Pair, chain []*x509.Certificate, key crypto.PrivateKey) *certificate {
	leaf := chain[0]
	c := &certificate{pair: pair, tls: tls.Certificate{PrivateKey: key, Leaf: leaf}}
	for _, link := range chain {
		c.tls.Certificate = append(c.tls.Certificate, link.Raw)
	}
	for _, name := range leaf.DNSNames {
		c.names = append(c.names, strings.ToLower(name))
	}
	for _, ip := range leaf.IPAddresses {
		c.names = append(c.names, ip.String())
	}
	c.quick = leaf.PublicKeyAlgorithm != x509.RSA
	return c
}

// blocks gives the PEM blocks of a text, with the lines where they begin.
func blocks(text []byte) func(yield func(*pem.Block, int) bool) {
	return func(yield func(*pem.Block, int) bool) {
		rest := text
		for {
			block, after := pem.Decode(rest)
			if block == nil {
				return
			}
			read := text[:len(text)-len(after)]
			begin := max(bytes.LastIndex(read, []byte("-----BEGIN")), 0)
			if !yield(block, 1+bytes.Count(text[:begin], []byte("\n"))) {
				return
			}
			rest = after
		}
	}
}
