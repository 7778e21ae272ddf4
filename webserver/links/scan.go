package links

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// found is what a page has to do with links.
type found struct {
	base    string // of relative links: <base href>; "": the page itself
	links   []link
	anchors map[string]bool
}

// link is a link as it is written, white space around it left out.
type link struct {
	text string
	line int
}

// carriers are the attributes that hold links, by element.
var carriers = map[string][]string{
	"a": {"href"}, "area": {"href"}, "link": {"href"},
	"img": {"src"}, "script": {"src"}, "iframe": {"src"}, "frame": {"src"}, "embed": {"src"}, "input": {"src"},
	"source": {"src"}, "track": {"src"}, "audio": {"src"}, "video": {"src", "poster"}, "object": {"data"},
}

// scan reads HTML as a browser does, tag by tag. No bytes are wrong: what is no tag is text.
func scan(page []byte) found {
	f := found{anchors: map[string]bool{}}
	line := 1
	for z := html.NewTokenizer(bytes.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return f
		case html.StartTagToken, html.SelfClosingTagToken:
			lines := bytes.Count(z.Raw(), []byte("\n")) // before the attributes are read, which writes over it
			f.tag(z, line)
			line += lines
		default:
			line += bytes.Count(z.Raw(), []byte("\n"))
		}
	}
}

// tag takes what the next tag of z has to do with links.
func (f *found) tag(z *html.Tokenizer, line int) {
	name, more := z.TagName()
	element := string(name)
	attributes := map[string]string{}
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		if _, twice := attributes[string(key)]; !twice { // the first one holds
			attributes[string(key)] = string(value)
		}
	}
	if id := attributes["id"]; id != "" {
		f.anchors[id] = true
	}
	switch element {
	case "base":
		if f.base == "" {
			f.base = strings.TrimSpace(attributes["href"])
		}
	case "a":
		if name := attributes["name"]; name != "" {
			f.anchors[name] = true
		}
	case "link":
		if hintsHost(attributes["rel"]) {
			return
		}
	case "meta":
		if strings.EqualFold(attributes["http-equiv"], "refresh") {
			f.add(refresh(attributes["content"]), line)
		}
	case "img", "source":
		for _, url := range candidates(attributes["srcset"]) {
			f.add(url, line)
		}
	}
	for _, key := range carriers[element] {
		f.add(attributes[key], line)
	}
}

// add takes a link. Browsers drop line ends and tabs inside URLs, and so do we. An empty one is the page itself.
func (f *found) add(text string, line int) {
	if text = strings.TrimSpace(strings.NewReplacer("\n", "", "\r", "", "\t", "").Replace(text)); text != "" {
		f.links = append(f.links, link{text, line})
	}
}

// hintsHost says that a link element names a host to be made ready, not a page.
func hintsHost(rel string) bool {
	for word := range strings.FieldsSeq(strings.ToLower(rel)) {
		if word == "preconnect" || word == "dns-prefetch" {
			return true
		}
	}
	return false
}

// refresh is the URL in <meta http-equiv="refresh" content="0; url=/there">, "" if there is none.
func refresh(content string) string {
	at := strings.IndexAny(content, ";,")
	if at < 0 {
		return ""
	}
	rest := strings.TrimSpace(content[at+1:])
	if len(rest) >= 3 && strings.EqualFold(rest[:3], "url") {
		if url, ok := strings.CutPrefix(strings.TrimSpace(rest[3:]), "="); ok {
			rest = strings.TrimSpace(url)
		}
	}
	if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
		rest, _, _ = strings.Cut(rest[1:], rest[:1])
	}
	return rest
}

// candidates are the URLs of a srcset: "small.png 1x, large.png 2x". A URL ends at white space only, for it may hold
// commas, as data URLs do; those at its end are not its own (HTML, 4.8.4.2.1).
func candidates(srcset string) (urls []string) {
	const space = " \t\n\f\r"
	for {
		srcset = strings.TrimLeft(srcset, space+",")
		if srcset == "" {
			return urls
		}
		url, rest := srcset, ""
		if end := strings.IndexAny(srcset, space); end >= 0 {
			url, rest = srcset[:end], srcset[end:]
		}
		if bare := strings.TrimRight(url, ","); bare != url {
			url = bare
		} else {
			_, rest, _ = strings.Cut(rest, ",") // the description of the size
		}
		urls = append(urls, url)
		srcset = rest
	}
}
