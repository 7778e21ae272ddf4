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
	exact    map[string]Redirect
	prefixes []Redirect
}

// NewRedirects puts rules in order.
func NewRedirects(list []Redirect) Redirects {
	r := Redirects{exact: map[string]Redirect{}}
	for _, rule := range list {
		if strings.HasSuffix(rule.From, "*") {
			r.prefixes = append(r.prefixes, rule)
		} else {
			r.exact[rule.From] = rule
		}
	}
	slices.SortStableFunc(r.prefixes, func(a, b Redirect) int { return len(b.From) - len(a.From) })
	return r
}

// Find gives the page that redirects a path, or nil. The query goes along.
func (r *Redirects) Find(path, query string) *page.Page {
	if rule, ok := r.exact[path]; ok {
		return rule.page(rule.To, query)
	}
	for i := range r.prefixes {
		rule := &r.prefixes[i]
		rest, ok := strings.CutPrefix(path, strings.TrimSuffix(rule.From, "*"))
		if !ok {
			continue
		}
		to := rule.To
		if start, ok := strings.CutSuffix(to, "*"); ok {
			rest = strings.TrimLeft(rest, "/") // "//host" would leave this host
			to = start + (&url.URL{Path: "/" + rest}).EscapedPath()[1:]
		}
		return rule.page(to, query)
	}
	return nil
}

func (r *Redirect) page(to, query string) *page.Page {
	if r.Status == http.StatusGone {
		return page.Plain(http.StatusGone)
	}
	return page.Redirect(r.Status, withQuery(to, query))
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
