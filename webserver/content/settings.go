package content

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"tinycdn/webserver/content/front"
	"tinycdn/webserver/hosts"
	"tinycdn/zones/diag"
)

// settingsFiles are where a site may say what it is called: ours, Zola's and Hugo's.
var settingsFiles = []string{
	"config.toml", "zola.toml", "hugo.toml", "config.yaml", "hugo.yaml", "config.yml", "hugo.yml",
	"config/_default/hugo.toml", "config/_default/config.toml", "config/_default/hugo.yaml", "config/_default/config.yaml",
}

// settings are what the site says of itself. All of it may be left out, and what else stands in the file is passed over:
// it is there for another program.
type settings struct {
	hash                                 contentHash // of the file
	title, description, author, language string
	named                                bool   // the title was said
	base                                 string // URL without a slash at its end
	root                                 string // the path of base, not escaped: "" or "/some/where"
	slashless                            bool   // URLs of pages have no slash at their end
	placed                               bool   // base is where the site is indeed
	feeds                                feedNames
	relMe                                []string // profiles of the author's elsewhere
	perPage                              int      // how many entries a page of a list has
	extra                                map[string]any
	drafts, future, expired              bool // are served, too
	ignored, ignoredStatic               ignored
	generator                            generator
	notes                                []diag.Problem
}

// settings reads what the site says of itself; what it said last stays if there is a mistake in it. See readSettings for below.
func (r *reader) settings(last settings, below string) settings {
	var found settings
	for _, name := range settingsFiles {
		info := r.Stat(name)
		if info == nil || found.hash != (contentHash{}) {
			continue
		}
		data, ok := r.text(name, info)
		if !ok {
			return last
		}
		s, problem := readSettings(r.Full(name), data, below)
		if problem != nil {
			r.Problems = append(r.Problems, *problem)
			return last
		}
		found = s
		found.hash = hashOf(data, info.ModTime())
	}
	return found
}

// readSettings reads what the site says of itself in a file. It lies below a path, "": where it says.
func readSettings(file string, data []byte, below string) (settings, *diag.Problem) {
	list, problem := front.Table(file, data)
	if problem != nil {
		return settings{}, problem
	}
	t := table{entries: list}
	s := settings{
		title:       t.text("title"),
		description: t.text("description", "params.description", "extra.description"),
		author:      t.text("author", "author.name", "params.author", "params.author.name", "extra.author"),
		language:    t.text("default_language", "defaultcontentlanguage", "languagecode", "language"),
		base:        strings.TrimSuffix(t.text("base_url", "baseurl"), "/"),
		extra:       map[string]any{},
		drafts:      t.is("builddrafts"), future: t.is("buildfuture"), expired: t.is("buildexpired"),
	}
	for _, key := range []string{"paginate_by", "paginate", "pagination.pagersize"} {
		if n, ok := t.at(key).(int64); ok && n > 0 {
			s.perPage = int(min(n, 1<<20))
		}
	}
	for _, key := range []string{"params", "extra"} {
		more, _ := t.at(key).(map[string]any)
		for name, value := range more {
			s.extra[name] = value
		}
	}
	for key, list := range map[string]*ignored{
		"ignored_content": &s.ignored, "ignore_content": &s.ignored, "ignorefiles": &s.ignored, "ignored_static": &s.ignoredStatic,
	} {
		if err := list.add(t.at(key), key == "ignorefiles"); err != nil {
			return settings{}, &diag.Problem{File: file, Line: t.line(key), Text: key + ": " + err.Error()}
		}
	}
	value, line := t.ours("trailing_slash")
	if err := s.setSlash(value); err != nil {
		return settings{}, &diag.Problem{File: file, Line: line, Text: "trailing_slash: " + err.Error()}
	}
	s.addFeeds(t, file)
	s.addProfiles(t, file)
	s.generator = t.generator(path.Base(file))
	for _, key := range []string{"permalinks", "cascade"} {
		if t.at(key) != nil && s.generator.name == hugo {
			s.notes = append(s.notes, diag.Problem{File: file, Line: t.line(key), Text: fmt.Sprintf("%q has no effect here", key)})
		}
	}
	s.findRoot(file, t.line("base_url", "baseurl"), below)
	return s, nil
}

