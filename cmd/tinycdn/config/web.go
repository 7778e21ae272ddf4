package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"tinycdn/webserver/accesslog"
	"tinycdn/webserver/certs"
	"tinycdn/zones/diag"
	"tinycdn/zones/tomlfile"
)

// Web is [web].
type Web struct {
	Listen        []string
	TLSListen     []string
	Certs         []certs.Pair
	HTTPSRedirect bool
	HTTP3         bool
	HSTS          string
	ShowPOP       bool
	CacheBytes    int64
	Clients       int
	PerAddress    int
	Trusted       []netip.Prefix
	Admin         []netip.Prefix
	AccessLog     *accesslog.Config // nil: none
}

// webFile is [web] as it is written.
type webFile struct {
	Listen        []string       `toml:"listen"`
	TLSListen     []string       `toml:"tls_listen"`
	Certs         *tomlfile.Node `toml:"certs"` // one pair, or a list of pairs
	HTTPSRedirect bool           `toml:"https_redirect"`
	HTTP3         bool           `toml:"http3"`
	HSTS          string         `toml:"hsts"`
	ShowPOP       bool           `toml:"show_pop"`
	CacheBytes    byteSize       `toml:"cache_bytes"`
	Clients       int            `toml:"clients"`
	PerAddress    int            `toml:"clients_per_address"`
	Trusted       []string       `toml:"trusted"`
	Admin         []string       `toml:"admin"`
	AccessLog     accessLogFile  `toml:"access_log"`
}

// accessLogFile is [web.access_log] as it is written.
type accessLogFile struct {
	File      string `toml:"file"` // "": no log
	Format    string `toml:"format"`
	Addresses string `toml:"addresses"`
}

func webDefaults() webFile {
	return webFile{
		Listen: []string{":80"}, TLSListen: []string{":443"}, CacheBytes: 64 << 20,
		HTTPSRedirect: true, ShowPOP: true,
		HSTS:      "max-age=7776000", // 90 days: it outlives a certificate's renewal, and a change of mind is not for ever
		Admin:     []string{"127.0.0.0/8", "::1"},
		AccessLog: accessLogFile{Format: "combined", Addresses: "truncated"},
	}
}

func (c *checker) readWeb(file *webFile) {
	c.checkListen(At("web", "listen"), file.Listen, "80")
	c.checkListen(At("web", "tls_listen"), file.TLSListen, "443")
	c.checkPositive(At("web", "clients"), file.Clients)
	c.checkPositive(At("web", "clients_per_address"), file.PerAddress)
	c.checkField(At("web", "hsts"), file.HSTS)
	c.config.Web = Web{
		Listen: file.Listen, TLSListen: file.TLSListen, Certs: c.certs(file.Certs),
		HTTPSRedirect: file.HTTPSRedirect, HTTP3: file.HTTP3, HSTS: file.HSTS, ShowPOP: file.ShowPOP,
		CacheBytes: int64(file.CacheBytes), Clients: file.Clients, PerAddress: file.PerAddress,
		Trusted: c.prefixes(At("web", "trusted"), file.Trusted), Admin: c.prefixes(At("web", "admin"), file.Admin),
		AccessLog: c.accessLog(&file.AccessLog),
	}
	switch web := &c.config.Web; {
	case web.HTTP3 && (len(web.Certs) == 0 || len(web.TLSListen) == 0):
		c.note(At("web", "http3"), "it has no effect without certs and tls_listen")
	case len(web.Certs) > 0 && len(web.TLSListen) == 0:
		c.note(At("web", "certs"), "they have no effect: tls_listen is empty")
	}
}

func (c *checker) certs(node *tomlfile.Node) (list []certs.Pair) {
	if node == nil {
		return nil
	}
	pairs := node.List
	if isPair(node) {
		pairs = []*tomlfile.Node{node}
	}
	if len(pairs) == 0 {
		c.wrong(At("web", "certs"), `want a pair like ["fullchain.pem", "privkey.pem"], or a list of pairs`)
	}
	for i, pair := range pairs {
		if !isPair(pair) {
			c.wrong(At("web", "certs", strconv.Itoa(i)), `want a pair like ["fullchain.pem", "privkey.pem"]`)
			continue
		}
		list = append(list, certs.Pair{Chain: c.config.resolve(pair.List[0].Text()), Key: c.config.resolve(pair.List[1].Text())})
	}
	return list
}

func isPair(n *tomlfile.Node) bool {
	return len(n.List) == 2 && n.List[0].Text() != "" && n.List[1].Text() != ""
}

// prefixes reads networks and single addresses.
func (c *checker) prefixes(keys, texts []string) (list []netip.Prefix) {
	for i, text := range texts {
		prefix, err := netip.ParsePrefix(text)
		if address, aerr := netip.ParseAddr(text); aerr == nil {
			prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			c.wrong(append(slices.Clip(keys), strconv.Itoa(i)), `%q is neither an address nor a network, such as "10.0.0.0/8"`, text)
			continue
		}
		list = append(list, prefix.Masked())
	}
	return list
}

func (c *checker) accessLog(file *accessLogFile) *accesslog.Config {
	c.checkOneOf(At("web", "access_log", "format"), file.Format, "combined", "json")
	c.checkOneOf(At("web", "access_log", "addresses"), file.Addresses, "truncated", "full", "none")
	if file.File == "" {
		return nil
	}
	path := file.File
	if path != "-" {
		path = c.config.resolve(path)
	}
	return &accesslog.Config{File: path, Format: file.Format, Addresses: file.Addresses}
}

func (c *checker) checkOneOf(keys []string, text string, allowed ...string) {
	if !slices.Contains(allowed, text) {
		c.wrong(keys, "%q is not one of %s%s", text, strings.Join(allowed, ", "), diag.DidYouMean(text, allowed))
	}
}

// checkField: what goes into a header is one line of text (RFC 9110, 5.5).
func (c *checker) checkField(keys []string, value string) {
	for _, r := range value {
		if r < ' ' && r != '\t' || r == 0x7f {
			c.wrong(keys, "a control character is in the value of a header field")
			return
		}
	}
}

// byteSize is a number of bytes: 1000000, "64MB", "1GiB".
type byteSize int64

func (b *byteSize) UnmarshalText(text []byte) error {
	units := []struct {
		name string
		size int64
	}{{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"B", 1}, {"", 1}}
	for _, unit := range units {
		digits, ok := strings.CutSuffix(string(text), unit.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n < 0 || n > 1<<50/unit.size {
			break
		}
		*b = byteSize(n * unit.size)
		return nil
	}
	return fmt.Errorf(`%q is not a number of bytes, such as "64MB"`, text)
}
