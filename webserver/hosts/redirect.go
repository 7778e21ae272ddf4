package hosts

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tinycdn/webserver/page"
)

// Redirect sends a path to another place.
type Redirect struct {
	From   string // "/old" is just that; "/old/*" is everything below
	To     string // a path, or a URL; a * at its end stands for what the * of From did
	Status int    // 301, 302, 303, 307, 308; or 410: it is gone, and To is empty
}

// Redirects are the rules of a site: exact ones by path, and prefixes from the longest to the shortest.
type Redirects struct {
	exact    map[string]*page.Page
	prefixes []Redirect
	gone     *page.Page
}

// NewRedirects makes the pages that redirect.
func NewRedirects(list []Redirect) Redirects {
	r := Redirects{exact: map[string]*page.Page{}, gone: page.Plain(http.StatusGone)}
	for _, rule := range list {
		switch _, isPrefix := strings.CutSuffix(rule.From, "*"); {
		case isPrefix:
			r.prefixes = append(r.prefixes, rule)
		case rule.Status == http.StatusGone:
			r.exact[rule.From] = r.gone
		default:
			r.exact[rule.From] = page.Redirect(rule.Status, rule.To, page.LifeOfRedirect)
		}
	}
	slices.SortStableFunc(r.prefixes, func(a, b Redirect) int { return len(b.From) - len(a.From) })
	return r
}

// Find gives the page that redirects a path, or nil. The query goes along.
func (r *Redirects) Find(path, query string) *page.Page {
	if p := r.exact[path]; p != nil {
		if query == "" || p.Status == http.StatusGone {
			return p
		}
		return page.Redirect(p.Status, withQuery(location(p), query), page.LifeOfRedirect)
	}
	for i := range r.prefixes {
		rule := &r.prefixes[i]
		rest, ok := strings.CutPrefix(path, strings.TrimSuffix(rule.From, "*"))
		if !ok {
			continue
		}
		if rule.Status == http.StatusGone {
			return r.gone
		}
		to := rule.To
		if start, ok := strings.CutSuffix(to, "*"); ok {
			rest = strings.TrimLeft(rest, "/") // "//host" would leave this host
			to = start + (&url.URL{Path: "/" + rest}).EscapedPath()[1:]
		}
		return page.Redirect(rule.Status, withQuery(to, query), page.LifeOfRedirect)
	}
	return nil
}

func location(p *page.Page) string {
	for _, f := range p.Header() {
		if f.Name == "Location" {
			return f.Value
		}
	}
	return ""
}

func withQuery(to, query string) string {
	if query == "" {
		return to
	}
	mark := "?"
	to, fragment, _ := strings.Cut(to, "#")
	if strings.Contains(to, "?") {
		mark = "&"
	}
	if to += mark + query; fragment != "" {
		to += "#" + fragment
	}
	return to
}
