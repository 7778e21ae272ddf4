// Package webserver serves the pages of this POP's sites over HTTP/1.1, HTTP/2 and HTTP/3, from memory.
package webserver

import (
	"net/http"
	"slices"
	"time"

	"tinycdn/webserver/hosts"
	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// Site is where the pages of some hosts come from: a folder of Markdown (content), a finished folder (files), or an
// application (origin).
type Site interface {
	// Answer gives the page for a request, or the handler that writes what is no page. The request's host is one of the
	// site's, and its path begins with a slash and holds no dot segment and no control character; nor, unless the site is a
	// Forwarder, an encoded slash. Only a request without all of HTTP may be declined.
	Answer(q *page.Request) page.Answer

	// Error is the site's own page for a status of 400 and above, or nil if it has none.
	Error(status int) *page.Page

	// Health is nil if the site can serve, else why it cannot.
	Health() error
}

// Forwarder is a Site that passes paths on as they were written: what an encoded slash means is for others to say.
type Forwarder interface{ Forwards() }

// Indexed is a Site that is a folder: whoever leaves out the slash behind the path that it lies below is sent there, if there is
// an index.
type Indexed interface{ HasIndex() bool }

// Purger is a Site that remembers what others made, and can be told to forget it.
type Purger interface {
	// Purge forgets what is kept for a path and query of a host, and says how many responses that were.
	Purge(host, uri string) int
	// PurgeAll forgets everything.
	PurgeAll() int
}

// Redirect sends a path to another place.
type Redirect = hosts.Redirect

// VirtualHost is a site, made of parts, and how it is served. It is not changed once it is published. The comments of what has a key are the
// manual.
type VirtualHost struct {
	Name string `toml:",key"`
	// the host names of a site; `"*"` is every host that no site names. Left out: its name
	Hosts []string `toml:"hosts"` // in lower case
	// the host that visitors of the others are sent to. Left out: none
	Canonical string `toml:"canonical"`
	// header fields that replace ours or are added; `""` takes one away. Left out: none
	Headers []page.Field `toml:"headers"`
	// `"/old" = "/new"`, `"/old/*" = "/new/*"`, `"/x" = { to = "/y", status = 302 }`; status 410: gone. Left out: none
	Redirects []Redirect `toml:"redirects"`
	// send HTTP to HTTPS, for the hosts that `web.certs` are for. Left out: what `web.https_redirect` says
	HTTPSRedirect *bool `toml:"https_redirect"`
	// Strict-Transport-Security over HTTPS; `""` for none. Left out: what `web.hsts` says; none if `https_redirect` is `false` here
	HSTS *string `toml:"hsts"`

	Parts []Part // what no pattern fits is not there
}

// Part is the site of some of the paths.
type Part struct {
	Name    string // for people
	Pattern string // "/static/*", "/feed.xml"; "/*" is all that no other fits

	Site  Site      // nil: it could not be loaded, and answers 503
	Since time.Time // when this state of it was loaded

	Stale      string    // why it is not as its files are by now; "": it is
	StaleSince time.Time // since when; zero: it is not
}

// Check reports what is wrong with the settings of v, at the keys below it.
func (v *VirtualHost) Check(report diag.Report) {
	if v.Canonical != "" && !slices.Contains(v.Hosts, v.Canonical) {
		report(diag.At("canonical"), "%q is not among the hosts of the site%s", v.Canonical, diag.DidYouMean(v.Canonical, v.Hosts))
	}
	checkHeaders(v.Headers, report.Below("headers"))
	hosts.CheckRedirects(v.Redirects, report.Below("redirects"))
	if v.HSTS != nil {
		page.CheckField(diag.At("hsts"), *v.HSTS, report)
	}
}

// LeadsToHTTPS says whether v sends HTTP to HTTPS, in a server of that configuration, once that can be spoken.
func (v *VirtualHost) LeadsToHTTPS(c *Config) bool {
	if v.HTTPSRedirect != nil {
		return *v.HTTPSRedirect
	}
	return c.HTTPSRedirect
}

// StrictTransport is what v says in Strict-Transport-Security over HTTPS, in a server of that configuration; "": nothing.
func (v *VirtualHost) StrictTransport(c *Config) string {
	value := c.HSTS
	switch {
	case v.HSTS != nil:
		value = *v.HSTS
	case v.HTTPSRedirect != nil && !*v.HTTPSRedirect:
		value = "" // whoever came over HTTPS once would never see it over HTTP again
	}
	for _, field := range v.Headers {
		if http.CanonicalHeaderKey(field.Name) == hsts {
			value = field.Value
		}
	}
	return value
}

// router says which site serves which host.
type router struct {
	hosts map[string]*vhost
	other *vhost // for every other host; nil: none
	all   []*vhost
}

func newRouter(s *Server, list []VirtualHost) *router {
	t := &router{hosts: map[string]*vhost{}}
	for _, one := range list {
		ready := s.prepare(one)
		t.all = append(t.all, ready)
		for _, host := range one.Hosts {
			if host == "*" {
				t.other = ready
			} else {
				t.hosts[host] = ready
			}
		}
	}
	return t
}

// find gives the site for a host as it came with a request, and the host in lower case and without port. The site is
// nil if the host is not served here.
func (t *router) find(host string) (*vhost, string) {
	if s := t.hosts[host]; s != nil { // as nearly all requests have it
		return s, host
	}
	if host == "" {
		return t.other, "" // RFC 9110, 7.2: from a client of HTTP/1.0, or one that has no name for us
	}
	host, ok := hosts.Plain(host)
	if !ok {
		return nil, ""
	}
	if s := t.hosts[host]; s != nil {
		return s, host
	}
	return t.other, host
}
