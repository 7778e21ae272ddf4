package geodns

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"tinycdn/geoip/plainfile"
)

// maxSecretFile is far more than two secrets take.
const maxSecretFile = 4096

// newCookies makes the cookies with the secret of the file, or where that cannot be read with one that nobody knows.
func (s *Server) newCookies() *cookies {
	if s.config.CookieSecretFile == "" {
		return cookiesOf(s.config.Secrets)
	}
	made, err := readCookieSecret(s.config.CookieSecretFile)
	if err != nil && len(s.config.Secrets) > 0 {
		return cookiesOf(s.config.Secrets) // of root's file, which this user need not be able to read
	}
	if err != nil {
		s.log.Error("dns.cookie_secret_file: "+err.Error(), "effect", "a secret is made up: servers that share an address do not take each other's cookies")
		return newCookies()
	}
	return made
}

// cookiesOf makes cookies with the secret of now and the one before, as far as they are given.
func cookiesOf(secrets [][16]byte) *cookies {
	if len(secrets) == 0 {
		return newCookies()
	}
	c := &cookies{now: secrets[0]}
	if len(secrets) > 1 {
		c.before = &secrets[1]
	}
	return c
}

// CookieSecrets are the secret of now and perhaps the one before, for another process that is to take the same cookies.
func (s *Server) CookieSecrets() [][16]byte {
	if s.cookies.before == nil {
		return [][16]byte{s.cookies.now}
	}
	return [][16]byte{s.cookies.now, *s.cookies.before}
}

// CheckCookieSecret says what is wrong with a file that is to have the secret of cookies.
func CheckCookieSecret(path string) error {
	_, err := readCookieSecret(path)
	return err
}

// readCookieSecret reads a file as NSD has it too: a secret of 32 hexadecimal digits to a line, first the one of now, then
// the one before. What is wrong with it is told without what is in it.
func readCookieSecret(path string) (*cookies, error) {
	data, _, err := plainfile.Read(path, maxSecretFile)
	if err != nil {
		return nil, err
	}
	lines := strings.Fields(string(data))
	if len(lines) == 0 || len(lines) > 2 {
		return nil, errors.New("want one or two lines of 32 hexadecimal digits (od -An -tx8 -N16 /dev/urandom | tr -d ' ' makes one)")
	}
	secrets := make([][16]byte, len(lines))
	for i, line := range lines {
		if n, err := hex.Decode(secrets[i][:], []byte(line[:min(len(line), 32)])); err != nil || n != 16 || len(line) != 32 {
			return nil, fmt.Errorf("line %d is not 32 hexadecimal digits", i+1)
		}
	}
	return cookiesOf(secrets), nil
}
