// Package channel is how the members of a cluster speak with each other: HTTP/1.1 over TLS 1.3 with pinned keys. Nothing of that
// expires, and nobody else vouches for anybody.
package channel

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"

	"tinycdn/cmd/tinycdn/cluster/roster"
)

// Protocol is what a member names by ALPN (RFC 7301), so that the channel may share the port of the pages.
const Protocol = "tinycdn/1"

// connectTime is how long a POP's machine may take to accept a connection. Its kernel does, so that it is as quick when it has much to do:
// silence is an address that does not work, and the next one is tried.
const connectTime = 5 * time.Second

// handshakeTime is how long two members may take then to know each other. That is work, for which a machine may have little time: one that
// has taken the connection is there.
const handshakeTime = 10 * time.Second

// Connect begins a connection to an address.
type Connect func(ctx context.Context, address string) (net.Conn, error)

func overTCP(ctx context.Context, address string) (net.Conn, error) {
	return (&net.Dialer{KeepAliveConfig: alive}).DialContext(ctx, "tcp", address)
}

// certificate is a key as TLS wants it. Only the key counts of it: it is signed by itself, and valid for ever.
func certificate(key roster.PrivateKey) (tls.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "tinycdn"},
		NotBefore:    time.Unix(0, 0),
		NotAfter:     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), // RFC 5280, 4.1.2.5: no end
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Signer().Public(), key.Signer())
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key.Signer()}, nil
}

// KeyOf is the key that the other side of a connection has proven to hold.
func KeyOf(state tls.ConnectionState) (roster.Key, error) {
	if len(state.PeerCertificates) == 0 {
		return roster.Key{}, errNoKey
	}
	key, ok := state.PeerCertificates[0].PublicKey.(ed25519.PublicKey)
	if !ok {
		return roster.Key{}, errNoKey
	}
	return roster.Key(key), nil
}

var errNoKey = errors.New("the other side shows no Ed25519 key")

// config is what both sides have in common. Known says whose key is taken.
func config(key roster.PrivateKey, known func(roster.Key) error) (*tls.Config, error) {
	certificate, err := certificate(key)
	return &tls.Config{
		Certificates:           []tls.Certificate{certificate},
		MinVersion:             tls.VersionTLS13,
		NextProtos:             []string{Protocol},
		SessionTicketsDisabled: true, // every connection proves its key
		ClientAuth:             tls.RequireAnyClientCert,
		InsecureSkipVerify:     true, // in favour of what VerifyConnection does
		VerifyConnection: func(state tls.ConnectionState) error {
			if state.NegotiatedProtocol != Protocol {
				return fmt.Errorf("the other side does not speak %s", Protocol)
			}
			k, err := KeyOf(state)
			if err != nil {
				return err
			}
			return known(k)
		},
	}, err
}

// ServerConfig is for connections that members begin. Whoever is not known is gone before a byte of HTTP is read.
func ServerConfig(key roster.PrivateKey, known func(roster.Key) bool) (*tls.Config, error) {
	return config(key, func(k roster.Key) error {
		if !known(k) {
			return fmt.Errorf("the key %s is not in the roster", k.Fingerprint())
		}
		return nil
	})
}

// Dial connects to the member who holds a key.
func Dial(ctx context.Context, address string, key roster.PrivateKey, want roster.Key) (net.Conn, error) {
	return dial(ctx, overTCP, address, key, want)
}

func dial(ctx context.Context, connect Connect, address string, key roster.PrivateKey, want roster.Key) (net.Conn, error) {
	c, err := config(key, func(k roster.Key) error {
		if k != want {
			return fmt.Errorf("at %s there is the key %s, not %s", address, k.Fingerprint(), want.Fingerprint())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var conn net.Conn
	err = within(ctx, connectTime, func(ctx context.Context) (err error) {
		conn, err = connect(ctx, address)
		return err
	})
	if errors.Is(err, errLate) {
		return nil, fmt.Errorf("%s does not answer within %v", address, connectTime)
	}
	if err != nil {
		return nil, err
	}
	secure := tls.Client(conn, c)
	if err = within(ctx, handshakeTime, secure.HandshakeContext); err == nil {
		return secure, nil
	}
	conn.Close()
	if errors.Is(err, errLate) {
		err = fmt.Errorf("%s takes connections, and says nothing within %v", address, handshakeTime)
	}
	return nil, err
}

var errLate = errors.New("it takes too long")

// within does something that has to be done within a time: else errLate.
func within(ctx context.Context, most time.Duration, do func(context.Context) error) error {
	limited, done := context.WithTimeout(ctx, most)
	defer done()
	err := do(limited)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return errLate
	}
	return err
}
