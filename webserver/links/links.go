// Package links finds links that lead nowhere within a site.
package links

import (
	"cmp"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"
)

// Dead is a link that leads nowhere.
type Dead struct {
	Page string // the path of the page that it stands on
	Line int    // in the page's HTML
	Link string // as it is written there
	Text string // what is wrong, in words
}

// few is on how many pages a dead link is told page by page. One that stands on more comes from a template.
const few = 5

// Check gives the dead links of a site that goes by the names of hosts. pages are the HTML of its pages by their paths.
// find gives the path in pages of what is served at a path, redirects followed; false: nothing is served there. Links to
// other hosts are not followed.
func Check(hosts []string, pages iter.Seq2[string, []byte], find func(path string) (page string, ok bool)) []Dead {
	c := check{hosts: hosts, find: find, anchors: map[string]map[string]bool{}}
	for path, html := range pages {
		c.page(path, html)
	}
	c.fragments()
	return c.told()
}

// Elsewhere says whether a path of the site is not that of the pages that are checked, but of something else there, and if so
// whether that has something at it. Nil: all paths are those of the pages.
type Elsewhere func(path string) (other, there bool)

// Has says whether something else has a path.
func (e Elsewhere) Has(path string) bool {
	if e == nil {
		return false
	}
	other, _ := e(path)
	return other
}

// Or is find, but for paths elsewhere. What stands there is not looked into.
func (e Elsewhere) Or(find func(path string) (page string, ok bool)) func(path string) (page string, ok bool) {
	if e == nil {
		return find
	}
	return func(path string) (string, bool) {
		if other, there := e(path); other {
			return "", there
		}
		return find(path)
	}
}

type check struct {
	hosts   []string
	find    func(path string) (page string, ok bool)
	anchors map[string]map[string]bool // of each page: where links with a fragment can lead
	open    []open
	dead    []dead
	pages   int
}

// open is a link whose fragment is looked for when all pages are known.
type open struct {
	dead
	page     string
	fragment string
}

// dead is a dead link and where it leads, by which it is known on every page.
type dead struct {
	Dead
	target string
	number int // of the page
}

func (c *check) page(path string, html []byte) {
	found := scan(html)
	c.anchors[path] = found.anchors
	c.pages++
	base := &url.URL{Scheme: "https", Path: path}
	if found.base != "" {
		if u, err := base.Parse(found.base); err == nil {
			base = u
		}
	}
	for _, l := range found.links {
		c.link(base, Dead{Page: path, Line: l.line, Link: l.text})
	}
}

// link follows a link as far as that can be done before all pages are known.
func (c *check) link(base *url.URL, d Dead) {
	if scheme := schemeOf(d.Link); scheme != "" && scheme != "http" && scheme != "https" {
		return
	}
	u, err := url.Parse(d.Link)
	if err != nil {
		d.Text = fmt.Sprintf("%q is not a URL (what is no letter or digit may have to be written as %%XX)", d.Link)
		c.dead = append(c.dead, dead{d, d.Link, c.pages})
		return
	}
	u = base.ResolveReference(u)
	if u.Host != "" && !c.ours(u) {
		return
	}
	if u.Path == "" {
		u.Path = "/"
	}
	page, ok := c.find(u.Path)
	if !ok {
		d.Text = fmt.Sprintf("%q leads nowhere: the site has no %s", d.Link, u.Path)
		c.dead = append(c.dead, dead{d, u.Path, c.pages})
		return
	}
	if hasAnchor(u.Fragment) {
		d.Text = fmt.Sprintf("%q leads nowhere: %s has no element with the id %q", d.Link, u.Path, u.Fragment)
		c.open = append(c.open, open{dead{d, page + "#" + u.Fragment, c.pages}, page, u.Fragment})
	}
}

// ours says whether a URL is one of the site's. One with an unusual port is some other server's.
func (c *check) ours(u *url.URL) bool {
	port := u.Port()
	return slices.Contains(c.hosts, strings.ToLower(u.Hostname())) && (port == "" || port == "80" || port == "443")
}

// fragments looks for the fragments of links, in pages that are HTML: those of others are for programs.
func (c *check) fragments() {
	for _, o := range c.open {
		if anchors, ok := c.anchors[o.page]; ok && !anchors[o.fragment] {
			c.dead = append(c.dead, o.dead)
		}
	}
}

// told puts the dead links in the order of pages and lines. What stands on many pages is told once.
func (c *check) told() (list []Dead) {
	slices.SortStableFunc(c.dead, func(a, b dead) int { return cmp.Or(a.number-b.number, a.Line-b.Line) })
	c.onceAPage()
	pages := map[string]int{} // by target
	for _, d := range c.dead {
		pages[d.target]++
	}
	for _, d := range c.dead {
		n := pages[d.target]
		if n > few {
			d.Text += fmt.Sprintf(" (%d other pages have this link too)", n-1)
			pages[d.target] = 0
		}
		if n > 0 {
			list = append(list, d.Dead)
		}
	}
	return list
}

// onceAPage leaves out links to where another one on the page leads.
func (c *check) onceAPage() {
	type link struct {
		page   int
		target string
	}
	seen := map[link]bool{}
	c.dead = slices.DeleteFunc(c.dead, func(d dead) bool {
		l := link{d.number, d.target}
		again := seen[l]
		seen[l] = true
		return again
	})
}

// hasAnchor says whether a fragment names an element. "#top" needs none, "#/..." and "#!..." are read by scripts, and
// "#:~:text=..." is looked for in the text.
func hasAnchor(fragment string) bool {
	return fragment != "" && !strings.EqualFold(fragment, "top") &&
		!strings.HasPrefix(fragment, "/") && !strings.HasPrefix(fragment, "!") && !strings.HasPrefix(fragment, ":~:")
}

// schemeOf is the scheme of a URL in lower case, or "" if it is relative (RFC 3986, 3.1).
func schemeOf(link string) string {
	for i := range len(link) {
		switch c := link[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z':
		case i > 0 && (c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'):
		case i > 0 && c == ':':
			return strings.ToLower(link[:i])
		default:
			return ""
		}
	}
	return ""
}
