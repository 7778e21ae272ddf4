package geodns

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

// maxSecretFile is far more than two secrets take.
const maxSecretFile = 4096

// cookies are those of the secret file, or with a secret that nobody knows.
func (c Config) cookies() (*cookies, error) {
	if c.CookieSecretFile == "" {
		return newCookies(), nil
	}
	made, err := readCookieSecret(c.CookieSecretFile)
	if err != nil {
		return nil, fmt.Errorf("dns.cookie_secret_file: %w", err)
	}
	return made, nil
}

// CheckCookieSecret says what is wrong with a file that is to have the secret of cookies.
func CheckCookieSecret(path string) error {
	_, err := readCookieSecret(path)
	return err
}

// readCookieSecret reads a file as NSD has it too: a secret of 32 hexadecimal digits to a line, first the one of now, then
// the one before. What is wrong with it is told without what is in it.
func readCookieSecret(path string) (*cookies, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // no waiting for the other end of a pipe
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, errors.New("is not a plain file"))
	}
	data, err := io.ReadAll(io.LimitReader(file, maxSecretFile+1))
	if err != nil {
		return nil, err
	}
	lines := strings.Fields(string(data))
	if len(lines) == 0 || len(lines) > 2 || len(data) > maxSecretFile {
		return nil, errors.New("want one or two lines of 32 hexadecimal digits (od -An -tx8 -N16 /dev/urandom | tr -d ' ' makes one)")
	}
	secrets := make([][16]byte, len(lines))
	for i, line := range lines {
		if n, err := hex.Decode(secrets[i][:], []byte(line[:min(len(line), 32)])); err != nil || n != 16 || len(line) != 32 {
			return nil, fmt.Errorf("line %d is not 32 hexadecimal digits", i+1)
		}
	}
	c := &cookies{now: secrets[0]}
	if len(secrets) > 1 {
		c.before = &secrets[1]
	}
	return c, nil
}
