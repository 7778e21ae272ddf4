package content

import (
	"cmp"
	"net/url"
	"strings"

	"tinycdn/webserver/content/front"
	"tinycdn/zones/diag"
	"tinycdn/zones/tomlfile"
)

// settingsFiles are where a site may say what it is called: ours, Zola's and Hugo's.
var settingsFiles = []string{"config.toml", "zola.toml", "hugo.toml"}

// settings are what the site says of itself. All of it may be left out, and what else stands in the file is passed over:
// it is there for another program.
type settings struct {
	hash                                 contentHash // of the file
	title, description, author, language string
	named                                bool   // the title was said
	base                                 string // URL without a slash at its end
	placed                               bool   // base is where the site is indeed
	perPage                              int    // how many entries a page of a list has
	extra                                map[string]any
}

// settings reads what the site says of itself; what it said last stays if there is a mistake in it.
func (r *reader) settings(last settings) settings {
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
		s, problem := readSettings(r.Full(name), data)
		if problem != nil {
			r.Problems = append(r.Problems, *problem)
			return last
		}
		found = s
		found.hash = hashOf(data, info.ModTime())
	}
	return found
}

func readSettings(path string, data []byte) (settings, *diag.Problem) {
	doc, problem := tomlfile.Parse(path, data)
	if problem != nil {
		return settings{}, problem
	}
	first := func(keys ...string) string {
		for _, key := range keys {
			if node := doc.Node(strings.Split(key, ".")...); node != nil && node.Text() != "" {
				return node.Text()
			}
		}
		return ""
	}
	s := settings{
		title:       first("title"),
		description: first("description", "params.description", "extra.description"),
		author:      first("author", "author.name", "params.author", "params.author.name", "extra.author"),
		language:    first("default_language", "defaultContentLanguage", "languageCode", "language"),
		base:        strings.TrimSuffix(first("base_url", "baseURL", "baseUrl"), "/"),
		extra:       map[string]any{},
	}
	for _, key := range [][]string{{"paginate_by"}, {"paginate"}, {"pagination", "pagerSize"}} {
		if node := doc.Node(key...); node != nil {
			if n, ok := node.Value.(int64); ok && n > 0 {
				s.perPage = int(n)
			}
		}
	}
	for _, key := range []string{"params", "extra"} {
		if node := doc.Node(key); node != nil && node.IsTable() {
			for name, value := range node.Table {
				s.extra[name] = front.Value(value)
			}
		}
	}
	return s, nil
}

// complete fills in what the site does not say. host is its name, "*" if it has none.
func (s *settings) complete(host string) {
	if host != "*" && host != "" {
		s.base = "https://" + host
	}
	u, err := url.Parse(s.base)
	s.named, s.placed = s.title != "", err == nil && u.Host != ""
	switch {
	case !s.placed:
		s.base = "http://localhost" // a feed must say something
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
