package hosts

import (
	"cmp"
	"strings"
)

// BadPath says whether a path, without its escapes, is one that no honest client sends and that servers have understood in
// different ways: one with a dot segment or a control character, or one that does not begin with a slash.
func BadPath(path string) bool {
	if path == "" || path[0] != '/' {
		return true
	}
	for i := range len(path) {
		switch c := path[i]; {
		case c < 0x20 || c == 0x7f:
			return true
		case (c == '/' || c == '\\') && isDotSegment(path[i+1:]):
			return true
		}
	}
	return false
}

// HidesSeparator says whether a path has an encoded slash or a backslash. To files they would be separators or parts of a
// name, as who reads it likes; applications have names with a slash in them, and take it encoded.
func HidesSeparator(path, raw string) bool {
	if strings.IndexByte(path, '\\') >= 0 {
		return true
	}
	for i := 0; i+2 < len(raw); i++ { // it holds escapes that need not be
		if raw[i] == '%' && raw[i+1] == '2' && raw[i+2]|0x20 == 'f' {
			return true
		}
	}
	return false
}

// Merged is a path with one slash wherever it has several in a row; "" if it has no such place.
func Merged(path string) string {
	if !strings.Contains(path, "//") {
		return ""
	}
	var b strings.Builder
	for i := range len(path) {
		if path[i] != '/' || i == 0 || path[i-1] != '/' {
			b.WriteByte(path[i])
		}
	}
	return b.String()
}

// Undotted is a path without its segments "." (RFC 3986, 5.2.4), as apt asks for the files of a flat repository, and with one slash
// wherever that leaves several in a row; "": it has none, or is a BadPath without them, too.
func Undotted(path string) string {
	segments := strings.Split(path, "/")
	kept := segments[:0:0]
	for i, s := range segments {
		switch {
		case s != ".":
			kept = append(kept, s)
		case i == len(segments)-1:
			kept = append(kept, "") // what it is in is a folder
		}
	}
	plain := strings.Join(kept, "/")
	if plain == path || BadPath(plain) {
		return ""
	}
	return cmp.Or(Merged(plain), plain)
}

// isDotSegment says whether a path goes on with "." or ".." and then a separator, or nothing.
func isDotSegment(rest string) bool {
	rest, ok := strings.CutPrefix(rest, ".")
	if !ok {
		return false
	}
	rest = strings.TrimPrefix(rest, ".")
	return rest == "" || rest[0] == '/' || rest[0] == '\\'
}
