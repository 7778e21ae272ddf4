// Package certs holds the certificates of the sites, and picks the one for a client.
package certs

import (
	"time"
	"tinycdn/zones/diag"
)

// Pair names the two files of a certificate, in PEM: the certificate with those of its issuers behind it, and its key.
type Pair struct{ Chain, Key string }

// loader collects what comes of loading pairs of files.
type loader struct{ diag.Loaded[*Store] }

// Load reads pairs. One that cannot be used costs itself only: where last has a certificate of the same pair, that
// stays. Last may be nil.
func Load(pairs []Pair, last *Store, now time.Time) diag.Loaded[*Store] {
	l := loader{diag.Loaded[*Store]{Value: &Store{names: map[string][]*certificate{}}, Files: diag.Files{}}}
	for _, pair := range pairs {
		c := l.load(pair, now)
		if c == nil {
			c = last.of(pair)
		}
		if c != nil {
			l.Value.add(c)
		}
	}
	return l.Loaded
}
