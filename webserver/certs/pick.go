package certs

import (
	"crypto/tls"
	"errors"
	"strings"
	"time"

	"tinycdn/geoip/inet"
)

var errNone = errors.New("there is no certificate")

// GetCertificate is for tls.Config. A client that names no host gets the certificate for the address it came to. One
// that names a host, or came to an address, that no certificate is for is taken to want the first one's.
func (s *Store) GetCertificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if s.Empty() {
		return nil, errNone
	}
	first := s.all[0]
	if len(s.all) == 1 {
		return &first.tls, nil
	}
	name := hello.ServerName
	if name == "" && hello.Conn != nil {
		name = inet.Of(hello.Conn.LocalAddr()).String()
	}
	exact, wild := s.find(name)
	if len(exact)+len(wild) == 0 && len(first.names) > 0 {
		exact = s.names[key(first.names[0])]
	}
	return &best(hello, time.Now(), exact, wild, first).tls, nil
}

// best picks the one that suits a client most. What counts first is that the client can use it, then that its time is
// not over, then that it is for the very host, then that it is quick.
func best(hello *tls.ClientHelloInfo, now time.Time, exact, wild []*certificate, other *certificate) *certificate {
	chosen, top := other, 0
	for i, candidates := range [...][]*certificate{exact, wild} {
		for _, c := range candidates {
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
