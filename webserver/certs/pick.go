package certs

import (
	"crypto/tls"
	"slices"
	"strings"
	"time"

	"tinycdn/geoip/inet"
)

// Pick gives the certificate for a client; nil: the client is to be refused, because what the names of some other one tell is
// nobody's business. A client that names no host (old ones, health checks by address) gets the certificate for the address that
// it came to, and where all that there are are for one host, that. Where any host is served, all others get the first one.
func (s *Store) Pick(hello *tls.ClientHelloInfo, anyHost bool) *tls.Certificate {
	if s.Empty() {
		return nil
	}
	name := hello.ServerName
	if name == "" && hello.Conn != nil {
		name = inet.Of(hello.Conn.LocalAddr()).String()
	}
	exact, wild := s.find(name)
	if len(exact)+len(wild) == 0 {
		first := s.likeFirst()
		if !anyHost && (hello.ServerName != "" || len(first) < len(s.all)) {
			return nil
		}
		exact = first
	}
	return &best(hello, time.Now(), exact, wild).tls
}

// likeFirst are the first certificate and all others for the same host.
func (s *Store) likeFirst() []*certificate {
	if first := s.all[0]; len(first.names) > 0 {
		return s.names[key(first.names[0])]
	}
	return s.all[:1]
}

// Misdirects tells whether a client that named one host, or address, was shown a certificate that is not for another host, while
// there is one that is.
func (s *Store) Misdirects(named, host string) bool {
	if s.Empty() {
		return false
	}
	exact, wild := s.find(host)
	if len(exact)+len(wild) == 0 {
		return false
	}
	for _, c := range s.shown(named) {
		if slices.Contains(exact, c) || slices.Contains(wild, c) {
			return false
		}
	}
	return true
}

// shown are the certificates of which a client that names a host gets the one that it can use.
func (s *Store) shown(named string) []*certificate {
	exact, wild := s.find(named)
	holds := func(c *certificate) bool { return c.holds(time.Now()) }
	switch {
	case len(exact)+len(wild) == 0:
		return s.likeFirst()
	case len(exact) == 0, !slices.ContainsFunc(exact, holds) && slices.ContainsFunc(wild, holds):
		return wild
	}
	return exact
}

// best picks the one that suits a client most. What counts first is that the client can use it, then that its time is
// not over, then that it is for the very host, then that it is quick. If it can use none, it may see for itself.
func best(hello *tls.ClientHelloInfo, now time.Time, exact, wild []*certificate) *certificate {
	var chosen *certificate
	top := 0
	for i, candidates := range [...][]*certificate{exact, wild} {
		for _, c := range candidates {
			if chosen == nil {
				chosen = c
			}
			if hello.SupportsCertificate(&c.tls) != nil {
				continue
			}
			rank := 1
			if c.quick {
				rank += 1
			}
			if i == 0 {
				rank += 2
			}
			if c.holds(now) {
				rank += 4
			}
			if rank > top {
				chosen, top = c, rank
			}
		}
	}
	return chosen
}

// find gives the certificates for a host, and those for all hosts beside it.
func (s *Store) find(host string) (exact, wild []*certificate) {
	host = strings.ToLower(host)
	exact = s.names[host]
	if dot := strings.IndexByte(host, '.'); dot > 0 {
		wild = s.names[host[dot:]] // RFC 9525, 6.3: the wildcard stands for one label
	}
	return exact, wild
}
