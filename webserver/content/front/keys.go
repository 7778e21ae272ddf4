package front

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"tinycdn/webserver/hosts"
	"tinycdn/zones/tomlfile"
)

// fields are the keys of front matter that have a meaning here, with Zola's and Hugo's names for them, and where their
// values go.
func (m *Matter) fields() map[string]any {
	return map[string]any{
		"title": &m.Title, "description": &m.Description, "summary": &m.Summary, "language": &m.Language, "template": &m.Template,
		"slug": &m.Slug, "path": &m.Path, "url": &m.Path, "link": &m.Link, "cache_control": &m.CacheControl, "sort_by": &m.SortBy,
		"date": &m.Date, "updated": &m.Updated, "lastmod": &m.Updated, "draft": &m.Draft, "weight": &m.Weight, "paginate_by": &m.PaginateBy,
		"aliases": &m.Aliases, "tags": &m.Tags, "taxonomies": m.setTaxonomies, "extra": m.setExtra, "params": m.setExtra,
	}
}

// checks are for words that must be of some form.
var checks = map[string]func(string) error{
	"slug": checkSlug, "path": checkPath, "url": checkPath, "aliases": checkPath, "link": checkLink, "cache_control": checkField, "sort_by": checkOrder,
}

// ourKeys is what a misspelt key may have meant, in an order that does not change.
var ourKeys = slices.Sorted(maps.Keys(new(Matter).fields()))

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

// set puts the value of a key into its field.
func set(field any, n *tomlfile.Node, check func(string) error) error {
	switch field := field.(type) {
	case *string:
		value, err := scalar[string](n, "a string")
		if err == nil && check != nil {
			err = check(value)
		}
		if err == nil {
			*field = value
		}
		return err
	case *bool:
		value, err := scalar[bool](n, "true or false")
		*field = value
		return err
	case *int:
		value, err := scalar[int64](n, "a whole number")
		*field = int(value)
		return err
	case *time.Time:
		value, err := date(n)
		*field = value
		return err
	case *[]string:
		return appendWords(field, n, check)
	case func(*tomlfile.Node) error:
		return field(n)
	}
	panic(fmt.Sprintf("front: internal error: no value goes into %T", field))
}

// scalar is a value of one of TOML's types.
func scalar[T any](n *tomlfile.Node, want string) (T, error) {
	value, ok := n.Value.(T)
	if !ok {
		return value, fmt.Errorf("want %s, not %s", want, n.Kind())
	}
	return value, nil
}

func appendWords(list *[]string, n *tomlfile.Node, check func(string) error) error {
	nodes, err := n.Strings()
	if err != nil {
		return err
	}
	for _, node := range nodes {
		word := strings.TrimSpace(node.Text())
		if word == "" {
			continue
		}
		if check != nil {
			if err := check(word); err != nil {
				return err
			}
		}
		*list = append(*list, word)
	}
	return nil
}

// date is a date of TOML, or one in quotes as many write it.
func date(n *tomlfile.Node) (time.Time, error) {
	switch value := n.Value.(type) {
	case time.Time:
		if value.Location().String() != "time-local" {
			return universal(value), nil
		}
	case string:
		for _, layout := range []string{time.DateOnly, time.RFC3339, "2006-01-02T15:04:05", time.DateTime, "2006-01-02 15:04"} {
			if t, err := time.Parse(layout, value); err == nil {
				return t, nil
			}
		}
	}
	return time.Time{}, errors.New("want a date like 2026-01-31 or 2026-01-31T18:30:00Z")
}

// setTaxonomies takes the tags that Zola keeps one table deeper. Other taxonomies are for the templates to use.
func (m *Matter) setTaxonomies(n *tomlfile.Node) error {
	if !n.IsTable() {
		return fmt.Errorf("want a table, not %s", n.Kind())
	}
	m.Extra["taxonomies"] = Value(n)
	if tags := n.Table["tags"]; tags != nil {
		return appendWords(&m.Tags, tags, nil)
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
	inside := strings.Trim(path, "/")
	if hosts.BadPath("/"+inside) || hosts.HidesSeparator(inside, "") || strings.Contains(inside, "//") {
		return fmt.Errorf("%q is not the path of a URL", path)
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
