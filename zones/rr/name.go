// Package rr has what all who read or make resource records share: names in wire form, the numbers of types, and the hash that a
// name is found by.
package rr

import (
	"bytes"
	"fmt"
	"strings"
)

// Names are in wire form: labels, each behind its length, and the root's, which is empty. Lengths are below 64 and so are never taken for letters.

const (
	// MaxName is the most octets of a name in wire form (RFC 1035, 2.3.4).
	MaxName   = 255
	MaxLabels = 128 // of such a name, the root's included
)

// NameLen is the length of the uncompressed name that b begins with.
func NameLen(b []byte) int {
	n := 0
	for b[n] != 0 {
		n += int(b[n]) + 1
	}
	return n + 1
}

// SameName says whether b begins with the name that is name in lower case.
func SameName(b, name []byte) bool {
	if len(b) < len(name) {
		return false
	}
	for i, c := range name {
		if LowerByte(b[i]) != c {
			return false
		}
	}
	return true
}

// CountLabels counts the labels of a name, without the root's.
func CountLabels(name []byte) int {
	n := 0
	for ; name[0] != 0; name = name[name[0]+1:] {
		n++
	}
	return n
}

// Lowered returns a name in lower case.
func Lowered(name []byte) []byte {
	b := bytes.Clone(name)
	Lower(b)
	return b
}

// Lower turns a name in wire form into lower case. A length is at most 63 and so is never taken for a letter.
func Lower(wire []byte) {
	for i, c := range wire {
		wire[i] = LowerByte(c)
	}
}

// LowerByte turns an octet of a name into lower case. Only ASCII has letter case (RFC 4343).
func LowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// IsBelow reports whether a name is origin or lies below it. Both are in wire form and lower case.
func IsBelow(name, origin []byte) bool {
	if !bytes.HasSuffix(name, origin) {
		return false
	}
	cut := len(name) - len(origin)
	at := 0
	for at < cut {
		at += 1 + int(name[at])
	}
	return at == cut // on the border of a label, not inside one that looks alike
}

// NameText writes a name in wire form as people do: without the final dot, but "." for the root.
func NameText(wire []byte) string {
	if len(wire) <= 1 {
		return "."
	}
	var text strings.Builder
	for at := 0; wire[at] != 0; at += 1 + int(wire[at]) {
		if at > 0 {
			text.WriteByte('.')
		}
		for _, c := range wire[at+1 : at+1+int(wire[at])] {
			switch {
			case c <= ' ' || c >= 0x7f:
				fmt.Fprintf(&text, `\%03d`, c)
			case strings.IndexByte(`."();@$\`, c) >= 0:
				text.WriteByte('\\')
				text.WriteByte(c)
			default:
				text.WriteByte(c)
			}
		}
	}
	return text.String()
}