// addProfiles takes where else the author is. Other sites then believe that this one is his.
func (s *settings) addProfiles(t table, file string) {
	value, line := t.ours("rel_me")
	for _, profile := range listOf(value) {
		text, _ := profile.(string)
		if u, err := url.Parse(text); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
			s.notes = append(s.notes, diag.Problem{File: file, Line: line, Text: `rel_me: want a list of URLs like "https://social.example/@me"`})
			continue
		}
		s.relMe = append(s.relMe, text)
	}
}

// listOf is a value as a list: one that is alone may stand without brackets.
func listOf(value any) []any {
	list, ok := value.([]any)
	if !ok && value != nil {
		list = []any{value}
	}
	return list
}

// findRoot takes the path of base, below which the site lies unless that is settled. What is no URL counts as if it were not said,
// as ever.
func (s *settings) findRoot(file string, line int, settled string) {
	u, err := url.Parse(s.base)
	if err != nil || !strings.HasPrefix(u.Path, "/") {
		return
	}
	root, text := strings.TrimSuffix(u.Path, "/"), ""
	switch {
	case root == "" || root == settled:
		return
	case settled != "":
		text = fmt.Sprintf("the site lies below %s/, as the configuration says, and not below %s/", settled, root)
	case hosts.BadPath(root) || hosts.HidesSeparator(root, "") || strings.Contains(root, "//"):
		text = fmt.Sprintf("%q is no path that a site can lie below: it lies at /", root)
	default:
		s.root = root
		text = "the site lies below " + root + "/, as this says"
	}
	s.notes = append(s.notes, diag.Problem{File: file, Line: line, Text: text})
}

// complete fills in what the site does not say. host is its name, "*" if it has none; it lies below a path, "": where it says.
func (s *settings) complete(host, below string) {
	s.lieBelow(below)
	if host != "*" && host != "" {
		s.base = "https://" + host + escaped(s.root)
		if s.generator.perhaps && s.root == "" {
			s.generator.name = zola
		}
	}
	u, err := url.Parse(s.base)
	s.named, s.placed = s.title != "", err == nil && u.Host != ""
	switch {
	case !s.placed:
		s.base = "http://localhost" + escaped(s.root) // a feed must say something
		s.title = cmp.Or(s.title, "Home")
	case !s.named:
		s.title = strings.TrimPrefix(u.Hostname(), "www.")
	}
	if s.language == "" {
		s.language = "en"
	}
	if s.perPage == 0 {
		s.perPage = 30
	}
}

// lieBelow has the site lie below a path, whatever it says.
func (s *settings) lieBelow(path string) {
	if path == "" {
		return
	}
	if u, err := url.Parse(s.base); err == nil && u.Host != "" {
		s.base = u.Scheme + "://" + u.Host + escaped(path)
	}
	s.root = path
}

// table is a file of settings. Hugo's keys have no case.
type table struct{ entries []front.Entry }

// at is the value of a key, in small letters, of a table within a table if there are points in it; nil: there is none.
func (t table) at(key string) any {
	first, rest, deeper := strings.Cut(key, ".")
	for _, e := range t.entries {
		if strings.ToLower(e.Key) != first {
			continue
		}
		below, _ := e.Value.(map[string]any)
		if !deeper {
			return e.Value
		}
		var inside table
		for key, value := range below {
			inside.entries = append(inside.entries, front.Entry{Key: key, Value: value})
		}
		return inside.at(rest)
	}
	return nil
}

// text is the first of these that is a text and not empty.
func (t table) text(keys ...string) string {
	for _, key := range keys {
		if text, _ := t.at(key).(string); text != "" {
			return text
		}
	}
	return ""
}

func (t table) is(key string) bool { return t.at(key) == true }

// ours is the value of a key that no other program knows, and its line. In a file that another one reads too it may stand in
// the table for what is not its own.
func (t table) ours(key string) (value any, line int) {
	if value := t.at(key); value != nil {
		return value, t.line(key)
	}
	for _, e := range t.entries {
		own, _ := e.Value.(map[string]any)
		if name := strings.ToLower(e.Key); name != "extra" && name != "params" {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(own)) {
			if strings.EqualFold(name, key) && own[name] != nil {
				return own[name], cmp.Or(e.Below[name], e.Line)
			}
		}
	}
	return nil, 1
}

// line is the line of the first of these keys that is there.
func (t table) line(keys ...string) int {
	for _, key := range keys {
		for _, e := range t.entries {
			if strings.ToLower(e.Key) == key {
				return e.Line
			}
		}
	}
	return 1
}
