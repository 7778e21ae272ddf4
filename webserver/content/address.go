package content

import (
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// datedName is the name of a post that begins with its date: 2024-01-05-first-post.
var datedName = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})[-_](.+)$`)

// place is where a Markdown file stands in the site.
type place struct {
	folder  string    // of its section, from the root, without slashes at its ends; "" is the root
	url     string    // path as it is asked for, not escaped
	section bool      // it is the _index.md of its folder
	own     string    // the folder that is the page's own: it is the index.md of it
	date    time.Time // in the file's name
}

// placeOf reads a file's path below the content folder. Front matter may say otherwise afterwards.
func placeOf(file string) place {
	folder, name := path.Split(strings.TrimSuffix(file, ".md"))
	folder = strings.Trim(folder, "/")
	switch name {
	case "_index":
		return place{folder: folder, url: folderURL(folder), section: true}
	case "index":
		if folder == "" {
			return place{url: "/"}
		}
		p := placeOf(folder)
		p.own = folder
		return p
	}
	p := place{folder: folder}
	if parts := datedName.FindStringSubmatch(name); parts != nil {
		if date, err := time.Parse(time.DateOnly, parts[1]); err == nil {
			p.date, name = date, parts[2]
		}
	}
	p.url = folderURL(folder) + slugOf(name) + "/"
	return p
}

// folderURL is the URL of a folder: /some/where/.
func folderURL(folder string) string {
	if folder == "" {
		return "/"
	}
	parts := strings.Split(folder, "/")
	for i, part := range parts {
		parts[i] = slugOf(part)
	}
	return "/" + strings.Join(parts, "/") + "/"
}

// withSlug is a URL with another last part.
func withSlug(url, slug string) string {
	above := path.Dir(strings.TrimSuffix(url, "/"))
	return strings.TrimSuffix(above, "/") + "/" + slugOf(slug) + "/"
}

// slugOf makes a part of a URL: lower case, with hyphens for spaces and without what has a meaning in URLs. Letters of
// all scripts stay, and so does the + of C++, which is not C.
func slugOf(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(name) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), strings.ContainsRune("._~+#", r):
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
		case r == '-' || unicode.IsSpace(r):
			gap = true
		}
	}
	if slug := b.String(); strings.Trim(slug, ".") != "" {
		return slug
	}
	return "-"
}

// tidyPath is a path that was written by hand as one that is asked for: /some/where/, or /some/file.html.
func tidyPath(written string) string {
	tidy := "/" + strings.Trim(written, "/")
	if tidy == "/" || strings.HasSuffix(tidy, ".html") || strings.HasSuffix(tidy, ".htm") {
		return tidy
	}
	return tidy + "/"
}

// escaped is a path as it stands in a link.
func escaped(path string) string { return (&url.URL{Path: path}).EscapedPath() }
