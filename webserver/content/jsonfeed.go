package content

import (
	"bytes"
	"encoding/json"
	"html/template"
	"strings"
	"time"
)

// jsonFeed is a feed as https://jsonfeed.org/version/1.1 has it.
type jsonFeed struct {
	Version     string       `json:"version"`
	Title       string       `json:"title"`
	HomePageURL string       `json:"home_page_url"`
	FeedURL     string       `json:"feed_url"`
	Description string       `json:"description,omitempty"`
	Favicon     string       `json:"favicon,omitempty"`
	Authors     []jsonAuthor `json:"authors"`
	Language    string       `json:"language"`
	Items       []jsonItem   `json:"items"`
}

type jsonAuthor struct {
	Name string `json:"name"`
}

type jsonItem struct {
	ID            string   `json:"id"`
	URL           string   `json:"url"`
	ExternalURL   string   `json:"external_url,omitempty"`
	Title         string   `json:"title,omitempty"`
	ContentHTML   string   `json:"content_html"`
	DatePublished string   `json:"date_published"`
	DateModified  string   `json:"date_modified,omitempty"`
	Tags          []string `json:"tags,omitempty"`
	Language      string   `json:"language,omitempty"` // if it is not the feed's
}

// json writes the newest pages as a JSON Feed, with the entries and ids that atom has. self is the URL that it is asked for at.
func (g *generation) json(self string) []byte {
	pages, author := g.feedPages()
	feed := jsonFeed{
		Version: "https://jsonfeed.org/version/1.1", Title: g.info.Title, Description: g.info.Description, Language: g.info.Language,
		HomePageURL: g.info.Base + "/", FeedURL: g.info.Base + escaped(self), Authors: []jsonAuthor{{author}}, Items: []jsonItem{},
	}
	if g.info.Icon != "" {
		feed.Favicon = g.whole(g.info.Icon)
	}
	for _, p := range pages {
		item := jsonItem{
			ID: p.Canonical, URL: p.Canonical, ExternalURL: p.linkTarget(), Title: p.Title, ContentHTML: string(g.contentAnywhere(p.source)),
			DatePublished: p.Date.Format(time.RFC3339),
		}
		if updated := p.source.updated(); !updated.Equal(p.Date) {
			item.DateModified = updated.Format(time.RFC3339)
		}
		for _, tag := range p.Tags {
			item.Tags = append(item.Tags, tag.Name)
		}
		if p.Language != g.info.Language {
			item.Language = p.Language
		}
		feed.Items = append(feed.Items, item)
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // nobody reads it as HTML, and it would be longer
	encoder.SetIndent("", " ")
	if err := encoder.Encode(feed); err != nil {
		panic("content: internal error: " + err.Error()) // a buffer takes all texts
	}
	return b.Bytes()
}

// contentAnywhere is the text of a page with links that are whole URLs: JSON has no xml:base for them.
func (g *generation) contentAnywhere(s *source) template.HTML {
	t := g.text(s)
	t.Resolve = func(target []byte) []byte { return []byte(g.whole(string(g.resolve(s, target, true)))) }
	return resolved(g.markdown.HTML(t), t.Resolve)
}

// whole is a link that begins with a slash as a URL that means the same anywhere.
func (g *generation) whole(link string) string {
	scheme, rest, _ := strings.Cut(g.settings.base, "//")
	host, _, _ := strings.Cut(rest, "/")
	switch {
	case strings.HasPrefix(link, "//"):
		return scheme + link
	case strings.HasPrefix(link, "/"):
		return scheme + "//" + host + link
	}
	return link
}
