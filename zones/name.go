package zones

import (
	"bytes"
	"strings"
)

// Names are in wire form: labels, each behind its length, and the root's, which is empty. Lengths are below 64 and so are never taken for letters.

// nameLen is the length of the uncompressed name that b begins with.
func nameLen(b []byte) int {
	n := 0
	for b[n] != 0 {
		n += int(b[n]) + 1
	}
	return n + 1
}

// sameName says whether b begins with the name that is name in lower case.
func sameName(b, name []byte) bool {
	if len(b) < len(name) {
		return false
	}
	for i, c := range name {
		if lower(b[i]) != c {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// countLabels counts the labels of a name, without the root's.
func countLabels(name []byte) int {
	n := 0
	for ; name[0] != 0; name = name[name[0]+1:] {
		n++
	}
	return n
}

// NameText gives a name in wire form as people write it, without the final dot.
func NameText(name []byte) string {
	if len(name) <= 1 {
		return "."
	}
	var b strings.Builder
	for ; name[0] != 0; name = name[name[0]+1:] {
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		for _, c := range name[1 : 1+name[0]] {
			switch {
			case c == '.' || c == '\\':
				b.WriteByte('\\')
				b.WriteByte(c)
			case c < '!' || c > '~':
				b.WriteByte('\\')
				b.WriteByte('0' + c/100)
				b.WriteByte('0' + c/10%10)
				b.WriteByte('0' + c%10)
			default:
				b.WriteByte(c)
			}
		}
	}
	return b.String()
}

// lowered returns a name in lower case.
func lowered(name []byte) []byte {
	b := make([]byte, len(name))
	for i, c := range name {
		b[i] = lower(c)
	}
	return b
}

// isBelow says whether name is zone or a name in it.
func isBelow(name, zone []byte) bool {
	for len(name) > len(zone) {
		name = name[name[0]+1:]
	}
	return bytes.Equal(name, zone)
}
