package webserver

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"tinycdn/webserver/counters"
	"tinycdn/webserver/page"
)

// serving is a Serving made ready: what each response of the site carries is packed.
type serving struct {
	Serving
	redirects redirects
	plain     []page.Lines // the fields of each response over HTTP
	secure    []page.Lines // and over TLS
	counters  *counters.Site

	plainHead, secureHead string // plain and secure as they go over the wire
}

// These hold unless a site says otherwise. They change nothing for a site that works without them.
var safeHeaders = map[string]string{
	"X-Content-Type-Options": "nosniff",
	"X-Frame-Options":        "SAMEORIGIN",
	"Referrer-Policy":        "strict-origin-when-cross-origin",
}

const hsts = "Strict-Transport-Security"

// prepare packs what all responses of a site have in common.
func (s *Server) prepare(one Serving) *serving {
	plain := maps.Clone(safeHeaders)
	if s.config.POP != "" {
		plain["X-Pop"] = s.config.POP
	}
	secure := maps.Clone(plain)
	if s.config.HSTS != "" {
		secure[hsts] = s.config.HSTS
	}
	if s.altSvc != "" {
		secure["Alt-Svc"] = s.altSvc
	}
	for _, fields := range []map[string]string{plain, secure} {
		for name, value := range one.Headers {
			name = http.CanonicalHeaderKey(name)
			if fields[name] = value; value == "" {
				delete(fields, name)
			}
		}
	}
	delete(plain, hsts) // RFC 6797, 7.2: never over HTTP
	ready := &serving{
		Serving: one, redirects: newRedirects(one.Redirects), counters: s.counters.Site(one.Name),
		plain: linesOf(plain), secure: linesOf(secure),
	}
	ready.plainHead, ready.secureHead = headOf(ready.plain), headOf(ready.secure)
	return ready
}

// head is what each response of the site carries, over TLS or not.
func (s *serving) head(secure bool) string {
	if secure {
		return s.secureHead
	}
	return s.plainHead
}

func headOf(lines []page.Lines) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.Name + ": " + l.Values[0] + "\r\n")
	}
	return b.String()
}

func linesOf(fields map[string]string) (lines []page.Lines) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		lines = append(lines, page.Lines{Name: name, Values: []string{fields[name]}})
	}
	return lines
}

// error gives the site's own page for a status, or a plain one.
func (s *serving) error(status int) *page.Page {
	if s.Site != nil {
		if p := s.Site.Error(status); p != nil {
			return p
		}
	}
	return page.Plain(status)
}
