// Package acme orders certificates (RFC 8555), renews them in time, and keeps what it needs for that.
package acme

import (
	"cmp"
	"crypto/x509"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"tinycdn/geoip/plainfile"
	"tinycdn/zones/diag"

	"github.com/mholt/acmez/v3/acme"
)

// Config is [acme]: certificates by themselves. The section may be empty; without it none are ordered. Who writes it agrees to the
// terms of the authorities in it.
type Config struct {
	// the authority: `"letsencrypt"`, `"letsencrypt-staging"`, `"zerossl"`, `"google"`, the URL of a directory, or a list, of which the
	// next is asked when one fails. Left out: `"letsencrypt"`
	CA []string `toml:"ca"`
	// names for one certificate, `"*.example.org"` too. Left out: one certificate for each site, with all its hosts that no pair of
	// `web.certs` is for
	Names []string `toml:"names"`
	// where the authority may write to. Left out: nowhere
	Email string `toml:"email"`
	// what the authority calls a kind of certificate, such as `"shortlived"`. Left out: its usual one
	Profile string `toml:"profile"`

	EAB EAB `toml:"eab"`

	// how it is proved that a name is ours: `"dns-01"`, `"http-01"`, `"dns-persist-01"`, which is by a record that stays, where the
	// authority takes that, or `"auto"`, which is by DNS where a zone here has the name. Left out: `"auto"`
	Challenge string `toml:"challenge"`
	// a PEM file with the roots of an authority of one's own. Left out: those of the system
	Roots string `toml:"roots"`
}

// EAB is how an authority knows its customer (RFC 8555, 7.3.4).
type EAB struct {
	// the number of the key that the authority gave for accounts (EAB). Left out: none, as with Let's Encrypt
	ID string `toml:"id"`
	// the file with that key, in base64url as the authority gave it; `$TINYCDN_EAB` holds it without a file. Left out: none
	Key string `toml:"key"`
}

// MostNames are as many as Let's Encrypt takes in a certificate.
const MostNames = 100

// mostFile bounds the files of keys and roots.
const mostFile = 1 << 20

// authorities are those that have a name, with their directories, what a CAA record calls them, and whether they take but customers.
var authorities = []struct {
	name, directory, caa string
	eab                  bool
}{
	{"letsencrypt", "https://acme-v02.api.letsencrypt.org/directory", "letsencrypt.org", false},
	{"letsencrypt-staging", "https://acme-staging-v02.api.letsencrypt.org/directory", "letsencrypt.org", false},
	{"zerossl", "https://acme.zerossl.com/v2/DV90", "sectigo.com", true},
	{"google", "https://dv.acme-v02.api.pki.goog/directory", "pki.goog", true},
}

// Check reports what is wrong with c, at the keys below it.
func (c *Config) Check(report diag.Report) {
	var names []string
	for _, known := range authorities {
		names = append(names, known.name)
	}
	for i, ca := range c.CA {
		at := diag.At("ca", strconv.Itoa(i))
		u, err := url.Parse(ca)
		switch {
		case slices.Contains(names, ca):
		case !strings.Contains(ca, "/"):
			report(at, "%q is no authority that has a name here: want one of %s, or the URL of a directory%s", ca, strings.Join(names, ", "), diag.DidYouMean(ca, names))
		case err != nil || u.Scheme != "https" || u.Host == "":
			report(at, "%q is not the URL of an authority's directory: it begins with https://", ca)
		}
		if slices.Contains(c.CA[:i], ca) {
			report(at, "%q is there twice", ca)
		}
	}
	if len(c.Names) > MostNames {
		report(diag.At("names"), "%d names: a certificate has at most %d", len(c.Names), MostNames)
	}
	if c.Email != "" && !strings.Contains(c.Email, "@") {
		report(diag.At("email"), "%q is no address", c.Email)
	}
	if !slices.Contains([]string{"", "auto", "dns-01", "dns-persist-01", "http-01"}, c.Challenge) {
		report(diag.At("challenge"), `%q is none of "auto", "dns-01", "dns-persist-01" and "http-01"`, c.Challenge)
	}
	if c.Challenge == "http-01" {
		for i, name := range c.Names {
			if strings.HasPrefix(name, "*.") {
				report(diag.At("names", strconv.Itoa(i)), `%q: a wildcard is proved by DNS alone (leave out challenge = "http-01")`, name)
			}
		}
	}
	c.checkEAB(report, os.Getenv(eabVariable))
	if c.Roots != "" {
		if _, err := readRoots(c.Roots); err != "" {
			report(diag.At("roots"), "%s: %s", c.Roots, err)
		}
	}
}

