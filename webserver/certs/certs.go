// Package certs holds the certificates of the sites, and picks the one for a client.
package certs

import (
	"time"

	"tinycdn/geoip/plainfile"
	"tinycdn/zones/diag"
)

// Pair names the two files of a certificate, in PEM: the certificate with those of its issuers behind it, and its key.
type Pair struct{ Chain, Key string }

// loader collects what comes of loading pairs of files.
type loader struct {
	diag.Loaded[*Store]
	readAll plainfile.Reader
}

// Load reads pairs. One that cannot be used costs itself only: where last has a certificate of the same pair, that
// stays. Last may be nil.
func Load(pairs []Pair, last *Store, now time.Time) diag.Loaded[*Store] {
	return LoadBy(plainfile.Read, pairs, last, now)
}

// LoadBy is Load of files that are somewhere else than where they are called.
func LoadBy(read plainfile.Reader, pairs []Pair, last *Store, now time.Time) diag.Loaded[*Store] {
	store := &Store{names: map[string][]*certificate{}, stale: map[*certificate]string{}, wanted: len(pairs)}
	l := loader{diag.Loaded[*Store]{Value: store, Files: diag.Files{}}, read}
	for _, pair := range pairs {
		told := len(l.Problems)
		c := l.load(pair, now)
		if c == nil {
			if c = last.of(pair); c != nil {
				store.stale[c] = l.Problems[told].String()
			}
		}
		if c != nil {
			l.Value.add(c)
		}
	}
	return l.Loaded
}
