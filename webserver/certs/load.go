package certs

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// maxFile is far more than the longest chain takes.
const maxFile = 1 << 20

// load reads a pair, and notes what is wrong with it. It gives nil if the pair cannot be used.
func (l *Loaded) load(pair Pair, now time.Time) *certificate {
	chainText, chainOK := l.read(pair.Chain)
	keyText, keyOK := l.read(pair.Key)
	if !chainOK || !keyOK {
		return nil
	}
	chain, ok := l.parseChain(pair.Chain, chainText)
	if !ok {
		return nil
	}
	key, ok := l.parseKey(pair, keyText)
	if !ok {
		return nil
	}
	if !l.match(pair, chain, key) {
		return nil
	}
	l.judge(pair, chain, now)
	return newCertificate(pair, chain, key)
}

// read gives what a file holds.
func (l *Loaded) read(name string) (text []byte, ok bool) {
	l.Files[name] = nil
	info, err := os.Stat(name)
	switch {
	case err != nil:
		l.problem(name, 0, "%s", reason(err))
		return nil, false
	case !info.Mode().IsRegular():
		l.problem(name, 0, "is not a file") // to open a pipe would wait for who writes to it
		return nil, false
	}
	l.Files[name] = info
	file, err := os.Open(name)
	if err != nil {
		l.problem(name, 0, "%s", reason(err))
		return nil, false
	}
	defer file.Close()
	text, err = io.ReadAll(io.LimitReader(file, maxFile+1))
	switch {
	case err != nil:
		l.problem(name, 0, "%s", reason(err))
		return nil, false
	case len(text) > maxFile:
		l.problem(name, 0, "is longer than 1 MB, which no certificate or key is")
		return nil, false
	}
	return text, true
}

// reason is err without the name of the file, which stands before it anyway.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return err.Error()
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
