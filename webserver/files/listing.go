package files

import (
	"bytes"
	"fmt"
	"html"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"tinycdn/webserver/hosts"
	"tinycdn/webserver/page"
)

// contents is what is in a folder.
type contents struct {
	folders []string // names
	files   []*file
	newest  time.Time // of the files in it and below
	changed time.Time // that, or when a file was last put into a folder there, or taken out of it
}

// listFolders makes a page for every folder without an index.html, which lists what is in it, and says how many bytes of memory
// they take. They are made of names, sizes and times of files alone, so that they are equal at every POP. All are kept: one of 20,000
// files takes 10 ms and 2.5 MB (BenchmarkListing), which would be for each visitor, for as long as he takes it.
func (r *reader) listFolders() (size int64) {
	s := r.site
	s.listings = map[string]*file{}
	if !s.config.Index {
		return 0
	}
	all := r.contents()
	for name, c := range all {
		index := path.Join(name, indexName)
		if s.files[index] != nil {
			continue
		}
		f := &file{name: index, mediaType: typeOf(indexName)}
		f.fields, f.overlay = s.told.fieldsOf(clean(index))
		f.page = r.listing(f, c, all)
		s.listings[index] = f
		size += f.page.Bytes()
	}
	return size
}

// contents looks what is in each folder of the site, by its path. What has a dot in front is not shown, be it served.
func (r *reader) contents() map[string]*contents {
	all := map[string]*contents{}
	for name, modified := range r.site.folders {
		all[name] = &contents{changed: modified}
	}
	for _, f := range r.site.files {
		if c := all[above(f.name)]; c != nil && isShown(f.name) {
			c.files = append(c.files, f)
			c.sees(f.info.ModTime(), f.info.ModTime())
		}
	}
	// From behind: what is in a folder comes before the folder.
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(all))) {
		c := all[name]
		slices.Sort(c.folders)
		slices.SortFunc(c.files, func(a, b *file) int { return strings.Compare(a.name, b.name) })
		if name != "" {
			up := all[above(name)]
			up.folders = append(up.folders, path.Base(name))
			up.sees(c.newest, c.changed)
		}
	}
	return all
}

func (c *contents) sees(newest, changed time.Time) {
	if newest.After(c.newest) {
		c.newest = newest
	}
	if changed.After(c.changed) {
		c.changed = changed
	}
}

// enter remembers a folder that may be listed.
func (s *Site) enter(name string, info fs.FileInfo) {
	switch {
	case !s.config.Index:
	case name == ".":
		s.folders[""] = info.ModTime()
	case isShown(name):
		s.folders[name] = info.ModTime()
	}
}

// above is the path of the folder that something is in.
func above(name string) string { return name[:max(strings.LastIndexByte(name, '/'), 0)] }

// isShown says whether something belongs into a list: no part of its name is hidden, and its URL is not refused.
func isShown(name string) bool {
	return name[0] != '.' && !strings.Contains(name, "/.") && !hosts.BadPath("/"+name) && !hosts.HidesSeparator(name, "")
}

// listing makes the page of a folder, or takes the one that was there before with all its codings.
func (r *reader) listing(f *file, c *contents, all map[string]*contents) *page.Page {
	body := listingOf(r.site.config.Below+clean(f.name), above(f.name), c, all)
	header, modified := r.header(f, f.mediaType), page.LastModified(c.changed, r.now)
	if was := r.last.listings[f.name]; was != nil && bytes.Equal(body, was.page.Body()) && slices.Equal(header, was.page.Header()) {
		return was.page.At(modified)
	}
	return page.New(page.Response{Status: http.StatusOK, Header: header, Modified: modified, OfFile: true, Body: body, Seldom: true})
}

const listingHead = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Index of %[1]s</title>
<style>
body { font-family: system-ui, sans-serif; margin: 1em }
h1 { font-size: 1.3em; overflow-wrap: anywhere }
th, td { text-align: left; padding: .1em 1.5em .1em 0; font-variant-numeric: tabular-nums; white-space: nowrap }
td:first-child { overflow-wrap: anywhere; white-space: normal }
th:nth-child(2), td:nth-child(2) { text-align: right }
</style>
</head>
<body>
<h1>Index of %[1]s</h1>
<table>
<tr><th>Name</th><th>Bytes</th><th>Date (UTC)</th></tr>
`

// listingOf is the list of a folder: the way up, folders, then files, each in the order of their names. The date of a folder is that
// of the newest file in it.
func listingOf(title, folder string, c *contents, all map[string]*contents) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, listingHead, shown(title))
	if folder != "" {
		b.WriteString(`<tr><td><a href="../">../</a></td><td></td><td></td></tr>` + "\n")
	}
	for _, name := range c.folders {
		row(&b, name+"/", "", all[path.Join(folder, name)].newest)
	}
	for _, f := range c.files {
		row(&b, path.Base(f.name), strconv.FormatInt(f.info.Size(), 10), f.info.ModTime())
	}
	b.WriteString("</table>\n</body>\n</html>\n")
	return b.Bytes()
}

func row(b *bytes.Buffer, name, size string, of time.Time) {
	date := ""
	if !page.IsOld(of) {
		date = of.UTC().Format("2006-01-02 15:04")
	}
	// In the form of a URL a name with a colon is not taken for one with a scheme.
	href := html.EscapeString((&url.URL{Path: name}).String())
	for _, part := range [...]string{`<tr><td><a href="`, href, `">`, shown(name), "</a></td><td>", size, "</td><td>", date, "</td></tr>\n"} {
		b.WriteString(part)
	}
}

// shown is a name as it stands in a page.
func shown(name string) string { return html.EscapeString(strings.ToValidUTF8(name, "\uFFFD")) }

// roomForNames is how many bytes it may take to know what files there are: lists of them take a fifth of what the files do.
func (c *Config) roomForNames() int64 {
	if c.Index {
		return c.Listing / 6 * 5
	}
	return c.Listing
}
