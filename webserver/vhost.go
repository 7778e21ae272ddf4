package webserver

import (
	"maps"
	"net/http"
	"slices"

	"tinycdn/webserver/hosts"
	"tinycdn/webserver/metrics"
	"tinycdn/webserver/page"
)

// vhost is a VirtualHost made ready: what each response of the site carries is packed.
type vhost struct {
	VirtualHost
	redirects hosts.Redirects
	plain     page.Head // the fields of each response over HTTP
	secure    page.Head // and over TLS
	counters  *metrics.Site
}

// These hold unless a site says otherwise. They change nothing for a site that works without them.
var safeHeaders = map[string]string{
	"X-Content-Type-Options": "nosniff",
	"X-Frame-Options":        "SAMEORIGIN",
	"Referrer-Policy":        "strict-origin-when-cross-origin",
}

const hsts = "Strict-Transport-Security"

// prepare packs what all responses of a site have in common.
func (s *Server) prepare(one VirtualHost) *vhost {
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
		for _, field := range one.Headers {
			name := http.CanonicalHeaderKey(field.Name)
			if fields[name] = field.Value; field.Value == "" {
				delete(fields, name)
			}
		}
	}
	delete(plain, hsts) // RFC 6797, 7.2: never over HTTP
	return &vhost{
		VirtualHost: one, redirects: hosts.NewRedirects(one.Redirects), counters: s.counters.Site(one.Name),
		plain: headOf(plain), secure: headOf(secure),
	}
}

// head is what each response of the site carries, over TLS or not.
func (s *vhost) head(secure bool) *page.Head {
	if secure {
		return &s.secure
	}
	return &s.plain
}

func headOf(fields map[string]string) page.Head {
	var list []page.Field
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		list = append(list, page.Field{Name: name, Value: fields[name]})
	}
	return page.NewHead(list...)
}

// error gives the site's own page for a status, or a plain one.
func (s *vhost) error(status int) *page.Page {
	if s.Site != nil {
		if p := s.Site.Error(status); p != nil {
			return p
		}
	}
	return page.Plain(status)
}