// eabVariable holds the key of eab without a file.
const eabVariable = "TINYCDN_EAB"

// checkEAB reports what is wrong with how the authorities know their customer. The key may be in the environment.
func (c *Config) checkEAB(report diag.Report, environment string) {
	switch {
	case c.EAB.Key != "" && c.EAB.ID == "":
		report(diag.At("eab", "key"), "it needs eab.id, the number of that key")
	case c.EAB.Key != "":
		if _, _, err := plainfile.Read(c.EAB.Key, mostFile); err != nil {
			report(diag.At("eab", "key"), "%s: %s", c.EAB.Key, diag.Reason(err))
		}
	case c.EAB.ID != "" && environment == "":
		report(diag.At("eab", "id"), "it needs eab.key, the file with the key of that number (or $%s with the key itself, here too)", eabVariable)
	}
	first := ""
	for i, ca := range c.CA {
		at, name := diag.At("ca", strconv.Itoa(i)), nameOf(directoryOf(ca))
		switch {
		case !takesCustomers(directoryOf(ca)):
		case c.EAB.ID == "" && c.EAB.Key == "":
			report(at, `%s takes only its customers: it needs eab = { id = "...", key = "eab.key" }, the number and the key that it gives them for ACME`, name)
		case first != "" && first != name:
			report(at, "%s takes only its customers, as %s does, and eab is what one of them gave: leave out the other", name, first)
		default:
			first = name
		}
	}
}

// directoryOf is the directory of an authority that has a name here; of others it is what is written.
func directoryOf(ca string) string {
	for _, known := range authorities {
		if ca == known.name {
			return known.directory
		}
	}
	return ca
}

func takesCustomers(directory string) bool {
	for _, known := range authorities {
		if directory == known.directory {
			return known.eab
		}
	}
	return false // who else does says so when the account is made
}

// Files are those that it names.
func (c *Config) Files() (list []string) {
	for _, path := range []string{c.EAB.Key, c.Roots} {
		if path != "" {
			list = append(list, path)
		}
	}
	return list
}

// readRoots reads the roots that are trusted; "" is the system's.
func readRoots(path string) (pool *x509.CertPool, wrong string) {
	if path == "" {
		return nil, ""
	}
	text, _, err := plainfile.Read(path, mostFile)
	if err != nil {
		return nil, diag.Reason(err)
	}
	pool = x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, "holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"
	}
	return pool, ""
}

// directories are those of the authorities, the one that is asked first first.
func (c *Config) directories() (list []string) {
	for _, ca := range c.CA {
		list = append(list, directoryOf(ca))
	}
	if len(list) == 0 {
		list = []string{authorities[0].directory}
	}
	return list
}

// nameOf is what people call the authority with a directory.
func nameOf(directory string) string {
	for _, known := range authorities {
		if directory == known.directory {
			return known.name
		}
	}
	if u, err := url.Parse(directory); err == nil {
		return u.Host
	}
	return directory
}

// folderOf is the name of a folder for the authority with a directory. No two share one: a test's account is not for the world.
func folderOf(directory string) string {
	u, err := url.Parse(directory)
	if err != nil {
		return url.PathEscape(directory)
	}
	name := strings.ReplaceAll(u.Host, ":", "_")
	if u.Path != "/directory" {
		name += "-" + strings.ReplaceAll(url.PathEscape(strings.Trim(u.Path, "/")), "%2F", "-")
	}
	return name
}

// Issuers are what CAA records call the authorities that have a name here; of others only they know.
func (c *Config) Issuers() (list []string) {
	for _, directory := range c.directories() {
		if issuer := issuerOf(directory); issuer != "" && !slices.Contains(list, issuer) {
			list = append(list, issuer)
		}
	}
	return list
}

// issuerOf is what CAA records call the authority with a directory; "": only that knows.
func issuerOf(directory string) string {
	for _, known := range authorities {
		if directory == known.directory {
			return known.caa
		}
	}
	return ""
}

// Method is how a name is proved to be ours. Here says whether the proof has its place in a zone here.
func (c *Config) Method(isWildcard bool, here func() bool) string {
	switch kind := c.challenge(); {
	case kind != "auto":
		return kind
	case isWildcard || here():
		return acme.ChallengeTypeDNS01
	default:
		return acme.ChallengeTypeHTTP01
	}
}

func (c *Config) challenge() string { return cmp.Or(c.Challenge, "auto") }
