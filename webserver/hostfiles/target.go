package hostfiles

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"tinycdn/webserver/hosts"
)

// target is where a rule leads: a location in which names of the pattern may stand. The zero target leads nowhere.
type target struct {
	texts   []string // escaped; before, between and behind the names
	names   []int    // their numbers
	inQuery []bool   // of each: it stands behind a ?
	path    string   // of one without names: its path, without escapes
}

var errHostOfName = errors.New("a placeholder would become a part of the host")

// parseTarget reads where a rule leads that has found what names stand for. strange are names in it that it has not.
func parseTarget(text string, names []string) (t target, strange []string, err error) {
	text = escaped(text)
	pathBegins, begin, query := hostEnd(text), 0, strings.IndexByte(text, '?')
	for at := range len(text) {
		word := ""
		if at >= begin && text[at] == ':' {
			word = wordAt(text, at+1)
		}
		number, length := nameOf(word, names)
		switch {
		case word == "":
			continue
		case number < 0:
			if at > pathBegins && text[at-1] == '/' {
				strange = append(strange, ":"+word)
			}
			continue
		case at < pathBegins:
			return t, nil, errHostOfName
		}
		t.texts = append(t.texts, text[begin:at])
		t.names = append(t.names, number)
		t.inQuery = append(t.inQuery, query >= 0 && at > query)
		begin = at + 1 + length
	}
	t.texts = append(t.texts, text[begin:])
	if u, err := url.Parse(strings.Join(t.texts, "x")); err != nil || u.Scheme != "" && u.Host == "" {
		return t, nil, fmt.Errorf("%q is neither a path nor a URL", text)
	}
	t.path = pathOf(text)
	return t, strange, nil
}

// nameOf is the number of the name that a word is, or begins with before a "_", and its length; -1: there is none.
func nameOf(word string, names []string) (number, length int) {
	for n := len(word); n > 0; n = strings.LastIndexByte(word[:n], '_') {
		if number = slices.Index(names, word[:n]); number >= 0 {
			return number, n
		}
	}
	return -1, 0
}

// hostEnd is where the path of a URL begins; 0: the text is a path.
func hostEnd(text string) int {
	_, rest, ok := strings.Cut(text, "://")
	if !ok || text[0] == '/' {
		return 0
	}
	if at := strings.IndexAny(rest, "/?#"); at >= 0 {
		return len(text) - len(rest) + at
	}
	return len(text)
}

// escaped escapes what may not stand in a location: bytes that are not ASCII, a % that begins no escape, and a backslash, which
// browsers take for a slash.
func escaped(text string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if c <= ' ' || c >= 0x7f || c == '\\' || c == '%' && (i+2 >= len(text) || !isHex(text[i+1]) || !isHex(text[i+2])) {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }

// location is where it leads, escaped. That of a path begins with one slash: two would lead to another host.
func (t *target) location(v *values) string {
	if len(t.names) == 0 {
		return t.texts[0]
	}
	var b strings.Builder
	write := func(text string) {
		if strings.HasSuffix(b.String(), "/") {
			text = strings.TrimPrefix(text, "/") // behind a name that was empty, or ended in one
		}
		b.WriteString(text)
	}
	for i, number := range t.names {
		write(t.texts[i])
		switch value := v[number]; {
		case t.inQuery[i]:
			b.WriteString(url.QueryEscape(value))
		case strings.HasSuffix(b.String(), "/"):
			b.WriteString(escapedPath(strings.TrimLeft(value, "/")))
		default:
			b.WriteString(escapedPath(value))
		}
	}
	write(t.texts[len(t.texts)-1])
	if location := b.String(); !isPath(location) {
		return location
	}
	return "/" + strings.TrimLeft(b.String(), "/")
}

func escapedPath(value string) string { return (&url.URL{Path: "/" + value}).EscapedPath()[1:] }

// pathWithin is the path within the site that it leads to, without escapes.
func (t *target) pathWithin(v *values) string {
	if len(t.names) == 0 {
		return t.path
	}
	return pathOf(t.location(v))
}

// pathOf is the path of a location within the site, without escapes.
func pathOf(location string) string {
	if at := strings.IndexAny(location, "?#"); at >= 0 {
		location = location[:at]
	}
	return hosts.Unescaped(location)
}

func isPath(location string) bool { return strings.HasPrefix(location, "/") }
