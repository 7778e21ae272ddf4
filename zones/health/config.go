package health

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tinycdn/zones/diag"
)

// OwnPage is the path of tinycdn's own health page.
const OwnPage = "/.well-known/tinycdn/health"

// Config is how POPs are checked. The comments of what has a key are the manual.
type Config struct {
	On bool `toml:",switch"`
	// from one look at a POP to the next, give or take a fifth; 2 seconds after one that failed. Left out: `"5s"`
	Interval time.Duration `toml:"interval"`
	// how long a look may take. Left out: `"3s"`
	Timeout time.Duration `toml:"timeout"`
	// looks that fail, one after the other, until a POP says that another is down. Left out: 3
	Fall int `toml:"fall"`
	// good looks until it says that it is up again; more, up to 16, of one that comes and goes. Left out: 4
	Rise int `toml:"rise"`
	// the page that is looked at, of the first site: a path; or with another host, `"https://www.example.org/up"`, also where there are
	// no sites because another server has the pages. Left out: `"/.well-known/tinycdn/health"`, and without sites the nameserver alone
	Page string `toml:"page"`
	// the status that a `page` of yours must have. Left out: 200
	Status int `toml:"status"`
	// a text that must be in its first 64 KB. Left out: any will do
	Body string `toml:"body"`
	// the most seconds that resolvers may keep an answer with a POP that may be about to fall. Left out: 20
	DoubtTTL int `toml:"doubt_ttl"`
	// webhooks that are told when a POP falls, is up again, or is drained, and once a week what grows old: `"https://ntfy.sh/topic"`,
	// with `ntfy+`, `slack+` or `plain+` before it if the host does not tell how messages are written. Left out: none
	Notify []string `toml:"notify"`
}

// Default is a Config that says nothing else.
func Default() Config {
	return Config{On: true, Interval: 5 * time.Second, Timeout: 3 * time.Second, Fall: 3, Rise: 4, Page: OwnPage, Status: 200, DoubtTTL: 20}
}

// Check reports what is wrong with c, at the keys below it.
func (c *Config) Check(report diag.Report) {
	// Less than a second is a flood, and longer than an hour no check.
	for _, d := range []struct {
		key   string
		value time.Duration
	}{{"interval", c.Interval}, {"timeout", c.Timeout}} {
		if d.value < time.Second || d.value > time.Hour {
			report(diag.At(d.key), "must be 1s to 1h")
		}
	}
	for _, n := range []struct {
		key                string
		value, least, most int
	}{{"fall", c.Fall, 1, 100}, {"rise", c.Rise, 1, 100}, {"doubt_ttl", c.DoubtTTL, 1, 86400}, {"status", c.Status, 200, 599}} {
		if n.value < n.least || n.value > n.most {
			report(diag.At(n.key), "must be %d to %d", n.least, n.most)
		}
	}
	if _, err := c.page(); err != nil {
		report(diag.At("page"), "%v", err)
	}
	if c.Page == OwnPage && (c.Status != 200 || c.Body != "") {
		report(diag.At("page"), "missing: status and body are for a page of yours")
	}
}

// page is the page as it is written: what is not said comes of the first site.
func (c *Config) page() (*Page, error) {
	p := &Page{Path: c.Page, Status: c.Status, Body: c.Body, Own: c.Page == OwnPage}
	u, err := url.Parse(c.Page)
	if err != nil || strings.ContainsFunc(c.Page, func(r rune) bool { return r <= ' ' || r >= 0x7f }) || u.Fragment != "" || u.User != nil {
		return nil, diag.Kind(`want a path, "/up", or a URL, "https://www.example.org/up"`)
	}
	if u.IsAbs() {
		port, err := strconv.ParseUint(cmp.Or(u.Port(), "0"), 10, 16)
		if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || err != nil {
			return nil, diag.Kind(`want a URL as visitors have it, "https://www.example.org/up"`)
		}
		p.Host, p.Port, p.Secure, p.Path = u.Hostname(), uint16(port), u.Scheme == "https", u.RequestURI()
		p.Own = u.Path == OwnPage
	} else if !strings.HasPrefix(p.Path, "/") || strings.HasPrefix(p.Path, "//") {
		return nil, diag.Kind(`want a path that begins with "/", or a URL, "https://www.example.org/up"`)
	}
	return p, nil
}

// PageOf is the page to look at, where the first site has this host and may have TLS; nil: there is none.
func (c *Config) PageOf(host string, secure bool) *Page {
	p, err := c.page()
	if err != nil {
		return nil
	}
	if p.Host == "" {
		p.Host, p.Secure = host, secure
	}
	if p.Host == "" {
		return nil
	}
	return p
}
