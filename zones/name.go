package zones

import (
	"bytes"

	"tinycdn/zones/zonefile"
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
		if zonefile.LowerByte(b[i]) != c {
			return false
		}
	}
	return true
}

// countLabels counts the labels of a name, without the root's.
func countLabels(name []byte) int {
	n := 0
	for ; name[0] != 0; name = name[name[0]+1:] {
		n++
	}
	return n
}

// NameText gives a name as people write it, without the final dot.
func NameText(name []byte) string { return zonefile.NameText(name) }

// lowered returns a name in lower case.
func lowered(name []byte) []byte {
	b := bytes.Clone(name)
	zonefile.Lower(b)
	return b
}

// CheckName says what keeps a text from being a zone's name.
func CheckName(text string) error {
	_, err := zonefile.ParseOrigin(text)
	return err
}
