package content

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"tinycdn/zones/tomlfile"
)

// setter puts the value of a key into the front matter.
type setter func(*front, *tomlfile.Node) error

// frontKeys are the keys of front matter that have a meaning here, with Zola's and Hugo's names for them.
var frontKeys = map[string]setter{
	"title":         word(func(f *front) *string { return &f.Title }),
	"date":          date(func(f *front) *time.Time { return &f.Date }),
	"updated":       date(func(f *front) *time.Time { return &f.Updated }),
	"lastmod":       date(func(f *front) *time.Time { return &f.Updated }),
	"draft":         truth(func(f *front) *bool { return &f.Draft }),
	"slug":          checked(func(f *front) *string { return &f.Slug }, checkSlug),
	"path":          checked(func(f *front) *string { return &f.Path }, checkPath),
	"url":           checked(func(f *front) *string { return &f.Path }, checkPath),
	"aliases":       (*front).setAliases,
	"tags":          list(func(f *front) *[]string { return &f.Tags }),
	"taxonomies":    (*front).setTaxonomies,
	"description":   word(func(f *front) *string { return &f.Description }),
	"summary":       word(func(f *front) *string { return &f.Summary }),
	"weight":        number(func(f *front) *int { return &f.Weight }),
	"template":      word(func(f *front) *string { return &f.Template }),
	"link":          checked(func(f *front) *string { return &f.Link }, checkLink),
	"cache_control": checked(func(f *front) *string { return &f.CacheControl }, checkField),
	"language":      word(func(f *front) *string { return &f.Language }),
	"sort_by":       checked(func(f *front) *string { return &f.SortBy }, checkOrder),
	"paginate_by":   number(func(f *front) *int { return &f.PaginateBy }),
	"extra":         (*front).setExtra,
	"params":        (*front).setExtra,
}

// ourKeys is what a misspelt key may have meant, in an order that does not change.
var ourKeys = func() (keys []string) {
	for key := range frontKeys {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}()

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

func word(field func(*front) *string) setter {
	return checked(field, func(string) error { return nil })
}

func checked(field func(*front) *string, check func(string) error) setter {
	return func(f *front, n *tomlfile.Node) error {
		value, ok := n.Value.(string)
		if !ok {
			return fmt.Errorf("want a string, not %s", n.Kind())
		}
		if err := check(value); err != nil {
			return err
		}
		*field(f) = value
		return nil
	}
}

func truth(field func(*front) *bool) setter {
	return func(f *front, n *tomlfile.Node) error {
		value, ok := n.Value.(bool)
		if !ok {
			return fmt.Errorf("want true or false, not %s", n.Kind())
		}
		*field(f) = value
		return nil
	}
}

func number(field func(*front) *int) setter {
	return func(f *front, n *tomlfile.Node) error {
		value, ok := n.Value.(int64)
		if !ok {
			return fmt.Errorf("want a whole number, not %s", n.Kind())
		}
		*field(f) = int(value)
		return nil
	}
}

func list(field func(*front) *[]string) setter {
	return func(f *front, n *tomlfile.Node) error {
		nodes, err := n.Strings()
		if err != nil {
			return err
		}
		for _, node := range nodes {
			if word := strings.TrimSpace(node.Text()); word != "" {
				*field(f) = append(*field(f), word)
			}
		}
		return nil
	}
}

// date takes a date of TOML, or one in quotes as many write it.
func date(field func(*front) *time.Time) setter {
	return func(f *front, n *tomlfile.Node) error {
		switch value := n.Value.(type) {
		case time.Time:
			if value.Location().String() != "time-local" {
				*field(f) = settled(value)
				return nil
			}
		case string:
			for _, layout := range []string{time.DateOnly, time.RFC3339, "2006-01-02T15:04:05", time.DateTime, "2006-01-02 15:04"} {
				if t, err := time.Parse(layout, value); err == nil {
					*field(f) = t
					return nil
				}
			}
		}
		return errors.New("want a date like 2026-01-31 or 2026-01-31T18:30:00Z")
	}
}

func (f *front) setAliases(n *tomlfile.Node) error {
	if err := list(func(f *front) *[]string { return &f.Aliases })(f, n); err != nil {
		return err
	}
	for _, alias := range f.Aliases {
		if err := checkPath(alias); err != nil {
			return err
		}
	}
	return nil
}

// setTaxonomies takes the tags that Zola keeps one table deeper. Other taxonomies are for the templates to use.
func (f *front) setTaxonomies(n *tomlfile.Node) error {
	if !n.IsTable() {
		return fmt.Errorf("want a table, not %s", n.Kind())
	}
	f.Extra["taxonomies"] = plain(n)
	if tags := n.Table["tags"]; tags != nil {
		return list(func(f *front) *[]string { return &f.Tags })(f, tags)
	}
	return nil
}

func (f *front) setExtra(n *tomlfile.Node) error {
	if !n.IsTable() {
		return fmt.Errorf("want a table, not %s", n.Kind())
	}
	for key, value := range n.Table {
		f.Extra[key] = plain(value)
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
