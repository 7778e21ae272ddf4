package hostfiles

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tinycdn/webserver/hosts"
	"tinycdn/webserver/page"
)

// rule is a line of _redirects: from, query, to, status.
type rule struct {
	line   int
	host   string // "": any of the site's
	plain  bool   // over HTTP alone
	from   pattern
	names  []string // of from, and behind them those of query
	query  []parameter
	to     target
	status int
	forced bool
}

// parameter is one that the query of a request has to have.
type parameter struct {
	key, value string
	name       int // number of the name that its value gets; -1: the value has to be this one
	any        bool
}

// parts are the words of a line.
type parts struct {
	from       string
	query      []string
	to         string
	status     string
	conditions []string
}

// split takes a line apart. A word that begins with # begins a comment.
func split(line string) (p parts) {
	words := strings.Fields(line)
	if at := slices.IndexFunc(words, func(word string) bool { return word[0] == '#' }); at >= 0 {
		words = words[:at]
	}
	p.from, words = words[0], words[1:]
	at := slices.IndexFunc(words, func(word string) bool { return word[0] == '/' || isURL(word) })
	if status := slices.IndexFunc(words, isStatus); at < 0 && status == 0 {
		p.status, p.conditions = words[0], words[1:]
		return p
	}
	if at < 0 {
		p.query = words
		return p
	}
	p.query, p.to, words = words[:at], words[at], words[at+1:]
	if len(words) > 0 && !strings.Contains(words[0], "=") {
		p.status, words = words[0], words[1:]
	}
	p.conditions = words
	return p
}

func isURL(word string) bool {
	return strings.HasPrefix(word, "http://") || strings.HasPrefix(word, "https://")
}

func isStatus(word string) bool {
	word = strings.TrimSuffix(word, "!")
	return len(word) == 3 && strings.Trim(word, "0123456789") == ""
}

// rule reads a line. Where there is none, it notes why.
func (n *notes) rule(line int, text string, known []string) (r rule, ok bool) {
	p := split(text)
	r.line, r.status = line, http.StatusMovedPermanently
	if p.status != "" {
		if !isStatus(p.status) {
			n.add(line, "%q is no status, such as 301 or 200!; the rule is left out", p.status)
			return r, false
		}
		p.status, r.forced = strings.CutSuffix(p.status, "!")
		r.status, _ = strconv.Atoi(p.status)
	}
	if !n.conditions(line, p.conditions) || !n.from(&r, p.from, known) {
		return r, false
	}
	if !n.query(&r, p.query) {
		return r, false
	}
	return r, n.to(&r, &p)
}

// conditions notes what a rule depends on that nobody looks at here.
func (n *notes) conditions(line int, list []string) (ok bool) {
	for _, one := range list {
		key, _, named := strings.Cut(one, "=")
		switch {
		case !named:
			n.add(line, "%q says nothing here (a rule is: from to status); the rule is left out", one)
		case strings.EqualFold(key, "Sign") || strings.EqualFold(key, "Signed"):
			continue // of what is passed on to another host
		case strings.EqualFold(key, "Role"):
			n.warn(line, "nobody has a Role here, and nothing is protected by one: the path is NOT protected, and the rule is left out")
		default:
			n.add(line, "rules by %s are not done; the rule is left out, for everybody", key)
		}
		return false
	}
	return true
}

// from reads the path, or the URL, that a rule is for.
func (n *notes) from(r *rule, text string, known []string) (ok bool) {
	if isURL(text) {
		u, path := splitURL(text)
		host, isHost := hosts.Plain(u)
		if !isHost || path == "" {
			n.add(r.line, "%s is not the URL of a path, such as https://example.org/*; the rule is left out", text)
			return false
		}
		if !slices.Contains(known, host) && !slices.Contains(known, "*") {
			n.add(r.line, "%s is none of the site's hosts, so that this rule is never asked (`hosts` of the site in tinycdn.toml names them)", host)
			return false
		}
		r.host, r.plain, text = host, strings.HasPrefix(text, "http:"), path
	}
	if text[0] != '/' {
		n.add(r.line, "a rule is from a path, such as /old or /old/*, not %q; it is left out", text)
		return false
	}
	from, err := parsePattern(text)
	if err == nil && from.globs != nil {
		err = errTwoStars
	}
	if err != nil {
		n.add(r.line, "%s: %v; the rule is left out", text, err)
		return false
	}
	r.from, r.names = from, slices.Clone(from.names)
	return true
}

// splitURL gives the host of a URL and its path.
func splitURL(text string) (host, path string) {
	_, rest, _ := strings.Cut(text, "://")
	if at := strings.IndexByte(rest, '/'); at >= 0 {
		return rest[:at], rest[at:]
	}
	return rest, "/"
}

// query reads which parameters a request has to have: "id=:id", "lang=de", "print".
func (n *notes) query(r *rule, words []string) (ok bool) {
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		p := parameter{key: key, value: value, name: -1, any: value == ""}
		if name, ok := strings.CutPrefix(value, ":"); ok && name != "" && wordAt(name, 0) == name {
			p.name = len(r.names)
			r.names = append(r.names, name)
		}
		r.query = append(r.query, p)
	}
	if len(r.names) > mostNames {
		n.add(r.line, "%v; the rule is left out", errTooMany)
		return false
	}
	return true
}

// answer says what r has for a request, if it is for that.
func (r *rule) answer(q *page.Request, path string, m *Match) bool {
	var v values
	if r.host != "" {
		if host, _ := hosts.Plain(q.Host); host != r.host || r.plain && q.Secure {
			return false
		}
	}
	if !r.from.match(path, &v) || !r.asks(q.Query, &v) {
		return false
	}
	m.Status, m.Path = r.status, r.to.pathWithin(&v)
	if isRedirect(r.status) {
		location := r.to.location(&v)
		if leadsBack(location, path, q) { // as "/* /:splat" would, for ever
			return false
		}
		if m.Location = location; !strings.Contains(location, "?") {
			m.Location = hosts.WithQuery(location, withoutParameters(q.LocationQuery(), r.query))
		}
	}
	return true
}

// asks says whether a query has the parameters that r wants.
func (r *rule) asks(query string, v *values) bool {
	if len(r.query) == 0 {
		return true
	}
	has, _ := url.ParseQuery(query)
	for _, p := range r.query {
		is := has[p.key]
		switch {
		case len(is) == 0, p.name < 0 && !p.any && is[0] != p.value, p.name >= 0 && is[0] == "":
			return false
		case p.name >= 0:
			v[p.name] = is[0]
		}
	}
	return true
}

// leadsBack says whether a location is where the request is already. A slash at the end makes no difference: where the server
// wants one, or none, it would send the visitor on, and the rule back.
func leadsBack(location, path string, q *page.Request) bool {
	u, err := url.Parse(location)
	if err != nil || u.RawQuery != "" && u.RawQuery != q.LocationQuery() {
		return false
	}
	if isPath(location) {
		return trimmed(u.Path) == trimmed(path)
	}
	to, _ := hosts.Plain(u.Host)
	here, _ := hosts.Plain(q.Host)
	return to == here && (u.Scheme == "https") == q.Secure && trimmed(cmp.Or(u.Path, "/")) == trimmed(q.Path)
}
