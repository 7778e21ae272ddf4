package certs

import (
	"crypto/tls"
	"strings"
	"sync/atomic"
	"time"
)

// Store is a set of certificates. It does not change.
type Store struct {
	all    []*certificate
	names  map[string][]*certificate // by key
	stale  map[*certificate]string   // those that are from before, and why
	wanted int                       // pairs, whatever came of them
}

// certificate is one that can be used.
type certificate struct {
	pair  Pair
	tls   tls.Certificate
	names []string
	quick bool // to sign with it costs little, but clients from before 2014 may not know it: not RSA
}

func (c *certificate) holds(now time.Time) bool {
	return !now.Before(c.tls.Leaf.NotBefore) && !now.After(c.tls.Leaf.NotAfter)
}

func (s *Store) add(c *certificate) {
	s.all = append(s.all, c)
	for _, name := range c.names {
		s.names[key(name)] = append(s.names[key(name)], c)
	}
}

// key is what a name of a certificate is found by: ".example.org" for "*.example.org", which no host is called.
func key(name string) string { return strings.TrimPrefix(name, "*") }

// of is the certificate of a pair.
func (s *Store) of(pair Pair) *certificate {
	if s == nil {
		return nil
	}
	for _, c := range s.all {
		if c.pair == pair {
			return c
		}
	}
	return nil
}

// None is no certificate, of so many pairs.
func None(wanted int) *Store { return &Store{wanted: wanted} }

// Has tells whether there is a certificate of a pair.
func (s *Store) Has(pair Pair) bool { return s.of(pair) != nil }

// Wanted tells whether there should be any certificate.
func (s *Store) Wanted() bool { return s != nil && s.wanted > 0 }

// Empty tells whether there is no certificate at all.
func (s *Store) Empty() bool { return s == nil || len(s.all) == 0 }

// Covers tells whether there is a certificate for a host.
func (s *Store) Covers(host string) bool {
	if s == nil {
		return false
	}
	exact, wild := s.find(host)
	return len(exact)+len(wild) > 0
}

// Expiry says until when a certificate holds.
type Expiry struct {
	Names []string
	Until time.Time
	Stale string // what is wrong with its files, which were others when it was read; "": nothing
}

// Expiries lists all certificates.
func (s *Store) Expiries() []Expiry {
	if s == nil {
		return nil
	}
	var all []Expiry
	for _, c := range s.all {
		all = append(all, Expiry{c.names, c.tls.Leaf.NotAfter, s.stale[c]})
	}
	return all
}

// Current is the store in use. It is replaced as a whole.
type Current struct{ store atomic.Pointer[Store] }

// Set puts a store into use.
func (c *Current) Set(s *Store) { c.store.Store(s) }

// Store is the one in use, or nil.
func (c *Current) Store() *Store { return c.store.Load() }
