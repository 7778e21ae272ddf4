package front

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// keys are the keys of front matter that have a meaning here, in small letters, with Zola's and Hugo's names for them.
func (m *Matter) keys() map[string]func(any) error {
	expiry, publish := toDate(&m.Hold.Expiry), toDate(&m.Hold.Publish)
	path, updated := toWord(&m.Path, checkPath), toDate(&m.Updated)
	return map[string]func(any) error{
		"title": toWord(&m.Title, nil), "description": toWord(&m.Description, nil), "summary": toWord(&m.Summary, nil),
		"language": toWord(&m.Language, nil), "template": toWord(&m.Template, nil),
		"slug": toWord(&m.Slug, checkSlug), "path": path, "url": path, "aliases": toWords(&m.Aliases, checkAlias),
		"link": toWord(&m.Link, checkLink), "cache_control": toWord(&m.CacheControl, checkField),
		"date": toDate(&m.Date), "updated": updated, "lastmod": updated, "modified": updated,
		"draft": toSwitch(&m.Hold.Draft, true), "publishdate": publish, "pubdate": publish, "published": m.setPublished,
		"expirydate": expiry, "unpublishdate": expiry,
		"render": toSwitch(&m.Hold.Hidden, false), "headless": toSwitch(&m.Hold.Hidden, true),
		"build": m.Hold.setBuild, "_build": m.Hold.setBuild, "cascade": m.setCascade,
		"weight": toWhole(&m.Weight), "sort_by": toWord(&m.SortBy, checkOrder), "paginate_by": toWhole(&m.PaginateBy),
		"tags": toWords(&m.Tags, nil), "taxonomies": m.setTaxonomies, "extra": m.setExtra, "params": m.setExtra,
	}
}

// ourKeys is what a misspelt key may have meant, in an order that does not change.
var ourKeys = slices.Sorted(maps.Keys(new(Matter).keys()))

// decides are the keys without which a page's URL, or whether it is to be served, cannot be told.
var decides = setOf("slug", "path", "url", "date", "draft", "publishdate", "pubdate", "published", "expirydate", "unpublishdate",
	"render", "headless", "build", "_build", "cascade")

// othersKeys are words of Zola, Hugo and their themes that are near one of ours and yet mean what they say. They do
// nothing here, and templates find them in Extra.
var othersKeys = setOf("links", "linked", "linktitle", "paths", "layout", "type", "weights", "author", "authors", "translationkey", "toc",
	"menu", "menus", "transparent", "in_search_index", "page_template", "insert_anchor_links", "redirect_to", "generate_feed",
	"generate_feeds", "paginate_path", "paginate_reversed", "categories", "series", "keywords", "images", "image", "resources",
	"outputs", "sitemap", "markup", "videos", "audio", "cover", "languages", "lang", "id", "data", "math", "katex", "mathjax", "tag",
	"update", "updates", "updated_at", "created", "param", "urls", "isdraft", "sortby", "subtitle", "permalink", "category", "tables",
	"hidden", "header", "footer", "banner", "dates", "dated", "time")

// noEffect are those of them that decide there whether or where a page is served, and do not do so here.
var noEffect = setOf("redirect_to", "page_template", "paginate_path", "outputs", "permalink")

func setOf(words ...string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, word := range words {
		set[word] = true
	}
	return set
}

// setPublished takes a date, as Hugo has it, or Jekyll's true or false.
func (m *Matter) setPublished(v any) error {
	if published, err := truth(v); err == nil && v != nil && v != "" {
		if held := !published; held {
			m.Hold.Draft = &held
		}
		return nil
	}
	return toDate(&m.Hold.Publish)(v)
}

// setBuild takes Hugo's table of where a page is to be seen.
func (h *Hold) setBuild(v any) error {
	table, err := tableOf(v)
	if err != nil {
		return err
	}
	for key, v := range table {
		mode, err := word(v)
		yes := true
		switch key, mode = strings.ToLower(key), strings.ToLower(mode); {
		case err != nil && (key == "render" || key == "list"):
			return err
		case key == "render" && (mode == "never" || mode == "link" || mode == "false"):
			h.Hidden = &yes
		case key == "list" && (mode == "never" || mode == "false"):
			h.Unlisted = &yes
		case key == "render" && mode != "always" && mode != "true":
			return fmt.Errorf(`render: want "always", "never" or "link", not %q`, mode)
		}
	}
	return nil
}

// setCascade takes what Hugo's sections say for all that is in them, as far as it holds pages back. Whom a target means
// is not read: rather all are held back than one too few.
func (m *Matter) setCascade(v any) error {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, v := range list {
		table, err := tableOf(v)
		if err != nil {
			return err
		}
		below := Matter{Extra: map[string]any{}}
		set := below.keys()
		for key, v := range table {
			if key = strings.ToLower(key); decides[key] && key != "cascade" {
				if err := set[key](v); err != nil {
					return fmt.Errorf("%s: %w", key, err)
				}
			}
		}
		if below.Path != "" || below.Slug != "" {
			return errors.New("the URL of a page is said on the page itself")
		}
		if below.Hold.Publish.IsZero() {
			below.Hold.Publish = below.Date
		}
		m.Below = m.Below.Or(below.Hold)
	}
	return nil
}

// setTaxonomies takes the tags that Zola keeps one table deeper. Other taxonomies are for the templates to use.
func (m *Matter) setTaxonomies(v any) error {
	table, err := tableOf(v)
	if err != nil || table == nil {
		return err
	}
	m.Extra["taxonomies"] = v
	for key, tags := range table {
		if strings.EqualFold(key, "tags") {
			return toWords(&m.Tags, nil)(tags)
		}
	}
	return nil
}

func (m *Matter) setExtra(v any) error {
	table, err := tableOf(v)
	maps.Copy(m.Extra, table)
	return err
}

// toDate puts a value into a date.
func toDate(field *time.Time) func(any) error {
	return func(v any) error {
		t, err := date(v)
		if !t.IsZero() {
			*field = t
		}
		return err
	}
}
