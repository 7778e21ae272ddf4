package acme

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"time"
)

// A Bundle is all that somebody needs to go on ordering where another stopped: accounts, keys, chains, and when what is due.
type Bundle struct {
	Version      Version                 `json:"version"`
	Accounts     map[string]*Account     `json:"accounts"`     // by the authority's directory
	Certificates map[string]*Certificate `json:"certificates"` // by name
}

// Version tells which of two bundles is newer. The term is that of who orders, the counter rises with every change.
type Version struct {
	Term    uint64 `json:"term"`
	Counter uint64 `json:"counter"`
}

// Less says whether v is older.
func (v Version) Less(other Version) bool {
	return v.Term < other.Term || v.Term == other.Term && v.Counter < other.Counter
}

// Account is ours with an authority.
type Account struct {
	Version   Version `json:"version"`
	Directory string  `json:"directory"`
	URL       string  `json:"url"`
	Email     string  `json:"email,omitempty"`
	Key       string  `json:"key"`              // in PEM
	Issuer    string  `json:"issuer,omitempty"` // what the authority calls itself in records of DNS-PERSIST-01

	Busy time.Time `json:"busy"` // until then it wants to be left alone
}

// Certificate is one that there is, or is to be. Its chain and key are in PEM.
type Certificate struct {
	Version   Version  `json:"version"`
	Names     []string `json:"names"`
	Directory string   `json:"directory,omitempty"` // of whose it is
	Method    string   `json:"method,omitempty"`    // how the names were proved to be ours
	Chain     string   `json:"chain,omitempty"`
	Key       string   `json:"key,omitempty"`
	Window    Window   `json:"window"`
	At        string   `json:"at,omitempty"` // the folder that it was last written to

	Failures int       `json:"failures,omitempty"` // one after the other
	Why      string    `json:"why,omitempty"`      // of the last one: the authority's words
	FailedAt time.Time `json:"failed_at"`
	Next     time.Time `json:"next"`            // not before then
	Asked    bool      `json:"asked,omitempty"` // somebody wants it at once

	leaf *x509.Certificate
}

// Window is when the authority wants to be asked for the next one (RFC 9773).
type Window struct {
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`
	Chosen time.Time `json:"chosen"`         // a moment in it
	Ask    time.Time `json:"ask"`            // when to ask again what it is
	Page   string    `json:"page,omitempty"` // where the authority says why
}

// clone is a copy of a bundle that shares nothing that changes.
func (b *Bundle) clone() Bundle {
	c := Bundle{b.Version, map[string]*Account{}, map[string]*Certificate{}}
	for directory, a := range b.Accounts {
		one := *a
		c.Accounts[directory] = &one
	}
	for name, have := range b.Certificates {
		one := *have
		c.Certificates[name] = &one
	}
	return c
}

// has says whether there is a certificate for all of the names.
func (c *Certificate) has(names []string) bool {
	if c.leaf == nil {
		return false
	}
	return !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(c.leaf.DNSNames, name) })
}

// parse reads chain and key, and says what is wrong with them.
func (c *Certificate) parse() error {
	c.leaf = nil
	if c.Chain == "" {
		return nil
	}
	block, _ := pem.Decode([]byte(c.Chain))
	if block == nil || block.Type != "CERTIFICATE" {
		return errors.New("the chain holds no certificate")
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return errors.New("the certificate cannot be read: " + strings.TrimPrefix(err.Error(), "x509: "))
	}
	key, err := keyFor(leaf, c.Key)
	if err != nil {
		return err
	}
	c.leaf, c.Key = leaf, key
	return nil
}

// keyFor picks the key of a certificate from those in a text: while a new pair is written, both are there.
func keyFor(leaf *x509.Certificate, text string) (string, error) {
	public, _ := leaf.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	for rest := []byte(text); public != nil; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if key, err := parseKey(block.Bytes); err == nil && public.Equal(key.Public()) {
			return string(pem.EncodeToMemory(block)), nil
		}
	}
	return "", errors.New("the key does not belong to the certificate")
}

func parseKey(der []byte) (crypto.Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errors.New("the key cannot be read")
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("the key cannot sign")
	}
	return signer, nil
}

// newKey makes one, ECDSA P-256, which every client of today knows.
func newKey() (crypto.Signer, string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, "", err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, "", err
	}
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}

// signer is the account's key.
func (a *Account) signer() (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(a.Key))
	if block == nil {
		return nil, errors.New("the account's key cannot be read")
	}
	return parseKey(block.Bytes)
}
