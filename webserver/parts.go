package webserver

import (
	"net/http"
	"strings"

	"tinycdn/webserver/hosts"
	"tinycdn/webserver/page"
)

// parts say who answers for which path of a site.
type parts struct {
	rest  *part // for what no other is for; nil: nobody
	paths hosts.Paths[*part]
}

// part is a Part made ready.
type part struct {
	Part
	forwards bool       // it is a Forwarder
	missing  *page.Page // the rest's page for what is not there, where the part has none; else nil
}

// rest is the pattern of all that no other fits.
const rest = "/*"

func newParts(list []Part) (p parts) {
	var all []*part
	for _, one := range list {
		_, forwards := one.Site.(Forwarder)
		ready := &part{Part: one, forwards: forwards}
		if all = append(all, ready); one.Pattern == rest {
			p.rest = ready
		} else {
			p.paths.Add(one.Pattern, ready)
		}
	}
	for _, one := range all {
		if folder, isFolder := strings.CutSuffix(one.Pattern, "/*"); isFolder && folder != "" && one.hasIndex() {
			p.paths.Add(folder, one)
		}
		if !one.forwards && one.ownError(http.StatusNotFound) == nil {
			one.missing = p.rest.ownError(http.StatusNotFound)
		}
	}
	return p
}

// Divide gives the part of a site that a path belongs to, or nil.
func Divide(list []Part) func(path string) *Part {
	parts := newParts(list)
	return func(path string) *Part {
		if one := parts.of(path); one != nil {
			return &one.Part
		}
		return nil
	}
}

// of gives the part that a path belongs to, or nil.
func (p *parts) of(path string) *part {
	if !p.paths.Any() {
		return p.rest
	}
	if one, ok := p.paths.Find(path); ok {
		return one
	}
	if merged := hosts.Merged(path); merged != "" { // a folder sends on whoever writes a slash too much
		if one, ok := p.paths.Find(merged); ok && !one.forwards {
			return one
		}
	}
	return p.rest
}

// answer gives what the part has for a request.
func (p *part) answer(q *page.Request) page.Answer {
	a := p.Site.Answer(q)
	if p.missing != nil && a.Page != nil && a.Page.Status == http.StatusNotFound {
		a.Page = p.missing
	}
	return a
}

func (p *part) hasIndex() bool {
	folder, ok := p.Site.(Indexed)
	return ok && folder.HasIndex()
}

// ownError is the page of a part for a status, or nil if it has none.
func (p *part) ownError(status int) *page.Page {
	if p == nil || p.Site == nil {
		return nil
	}
	return p.Site.Error(status)
}

// error gives the page for a status at a path: of the part that answers there, else of the rest, else a plain one.
func (p *parts) error(path string, status int) *page.Page {
	for _, one := range []*part{p.of(path), p.rest} {
		if own := one.ownError(status); own != nil {
			return own
		}
	}
	return page.Plain(status)
}
