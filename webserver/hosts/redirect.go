package hosts

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// Redirect sends a path to another place.
type Redirect struct {
	From   string `toml:",key"` // "/old" is just that; "/old/*" is everything below
	To     string // a path, or a URL; a * at its end stands for what the * of From did
	Status int    // 301, 302, 303, 307, 308; or 410: it is gone, and To is empty
}

// UnmarshalTOML reads where it leads: "/new", or { to = "/new", status = 302 }. Of anything else Check tells.
func (r *Redirect) UnmarshalTOML(value any) error {
	r.To, _ = value.(string)
	r.Status = http.StatusMovedPermanently
	table, _ := value.(map[string]any)
	for key, value := range table {
		to, _ := value.(string)
		switch status, isNumber := value.(int64); {
		case key == "to" && to != "":
			r.To = to
		case key == "status" && isNumber:
			r.Status = int(status)
		default:
			r.To, r.Status = "", 0
			return nil
		}
	}
	return nil
}

// Check reports what is wrong with r, at the path that it is from.
func (r *Redirect) Check(report diag.Report) {
	keys := diag.At(r.From)
	to, err := url.Parse(r.To)
	switch {
	case r.To == "" && r.Status != http.StatusGone:
		report(keys, `want where it leads: "/new", or { to = "/new", status = 302 }`)
	case !strings.HasPrefix(r.From, "/"):
		report(keys, `a redirect is from a path, such as "/old" or "/old/*"`)
	case strings.Contains(strings.TrimSuffix(r.From, "*"), "*"):
		report(keys, `a * may only stand at the end: "/old/*"`)
	case r.Status == http.StatusGone:
		if r.To != "" {
			report(keys, "what is gone (410) leads nowhere: leave out `to`")
		}
	case !slices.Contains([]int{301, 302, 303, 307, 308}, r.Status):
		report(keys, "status %d is none of 301, 302, 303, 307, 308 and 410", r.Status)
	case err != nil, to.Scheme == "" && (!strings.HasPrefix(r.To, "/") || strings.HasPrefix(r.To, "//")), to.Scheme != "" && to.Host == "":
		report(keys, `%q is neither a path such as "/new" nor a URL`, r.To)
	case to.Scheme != "" && strings.HasSuffix(to.Host, "*"):
		report(keys, `what comes in place of the * would become a part of the host: want "https://%s/*"`, strings.TrimSuffix(to.Host, "*"))
	case r.From == r.To:
		report(keys, "it leads to itself")
	case strings.HasSuffix(r.From, "*") && strings.HasPrefix(r.To, strings.TrimSuffix(r.From, "*")):
		report(keys, "%s is among what it redirects: it would never end", r.To)
	}
	page.CheckField(keys, r.To, report)
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
