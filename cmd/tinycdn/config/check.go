package config

import (
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tinycdn/zones/diag"
)

// checker fills a Config and collects what is wrong.
type checker struct {
	config  *Config
	decoded []diag.Problem // by the decoder
	found   []diag.Problem
}

// wrong notes a mistake at the keys.
func (c *checker) wrong(keys []string, format string, args ...any) {
	c.found = append(c.found, c.config.Problem(keys, format, args...))
}

// note notes at the keys what is odd, but no mistake.
func (c *checker) note(keys []string, format string, args ...any) {
	c.config.Notes = append(c.config.Notes, c.config.Problem(keys, format, args...))
}

// all gives the problems in the order of the file. What stands where the decoder was not content
// is left out: it follows from that.
func (c *checker) all() []diag.Problem {
	all := c.decoded
	for _, p := range c.found {
		if !slices.ContainsFunc(c.decoded, func(known diag.Problem) bool { return known.Line == p.Line }) {
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(p, q diag.Problem) int { return p.Line - q.Line })
	return all
}

// At are the keys of a value, from the top of the file down.
func At(keys ...string) []string { return keys }

func (c *checker) checkTop() {
	if log := c.config.Log; log != "text" && log != "json" {
		c.wrong(At("log"), `%q is neither "text" nor "json"`, log)
	}
	dns := &c.config.DNS
	c.checkListen(At("dns", "listen"), dns.Listen, "53")
	if len(dns.Listen) == 0 {
		c.wrong(At("dns", "listen"), `the list is empty (":53" is every local address)`)
	}
	c.checkLength(At("dns", "nsid"), dns.NSID)
	c.checkLength(At("dns", "version"), dns.Version)
	c.checkPositive(At("dns", "clients"), dns.MaxClients)
	c.checkPositive(At("dns", "clients_per_address"), dns.MaxPerAddress)
	c.checkPositive(At("dns", "tcp_idle"), int(dns.IdleTime))
	databases := c.config.GeoIP.Databases
	for i, path := range databases {
		if path == "" {
			c.wrong(At("geoip", "databases", strconv.Itoa(i)), "the path is empty")
			continue
		}
		databases[i] = c.config.resolve(path)
		c.watch(filepath.Dir(databases[i]))
	}
	c.watch(filepath.Dir(c.config.doc.Path))
}

// checkLength: a text that is answered as TXT is one string of at most 255 octets.
func (c *checker) checkLength(keys []string, text string) {
	if len(text) > 254 {
		c.wrong(keys, "%d octets long; the most is 254", len(text))
	}
}

func (c *checker) checkPositive(keys []string, n int) {
	if n <= 0 {
		c.wrong(keys, "must be above 0")
	}
}

// watch adds a folder to those to be watched.
func (c *checker) watch(folder string) {
	if !slices.Contains(c.config.folders, folder) {
		c.config.folders = append(c.config.folders, folder)
	}
}

// checkListen checks addresses to listen on. The port is that of the hint.
func (c *checker) checkListen(keys, addresses []string, port string) {
	for i, address := range addresses {
		if err := listenError(address, port); err != nil {
			c.wrong(append(slices.Clip(keys), strconv.Itoa(i)), "%v", err)
		} else if slices.Contains(addresses[:i], address) {
			c.wrong(append(slices.Clip(keys), strconv.Itoa(i)), "%q is listed twice", address)
		}
	}
}

func listenError(address, port string) error {
	if ip, err := netip.ParseAddr(strings.Trim(address, "[]")); err == nil {
		return fmt.Errorf("%q has no port (did you mean %q?)", address, net.JoinHostPort(ip.String(), port))
	}
	host, number, ok := cutPort(address)
	if _, err := strconv.ParseUint(number, 10, 16); !ok || err != nil {
		return fmt.Errorf(`%q is not an address and a port, like "192.0.2.1:%s", "[2001:db8::1]:%[2]s" or ":%[2]s"`, address, port)
	}
	if host == "" {
		return nil
	}
	if _, err := netip.ParseAddr(host); err != nil {
		return fmt.Errorf(`%q is not an address (":%s" is every local one)`, host, port)
	}
	return nil
}

// cutPort divides "192.0.2.1:53" and "[2001:db8::1]:53".
func cutPort(address string) (host, port string, ok bool) {
	colon := strings.LastIndexByte(address, ':')
	if colon < 0 {
		return "", "", false
	}
	host, port = address[:colon], address[colon+1:]
	if inner, found := strings.CutPrefix(host, "["); found {
		host, found = strings.CutSuffix(inner, "]")
		return host, port, found
	}
	return host, port, !strings.Contains(host, ":")
}
