package admin

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"tinycdn/geoip/inet"
	"tinycdn/geoip/plainfile"
	"tinycdn/zones/diag"
)

// Config says where admins are heard beside the socket. The comments of what has a key are the manual.
type Config struct {
	// addresses with ports at which whoever has the token is an admin, over HTTP and beside `web.admin_socket`: `"127.0.0.1:9053"`.
	// A browser finds the dashboard there, which asks for the token.
	// Left out: none
	Listen []string `toml:"listen" restart:"true"`
	// a file with the token that `listen` needs: one line of 32 to 256 letters, digits and `-._~+/=`. It is read at each start, by the
	// user that tinycdn runs as. Left out: none
	TokenFile string `toml:"token_file" restart:"true"`
}

// Check reports what is wrong with c, at the keys below it.
func (c *Config) Check(report diag.Report) {
	inet.CheckListen(diag.At("listen"), c.Listen, "9053", report)
	if len(c.Listen) > 0 && c.TokenFile == "" {
		report(diag.At("listen"), "it needs token_file: who comes over loopback may be anybody, by way of a forwarder")
	}
}

// OnNetwork are those addresses at which others than this machine may come.
func (c *Config) OnNetwork() (list []string) {
	for _, address := range c.Listen {
		if a, err := netip.ParseAddrPort(address); err != nil || !a.Addr().IsLoopback() {
			list = append(list, address)
		}
	}
	return list
}

const (
	// leastToken is what 16 octets of chance take in hexadecimal digits: nobody tries that many.
	leastToken = 32
	// mostToken fits a header, and hands of a person.
	mostToken = 256
	// maxTokenFile is far more than a token takes.
	maxTokenFile = 4096
)

// ReadToken reads the token in a file. What is wrong with it is told without what is in it.
func ReadToken(path string) (token string, err error) {
	data, _, err := plainfile.Read(path, maxTokenFile)
	if err != nil {
		return "", err
	}
	token = strings.TrimSpace(string(data))
	const makesOne = "(od -An -tx8 -N32 -w32 /dev/urandom | tr -d ' ' makes one)"
	switch {
	case len(token) < leastToken || len(token) > mostToken:
		return "", fmt.Errorf("want one line of %d to %d characters %s", leastToken, mostToken, makesOne)
	case strings.ContainsFunc(token, func(r rune) bool { return !isToken(r) }):
		return "", errors.New("want letters, digits and -._~+/= alone, in one line " + makesOne)
	}
	return token, nil
}

// isToken says what RFC 6750, 2.1 lets a bearer token have.
func isToken(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("-._~+/=", r)
}
