package hosts

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// Redirect sends a path to another place.
type Redirect struct {
	From   string `toml:",key"` // "/old" is just that; "/old/*" is everything below. It may be escaped: "/a%20b"
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

// CheckRedirects reports what is wrong with the rules of a site.
func CheckRedirects(list []Redirect, report diag.Report) {
	from := map[string]string{} // as it is written, by the path
	for i := range list {
		r := &list[i]
		r.check(report)
		path := r.path() + r.From[len(strings.TrimSuffix(r.From, "*")):]
		if other, twice := from[path]; twice {
			report(diag.At(r.From), "this is the same path as %q", other)
		}
		from[path] = r.From
	}
}

// check reports what is wrong with r, at the path that it is from.
func (r *Redirect) check(report diag.Report) {
	keys := diag.At(r.From)
	to, err := url.Parse(r.To)
	switch {
	case r.To == "" && r.Status != http.StatusGone:
		report(keys, `want where it leads: "/new", or { to = "/new", status = 302 }`)
	case !strings.HasPrefix(r.From, "/"):
		report(keys, `a redirect is from a path, such as "/old" or "/old/*"`)
	case strings.Contains(strings.TrimSuffix(r.From, "*"), "*"):
		report(keys, `a * may only stand at the end: "/old/*"`)
	case Unmatchable(r.From) != "":
		report(keys, "%s", Unmatchable(r.From))
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
	case placeholder(to.Path) != "":
		report(keys, `%s stands for nothing here: "/old/*" = "/new/*" keeps what is below`, placeholder(to.Path))
	case r.leadsToItself():
		report(keys, "it leads to itself")
	case strings.HasSuffix(r.From, "*") && strings.HasPrefix(Unescaped(r.To), r.path()):
		report(keys, "%s is among what it redirects: it would never end", r.To)
	}
	page.CheckField(keys, r.To, report)
}

// path is that of From as requests have it, without the * at its end.
func (r *Redirect) path() string { return Unescaped(strings.TrimSuffix(r.From, "*")) }

func (r *Redirect) leadsToItself() bool {
	return r.From == r.To || !strings.HasSuffix(r.From, "*") && !strings.ContainsAny(r.To, "?#") && r.path() == Unescaped(r.To)
}

// Unescaped is a path that was copied from a URL as requests have it. What is no escape stands for itself: "/50%".
func Unescaped(path string) string {
	if plain, err := url.PathUnescape(path); err == nil {
		return plain
	}
	return path
}

// Unmatchable says why no request has a path like this one, which somebody wrote to have it redirected; "": some may.
func Unmatchable(path string) string {
	if at := strings.IndexAny(path, "?#"); at >= 0 {
		return fmt.Sprintf("the path alone decides: leave out %q (the visitor's query goes along; a ? in a path is %%3F, a # is %%23)", path[at:])
	}
	if word := placeholder(path); word != "" {
		return fmt.Sprintf(`%s stands for nothing here: "/old/*" is everything below /old/ (a path with a colon there is written with %%3A)`, word)
	}
	if plain := Unescaped(path); BadPath(plain) || HidesSeparator(plain, path) {
		return fmt.Sprintf("%s has a dot segment, a control character or an encoded slash in it: nobody is sent on from there", path)
	}
	return ""
}

// placeholder is the first part of a path that stands for something with other programs: ":id" in "/users/:id"; "": none does.
func placeholder(path string) string {
	for part := range strings.SplitSeq(path, "/") {
		if len(part) > 1 && part[0] == ':' && (part[1]|0x20 >= 'a' && part[1]|0x20 <= 'z') {
			return part
		}
	}
	return ""
}

// Redirects are the rules of a site: exact ones by path, and prefixes from the longest to the shortest.
type Redirects struct {
	exact    map[string]Redirect
	prefixes []prefix
}

// prefix is a Redirect of all that begins with a path.
type prefix struct {
	path string
	rule Redirect
}

// NewRedirects puts rules in order.
func NewRedirects(list []Redirect) Redirects {
	r := Redirects{exact: map[string]Redirect{}}
	for _, rule := range list {
		if strings.HasSuffix(rule.From, "*") {
			r.prefixes = append(r.prefixes, prefix{rule.path(), rule})
		} else {
			r.exact[rule.path()] = rule
		}
	}
	slices.SortStableFunc(r.prefixes, func(a, b prefix) int { return len(b.path) - len(a.path) })
	return r
}

// Find gives the page that redirects a path, or nil. The query goes along.
func (r *Redirects) Find(path, query string) *page.Page {
	if rule, ok := r.exact[path]; ok {
		return rule.page(rule.To, query)
	}
	for i := range r.prefixes {
		rule := &r.prefixes[i].rule
		rest, ok := strings.CutPrefix(path, r.prefixes[i].path)
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
	return page.Redirect(r.Status, WithQuery(to, query))
}

// WithQuery is a location with a query, which may be "", behind what it has of its own.
func WithQuery(to, query string) string {
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
