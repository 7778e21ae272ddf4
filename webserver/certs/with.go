package certs

import (
	"maps"
	"slices"
	"time"

	"tinycdn/zones/diag"
)

// PEM is a certificate, with those of its issuers behind it, and its key, that come from no files.
type PEM struct{ Name, Chain, Key string }

// With is the store with more certificates, of so many that there are to be. What cannot be used of them is left out.
func (s *Store) With(list []PEM, wanted int) *Store {
	if wanted == 0 {
		return s
	}
	next := &Store{names: map[string][]*certificate{}, wanted: wanted}
	if s != nil {
		next.all, next.names, next.stale = slices.Clone(s.all), maps.Clone(s.names), s.stale
		next.wanted += s.wanted
	}
	if next.names == nil {
		next.names = map[string][]*certificate{}
	}
	for name, all := range next.names {
		next.names[name] = slices.Clip(all) // s shares them
	}
	for _, one := range list {
		l := loader{diag.Loaded[*Store]{Files: diag.Files{}}, nil}
		if c := l.parse(Pair{one.Name, one.Name}, []byte(one.Chain), []byte(one.Key), time.Now()); c != nil {
			next.add(c)
		}
	}
	return next
}
