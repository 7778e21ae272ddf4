// Package certs holds the certificates of the sites, and picks the one for a client.
package certs

import (
	"io/fs"
	"time"

	"tinycdn/zones"
)

// Pair names the two files of a certificate, in PEM: the certificate with those of its issuers behind it, and its key.
type Pair struct{ Chain, Key string }

// Loaded is what came of loading pairs of files.
type Loaded struct {
	Store    *Store
	Problems []zones.Problem // what is wrong: a certificate is not there, or visitors will be warned of it
	Notes    []zones.Problem // what may be wrong
	// Files holds every file looked at, as it was just before it was read; nil where there is none.
	Files map[string]fs.FileInfo
}

// Load reads pairs. One that cannot be used costs itself only: where last has a certificate of the same pair, that
// stays. Last may be nil.
func Load(pairs []Pair, last *Store, now time.Time) Loaded {
	l := Loaded{Store: &Store{names: map[string][]*certificate{}}, Files: map[string]fs.FileInfo{}}
	for _, pair := range pairs {
		c := l.load(pair, now)
		if c == nil {
			c = last.of(pair)
		}
		if c != nil {
			l.Store.add(c)
		}
	}
	return l
}
