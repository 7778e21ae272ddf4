package certs

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"fmt"
	"slices"
	"time"
	"tinycdn/zones/diag"
)

// match tells whether the key is the certificate's.
func (l *loader) match(pair Pair, chain []*x509.Certificate, key crypto.Signer) bool {
	for i, c := range chain {
		public, ok := c.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
		if !ok || !public.Equal(key.Public()) {
			continue
		}
		if i > 0 {
			l.problem(pair.Chain, 0, "the key is that of certificate %d (%s); put this one first, and its issuers' behind it", i+1, title(c))
			return false
		}
		return true
	}
	l.problem(pair.Key, 0, "the key does not belong to the certificate of %s (%s)", pair.Chain, title(chain[0]))
	return false
}

// judge tells what visitors or their browsers may find wrong.
func (l *loader) judge(pair Pair, chain []*x509.Certificate, now time.Time) {
	leaf := chain[0]
	const day = "2006-01-02"
	switch {
	case now.After(leaf.NotAfter):
		l.problem(pair.Chain, 0, "the certificate (%s) has expired on %s", title(leaf), leaf.NotAfter.UTC().Format(day))
	case now.Before(leaf.NotBefore):
		l.problem(pair.Chain, 0, "the certificate (%s) is not valid before %s; is the clock right?", title(leaf), leaf.NotBefore.UTC().Format(day))
	}
	if len(leaf.DNSNames)+len(leaf.IPAddresses) == 0 {
		l.note(pair.Chain, "the certificate (%s) names no host in its subjectAltName, so browsers will not take it", title(leaf))
	}
	for i, c := range chain[1:] {
		if !bytes.Equal(chain[i].RawIssuer, c.RawSubject) {
			l.note(pair.Chain, "certificate %d (%s) is not of the issuer of the one before it; some clients will not find the way", i+2, title(c))
			break
		}
	}
	if len(chain) == 1 && !bytes.Equal(leaf.RawIssuer, leaf.RawSubject) {
		l.note(pair.Chain, "the certificate of its issuer (%s) is missing; if there is a fullchain.pem, that is the one", leaf.Issuer.CommonName)
	}
}

// title is what a person knows a certificate by.
func title(c *x509.Certificate) string {
	switch {
	case len(c.DNSNames) > 0:
		return c.DNSNames[0]
	case len(c.IPAddresses) > 0:
		return c.IPAddresses[0].String()
	}
	return c.Subject.String()
}

func (l *loader) problem(file string, line int, format string, values ...any) {
	p := diag.Problem{File: file, Line: line, Text: fmt.Sprintf(format, values...)}
	if !slices.Contains(l.Problems, p) {
		l.Problems = append(l.Problems, p)
	}
}

func (l *loader) note(file string, format string, values ...any) {
	l.Notes = append(l.Notes, diag.Problem{File: file, Text: fmt.Sprintf(format, values...)})
}
