package hostfiles

import (
	"net/http"
	"slices"
	"strings"

	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// Redirects are the rules of a site. The first that fits decides. The zero value has none.
type Redirects struct {
	rules    []rule
	exact    map[string][]int // numbers of rules by their one path, without the slash at its end
	patterns []int            // of all others
	forced   bool             // some go before the site's own files
}

// Match is what a rule says of a request.
type Match struct {
	Status   int
	Location string // of a redirect (RFC 9110, 15.4): escaped
	Path     string // else the path of the page that is to be sent, without escapes; "": the site's own for the status
}

// Redirects says whether it leads elsewhere.
func (m *Match) Redirects() bool { return isRedirect(m.Status) }

func isRedirect(status int) bool {
	return slices.Contains([]int{http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect}, status)
}

// ReadRedirects reads _redirects, which has the path file. Hosts are the names of the site. What is not done, and what is
// no rule, is a note.
func ReadRedirects(file, text string, hosts []string) (*Redirects, []diag.Problem) {
	r := &Redirects{exact: map[string][]int{}}
	n := &notes{file: file}
	for number, line := range n.lines(text) {
		if len(r.rules) == mostRules {
			n.add(number, "more than 10,000 rules: this one and those behind it are left out")
			break
		}
		rule, ok := n.rule(number, line, hosts)
		if !ok {
			continue
		}
		path, isExact := rule.from.exact()
		if first := r.twin(&rule, path); isExact && first != nil {
			n.add(number, "line %d has this path already, and the first rule decides; this one is left out", first.line)
			continue
		}
		if isExact {
			r.exact[path] = append(r.exact[path], len(r.rules))
		} else {
			r.patterns = append(r.patterns, len(r.rules))
		}
		r.forced = r.forced || rule.forced
		r.rules = append(r.rules, rule)
	}
	return r, n.all()
}

// twin is the rule that decides in any case before another one of the same path.
func (r *Redirects) twin(of *rule, path string) *rule {
	for _, i := range r.exact[path] {
		if first := &r.rules[i]; first.host == of.host && first.plain == of.plain && len(first.query) == 0 && (first.forced || !of.forced) {
			return first
		}
	}
	return nil
}

// Empty says whether there are no rules.
func (r *Redirects) Empty() bool { return r == nil || len(r.rules) == 0 }

// Find gives what the first rule says that fits a request, of all rules or of those alone that go before a file. The path is
// that from where the site lies, without escapes.
func (r *Redirects) Find(q *page.Request, path string, forced bool) (m Match, ok bool) {
	if r.Empty() || forced && !r.forced || path == "" {
		return Match{}, false
	}
	may := r.candidates(path)
	for rule := may.next(r); rule != nil; rule = may.next(r) {
		if (rule.forced || !forced) && rule.answer(q, path, &m) {
			return m, true
		}
	}
	return Match{}, false
}

// candidates are the numbers of rules that may fit a path, each list from the first to the last.
type candidates struct{ exact, patterns []int }

func (r *Redirects) candidates(path string) candidates {
	return candidates{r.exact[trimmed(path)], r.patterns}
}

// next takes the first of them; nil: there is none any more.
func (c *candidates) next(r *Redirects) *rule {
	from := &c.exact
	if len(c.exact) == 0 || len(c.patterns) > 0 && c.patterns[0] < c.exact[0] {
		from = &c.patterns
	}
	if len(*from) == 0 {
		return nil
	}
	first := (*from)[0]
	*from = (*from)[1:]
	return &r.rules[first]
}

// Forces says whether a rule may go before the file that there is at a path.
func (r *Redirects) Forces(path string) bool {
	if r.Empty() || !r.forced {
		return false
	}
	var v values
	may := r.candidates(path)
	for rule := may.next(r); rule != nil; rule = may.next(r) {
		if rule.forced && rule.from.match(path, &v) {
			return true
		}
	}
	return false
}

// Against notes the rules that what there is at the paths of the site makes useless. Home tells by which path the page is
// best known that is at a path, if there is one.
func (r *Redirects) Against(file string, home func(path string) (home string, ok bool)) []diag.Problem {
	n := &notes{file: file}
	for i := range r.rules {
		rule := &r.rules[i]
		path, exact := rule.from.exact()
		here, taken := home(path)
		there, found := home(rule.to.path)
		fixed := len(rule.to.names) == 0 && rule.to.path != ""
		switch {
		case exact && taken && !rule.forced && here != there && !(fixed && trimmed(here) == trimmed(rule.to.path)):
			n.add(rule.line, "%s is there, and what is there goes before a rule: with a ! behind the status (%d!) this one would decide", path, rule.status)
		case fixed && !found && !isRedirect(rule.status):
			n.add(rule.line, "%s is not there, so that visitors get 404", rule.to.path)
		}
	}
	return n.all()
}

// withoutParameters is a query without those of some keys.
func withoutParameters(query string, of []parameter) string {
	if len(of) == 0 || query == "" {
		return query
	}
	var left []string
	for piece := range strings.SplitSeq(query, "&") {
		key, _, _ := strings.Cut(piece, "=")
		if !slices.ContainsFunc(of, func(p parameter) bool { return p.key == key }) {
			left = append(left, piece)
		}
	}
	return strings.Join(left, "&")
}
