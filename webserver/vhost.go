package webserver

import (
	"maps"
	"net/http"
	"slices"
	"sync"

	"tinycdn/webserver/hosts"
	"tinycdn/webserver/metrics"
	"tinycdn/webserver/page"
)

// vhost is a VirtualHost made ready: what each response of the site carries is packed.
type vhost struct {
	VirtualHost
	parts
	redirects hosts.Redirects
	counters  *metrics.Site

	plain, secure map[string]string // what each response has unless the site says otherwise, over HTTP and over TLS
	ordinary      heads             // of responses without an overlay
	overlaid      sync.Map          // *heads of the others, by *page.Overlay
}

// heads are the fields that responses of a site have in common.
type heads struct{ plain, secure page.Head }

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
	if value := one.StrictTransport(&s.config); value != "" {
		secure[hsts] = value
	}
	if s.altSvc != "" {
		secure["Alt-Svc"] = s.altSvc
	}
	v := &vhost{VirtualHost: one, parts: newParts(one.Parts), redirects: hosts.NewRedirects(one.Redirects), counters: s.counters.Site(one.Name), plain: plain, secure: secure}
	v.ordinary = v.pack(nil)
	return v
}

// head is what a response of the site carries beside the fields of its page, over TLS or not.
func (s *vhost) head(o *page.Overlay, secure bool) *page.Head {
	h := &s.ordinary
	if o != nil {
		h = s.headsOf(o)
	}
	if secure {
		return &h.secure
	}
	return &h.plain
}

// headsOf packs an overlay when it is first asked for.
func (s *vhost) headsOf(o *page.Overlay) *heads {
	if packed, ok := s.overlaid.Load(o); ok {
		return packed.(*heads)
	}
	h := s.pack(o.Fields)
	packed, _ := s.overlaid.LoadOrStore(o, &h)
	return packed.(*heads)
}

// pack puts fields in the place of those that are there, and the site's own in the place of both.
func (s *vhost) pack(overlay []page.Field) heads {
	plain, secure := maps.Clone(s.plain), maps.Clone(s.secure)
	for _, fields := range []map[string]string{plain, secure} {
		for _, field := range slices.Concat(overlay, s.Headers) {
			name := http.CanonicalHeaderKey(field.Name)
			if fields[name] = field.Value; field.Value == "" {
				delete(fields, name)
			}
		}
	}
	delete(plain, hsts) // RFC 6797, 7.2: never over HTTP
	return heads{headOf(plain), headOf(secure)}
}

func headOf(fields map[string]string) page.Head {
	var list []page.Field
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		list = append(list, page.Field{Name: name, Value: fields[name]})
	}
	return page.NewHead(list...)
}
