package front

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"tinycdn/zones/tomlfile"
)

// setter puts the value of a key into the front matter.
type setter func(*Matter, *tomlfile.Node) error

// setters are the keys of front matter that have a meaning here, with Zola's and Hugo's names for them.
var setters = map[string]setter{
	"title":         word(func(m *Matter) *string { return &m.Title }),
	"date":          date(func(m *Matter) *time.Time { return &m.Date }),
	"updated":       date(func(m *Matter) *time.Time { return &m.Updated }),
	"lastmod":       date(func(m *Matter) *time.Time { return &m.Updated }),
	"draft":         truth(func(m *Matter) *bool { return &m.Draft }),
	"slug":          checked(func(m *Matter) *string { return &m.Slug }, checkSlug),
	"path":          checked(func(m *Matter) *string { return &m.Path }, checkPath),
	"url":           checked(func(m *Matter) *string { return &m.Path }, checkPath),
	"aliases":       (*Matter).setAliases,
	"tags":          list(func(m *Matter) *[]string { return &m.Tags }),
	"taxonomies":    (*Matter).setTaxonomies,
	"description":   word(func(m *Matter) *string { return &m.Description }),
	"summary":       word(func(m *Matter) *string { return &m.Summary }),
	"weight":        number(func(m *Matter) *int { return &m.Weight }),
	"template":      word(func(m *Matter) *string { return &m.Template }),
	"link":          checked(func(m *Matter) *string { return &m.Link }, checkLink),
	"cache_control": checked(func(m *Matter) *string { return &m.CacheControl }, checkField),
	"language":      word(func(m *Matter) *string { return &m.Language }),
	"sort_by":       checked(func(m *Matter) *string { return &m.SortBy }, checkOrder),
	"paginate_by":   number(func(m *Matter) *int { return &m.PaginateBy }),
	"extra":         (*Matter).setExtra,
	"params":        (*Matter).setExtra,
}

// ourKeys is what a misspelt key may have meant, in an order that does not change.
var ourKeys = slices.Sorted(maps.Keys(setters))

// othersKeys are words of Zola and Hugo that are near one of ours and yet mean what they say. They do nothing here,
// and templates find them in Extra.
var othersKeys = map[string]bool{
	"links": true, "linkTitle": true, "paths": true, "layout": true, "type": true, "weights": true, "author": true, "authors": true,
	"publishDate": true, "expiryDate": true, "pubdate": true, "translationKey": true, "toc": true, "menu": true, "menus": true,
	"render": true, "transparent": true, "in_search_index": true, "page_template": true, "insert_anchor_links": true,
	"redirect_to": true, "generate_feed": true, "generate_feeds": true, "paginate_path": true, "paginate_reversed": true,
	"categories": true, "series": true, "keywords": true, "images": true, "image": true, "cascade": true, "resources": true,
	"outputs": true, "headless": true, "sitemap": true, "build": true, "markup": true, "videos": true, "audio": true, "cover": true,
	"languages": true, "lang": true, "id": true, "data": true,
}

func word(field func(*Matter) *string) setter {
	return checked(field, func(string) error { return nil })
}

func checked(field func(*Matter) *string, check func(string) error) setter {
	return scalar("a string", func(m *Matter, value string) error {
		if err := check(value); err != nil {
			return err
		}
		*field(m) = value
		return nil
	})
}

func truth(field func(*Matter) *bool) setter {
	return scalar("true or false", func(m *Matter, value bool) error { *field(m) = value; return nil })
}

func number(field func(*Matter) *int) setter {
	return scalar("a whole number", func(m *Matter, value int64) error { *field(m) = int(value); return nil })
}

// scalar takes a value of one of TOML's types.
func scalar[T any](want string, set func(*Matter, T) error) setter {
	return func(m *Matter, n *tomlfile.Node) error {
		value, ok := n.Value.(T)
		if !ok {
			return fmt.Errorf("want %s, not %s", want, n.Kind())
		}
		return set(m, value)
	}
}

func list(field func(*Matter) *[]string) setter {
	return func(m *Matter, n *tomlfile.Node) error {
		nodes, err := n.Strings()
		if err != nil {
			return err
		}
		for _, node := range nodes {
			if word := strings.TrimSpace(node.Text()); word != "" {
				*field(m) = append(*field(m), word)
			}
		}
		return nil
	}
}

// date takes a date of TOML, or one in quotes as many write it.
func date(field func(*Matter) *time.Time) setter {
	return func(m *Matter, n *tomlfile.Node) error {
		switch value := n.Value.(type) {
		case time.Time:
			if value.Location().String() != "time-local" {
				*field(m) = universal(value)
				return nil
			}
		case string:
			for _, layout := range []string{time.DateOnly, time.RFC3339, "2006-01-02T15:04:05", time.DateTime, "2006-01-02 15:04"} {
				if t, err := time.Parse(layout, value); err == nil {
					*field(m) = t
					return nil
				}
			}
		}
		return errors.New("want a date like 2026-01-31 or 2026-01-31T18:30:00Z")
	}
}

func (m *Matter) setAliases(n *tomlfile.Node) error {
	if err := list(func(m *Matter) *[]string { return &m.Aliases })(m, n); err != nil {
		return err
	}
	for _, alias := range m.Aliases {
		if err := checkPath(alias); err != nil {
			return err
		}
	}
	return nil
}

// setTaxonomies takes the tags that Zola keeps one table deeper. Other taxonomies are for the templates to use.
func (m *Matter) setTaxonomies(n *tomlfile.Node) error {
	if !n.IsTable() {
		return fmt.Errorf("want a table, not %s", n.Kind())
	}
	m.Extra["taxonomies"] = Value(n)
	if tags := n.Table["tags"]; tags != nil {
		return list(func(m *Matter) *[]string { return &m.Tags })(m, tags)
	}
	return nil
}

func (m *Matter) setExtra(n *tomlfile.Node) error {
	if !n.IsTable() {
		return fmt.Errorf("want a table, not %s", n.Kind())
	}
	for key, value := range n.Table {
		m.Extra[key] = Value(value)
	}
	return nil
}

func checkSlug(slug string) error {
	if slug == "" || strings.ContainsRune(slug, '/') {
		return fmt.Errorf("%q is not one part of a path", slug)
	}
	return checkPath(slug)
}

// checkPath wants what a request can ask for.
func checkPath(path string) error {
	if strings.ContainsFunc(path, isControl) || strings.Contains(path, `\`) {
		return fmt.Errorf("%q is not the path of a URL", path)
	}
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if part == "." || part == ".." || part == "" && strings.Trim(path, "/") != "" {
			return fmt.Errorf("%q is not the path of a URL", path)
		}
	}
	return nil
}

func checkLink(link string) error {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" && !strings.HasPrefix(link, "/") || strings.ContainsFunc(link, isControl) {
		return fmt.Errorf(`%q is not a URL like "https://example.org/"`, link)
	}
	return nil
}

// checkField wants what may stand in a header.
func checkField(value string) error {
	if strings.ContainsFunc(value, isControl) {
		return errors.New("want one line")
	}
	return nil
}

func checkOrder(order string) error {
	switch order {
	case "date", "title", "weight", "none":
		return nil
	}
	return fmt.Errorf(`want "date", "title" or "weight", not %q`, order)
}

func isControl(r rune) bool { return r < ' ' || r == 0x7F }
