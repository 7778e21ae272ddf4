package hostfiles

import (
	"errors"
	"net/http"
	"slices"
	"strings"
)

var errTwoStars = errors.New("it may have one *, and no more")

// withPage are the statuses, beside redirects and 200, of which a rule may name the page.
var withPage = []int{http.StatusForbidden, http.StatusNotFound, http.StatusGone, http.StatusUnavailableForLegalReasons}

// to reads where a rule leads.
func (n *notes) to(r *rule, p *parts) (ok bool) {
	switch {
	case !isRedirect(r.status) && r.status != http.StatusOK && !slices.Contains(withPage, r.status):
		if r.status == http.StatusUnauthorized {
			n.warn(r.line, "nobody is asked for a password here: the path is NOT protected, and the rule is left out")
			return false
		}
		n.add(r.line, "status %d is none of 301, 302, 303, 307, 308, 200, 403, 404, 410 and 451; the rule is left out", r.status)
		return false
	case p.to == "" && slices.Contains(withPage, r.status):
		return true
	case p.to == "" && r.status == http.StatusOK && r.from.star && strings.HasSuffix(p.from, "/*"):
		p.to = strings.TrimSuffix(p.from, "*") + ":" + splat // what is there is sent, and no later rule asked
		if isURL(p.to) {
			_, p.to = splitURL(p.to)
		}
	case p.to == "":
		n.add(r.line, "want where it leads, a path such as /new or a URL (https://example.org/new); the rule is left out")
		return false
	case strings.HasPrefix(p.to, "//"):
		n.add(r.line, "%s is neither a path nor a URL; the rule is left out", p.to)
		return false
	case isURL(p.to) && !isRedirect(r.status):
		n.add(r.line, "nothing is fetched from another host (a site with `origin` does that): visitors get 404")
		return r.refuse()
	case strings.HasPrefix(p.to, "/.netlify/"):
		n.add(r.line, "there are no functions here: visitors get 404")
		return r.refuse()
	}
	to, strange, err := parseTarget(p.to, r.names)
	if err != nil {
		n.add(r.line, "%s: %v; the rule is left out", p.to, err)
		return false
	}
	for _, name := range strange {
		n.add(r.line, "%s stands for nothing, as it is not in %s", name, p.from)
	}
	r.to = to
	return n.turns(r)
}

// refuse makes it a rule of what is not there. It decides all the same: a later one, such as "/* /index.html 200", is for the
// rest alone.
func (r *rule) refuse() (ok bool) {
	r.status, r.forced, r.to = http.StatusNotFound, false, target{}
	return true
}

// turns notes a rule that leads to where it comes from.
func (n *notes) turns(r *rule) (ok bool) {
	from, exact := r.from.exact()
	if exact && isRedirect(r.status) && r.host == "" && len(r.query) == 0 && len(r.to.names) == 0 && isPath(r.to.texts[0]) &&
		trimmed(r.to.path) == from && !strings.Contains(r.to.texts[0], "?") {
		n.add(r.line, "it leads to itself (whether a path ends in a slash, the server decides by the files); it is left out")
		return false
	}
	return true
}
