package content

import (
	"fmt"
	"path"
	"strings"

	"tinycdn/webserver/hosts"
	"tinycdn/zones/diag"
)

// feedNames are further URLs that a site has its feeds at, for readers that know them from before.
type feedNames struct {
	urls []string
	at   diag.Problem // where they stand
}

// addFeeds takes the further names of the feeds. What can be no URL counts as if it were not said.
func (c *settings) addFeeds(t table, file string) {
	value, line := t.ours("feeds")
	c.feeds.at = diag.Problem{File: file, Line: line}
	for _, value := range listOf(value) {
		name, ok := value.(string)
		switch url := "/" + strings.TrimPrefix(hosts.Unescaped(name), "/"); {
		case !ok:
			c.notes = append(c.notes, c.feeds.note(`want a list of paths like "/rss.xml"`))
		case name == "" || strings.ContainsAny(name, "?#*") || hosts.BadPath(url) || hosts.HidesSeparator(url, name) || strings.Contains(url, "//"):
			c.notes = append(c.notes, c.feeds.note(fmt.Sprintf(`%q is no path like "/rss.xml"`, name)))
		default:
			c.feeds.urls = append(c.feeds.urls, url)
		}
	}
}

func (n *feedNames) note(text string) diag.Problem {
	return diag.Problem{File: n.at.File, Line: n.at.Line, Text: "feeds: " + text}
}

// feeds plans the feed in both formats, under each of its names. Atom is read by whatever reads RSS.
func (p *planner) feeds() {
	p.feed("/atom.xml")
	p.feed("/feed.json")
	for _, url := range p.settings.feeds.urls {
		other, taken := p.entries[url]
		if !taken {
			if other = p.entries[otherForm(url)]; other != nil && other.view == nil {
				other = nil
			}
		}
		switch {
		case taken && other == nil:
			p.notes = append(p.notes, p.settings.feeds.note(url+" is a file in static, which is served"))
		case other == nil:
			p.feed(url)
		case !other.feed:
			p.notes = append(p.notes, p.settings.feeds.note(fmt.Sprintf("%s is the URL of %s already", other.url, other.owner())))
		}
	}
}

// otherForm is a path with a slash more or less at its end.
func otherForm(url string) string {
	if bare, ok := strings.CutSuffix(url, "/"); ok {
		return bare
	}
	return url + "/"
}

func (p *planner) feed(url string) {
	mediaType, write := "application/atom+xml; charset=utf-8", p.atom
	if path.Ext(url) == ".json" {
		mediaType, write = "application/feed+json", p.json
	}
	p.written(url, mediaType, func() []byte { return write(url) })
	if e := p.entries[url]; e != nil && e.write != nil {
		e.feed = true
	}
}
