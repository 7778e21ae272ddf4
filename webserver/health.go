package webserver

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"tinycdn/webserver/page"
)

// health is what other POPs and monitors want to know: 200 if all sites can be served, else 503, and why.
type health struct {
	POP          string                 `json:"pop,omitempty"`
	OK           bool                   `json:"ok"`
	Sites        map[string]siteHealth  `json:"sites"`
	Certificates map[string]certificate `json:"certificates,omitempty"` // by the first name in it
}

type siteHealth struct {
	OK    bool   `json:"ok"`
	Why   string `json:"why,omitempty"`
	Since string `json:"since"` // when this state of it was loaded, RFC 3339
	Age   int    `json:"age"`   // seconds since then
}

type certificate struct {
	OK    bool   `json:"ok"`
	Until string `json:"until"` // RFC 3339
	Left  int    `json:"left"`  // seconds until then
}

// health tells why a site cannot be served to admins alone: the reason may name what is inside.
func (s *Server) health(now time.Time, admin bool) *page.Page {
	h := health{POP: s.config.POP, OK: true, Sites: map[string]siteHealth{}}
	for _, site := range s.router.Load().all {
		one := siteHealth{OK: true, Since: site.Since.UTC().Format(time.RFC3339), Age: int(now.Sub(site.Since).Seconds())}
		if site.Site == nil {
			one.OK, one.Why = false, "it could not be loaded"
		} else if err := site.Site.Health(); err != nil {
			if one.OK, one.Why = false, "its origin cannot be reached"; admin {
				one.Why = err.Error()
			}
		}
		h.OK = h.OK && one.OK
		h.Sites[site.Name] = one
	}
	h.Certificates = s.certificates(now)
	for _, c := range h.Certificates {
		h.OK = h.OK && c.OK
	}
	if s.certs != nil && len(h.Certificates) == 0 {
		h.OK = false // nobody can come over HTTPS
	}
	status := http.StatusOK
	if !h.OK {
		status = http.StatusServiceUnavailable
	}
	text, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		panic("webserver: internal error: " + err.Error())
	}
	return page.NoStore(status, "application/json", append(text, '\n'))
}

// certificates says until when each certificate holds, by the first name in it.
func (s *Server) certificates(now time.Time) map[string]certificate {
	if s.certs == nil {
		return nil
	}
	all := map[string]certificate{}
	for i, c := range s.certs.Store().Expiries() {
		name := strconv.Itoa(i + 1)
		if len(c.Names) > 0 {
			name = c.Names[0]
		}
		all[name] = certificate{OK: now.Before(c.Until), Until: c.Until.UTC().Format(time.RFC3339), Left: int(c.Until.Sub(now).Seconds())}
	}
	return all
}
